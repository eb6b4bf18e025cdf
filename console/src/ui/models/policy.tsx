// What becomes of a model that Gemini does not list, and which one stands in for it.

import { useId } from 'react';
import { useMayChange } from '../../api/queries.ts';
import type { Model, Setting } from '../../api/schema.ts';
import { useText } from '../../i18n/index.tsx';
import { Field, Input, Select } from '../field.tsx';
import type { Owner } from '../settings/data.ts';
import { otherwise, type SettingsDraft } from '../settings/draft.ts';
import { SourceLine } from '../settings/source-line.tsx';

const POLICIES = ['ask', 'refuse', 'default'] as const;

type PolicyProps = { settings: Setting[]; server: Setting[]; owner: Owner; draft: SettingsDraft; models: Model[] };

export function UnknownModels({ settings, server, owner, draft, models }: PolicyProps) {
  const t = useText();
  const list = useId();
  const mayChange = useMayChange();
  const unknown = settings.find((it) => it.name === 'models.unknown');
  const stand = settings.find((it) => it.name === 'models.default');
  if (!unknown || !stand) return null;
  const usual = (setting: Setting) => t.of('settings.default', otherwise(setting, server, owner));
  const policies = POLICIES.map((value) => ({ value, label: t(`models.unknown.${value}`) }));
  return (
    <div className="card grid gap-4 p-4 min-[800px]:grid-cols-2">
      <div id={unknown.name} className="flex min-w-0 flex-col gap-1">
        <Field label={t('models.unknown')} help={t('models.unknown_help')}>
          <Select
            disabled={!mayChange}
            value={draft.own(unknown.name) ?? ''}
            choices={[{ value: '', label: t(owner === null ? 'settings.form.otherwise' : 'settings.form.as_server', { value: policies.find((it) => it.value === otherwise(unknown, server, owner))?.label ?? t('models.unknown.usual') }) }, ...policies]}
            onChange={(event) => draft.set(unknown.name, event.target.value || null)}
          />
        </Field>
        <SourceLine setting={unknown} owner={owner} draft={draft} label={t('models.unknown')} />
      </div>
      <div id={stand.name} className="flex min-w-0 flex-col gap-1">
        <Field label={t('models.default')} help={t('models.default_help')}>
          <Input
            list={list}
            disabled={!mayChange}
            placeholder={usual(stand)}
            value={draft.own(stand.name) ?? ''}
            onChange={(event) => draft.set(stand.name, event.target.value || null)}
          />
        </Field>
        <datalist id={list}>
          {models.map((it) => (
            <option key={it.id} value={it.id} />
          ))}
        </datalist>
        <SourceLine setting={stand} owner={owner} draft={draft} label={t('models.default')} />
      </div>
    </div>
  );
}
