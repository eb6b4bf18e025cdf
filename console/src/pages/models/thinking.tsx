// How much models think when a chat does not say, and whether they tell of it.

import { useId } from 'react';
import { useMayChange } from '../../api/queries.ts';
import { Section } from '../../frame/page.tsx';
import { useText } from '../../i18n/index.tsx';
import { Field, Input, Select } from '../../ui/field.tsx';
import { otherwise } from '../../ui/settings/draft.ts';
import { SourceLine } from '../../ui/settings/source-line.tsx';
import type { EditedParts } from './edited.tsx';
import { PAIR } from './entries.ts';
import { Pairs } from './pairs.tsx';

const DEFAULT = 'thinking.default';
const INCLUDE = 'thinking.include_thoughts';
const MODELS = 'thinking.models';
const EFFORTS = ['off', 'dynamic', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

export function Thinking(parts: EditedParts) {
  const { owner, draft, models, find, text, setWrong, round } = parts;
  const t = useText();
  const setting = find(MODELS);
  return (
    <>
      <Section title={t('models.thinking.title')}>
        <Defaults {...parts} />
      </Section>
      <Section title={t('models.efforts.title')} note={t('models.efforts.note')}>
        <div id={MODELS} className="card flex flex-col gap-3 p-4">
          <Pairs
            key={round}
            label={t('models.efforts.title')}
            format={PAIR}
            columns={[
              { head: t('models.efforts.model'), placeholder: 'gemini-3*', choices: models.map((it) => it.id) },
              { head: t('models.efforts.effort'), placeholder: 'low', choices: EFFORTS },
            ]}
            text={text(MODELS)}
            onText={(changed) => draft.set(MODELS, changed)}
            onWrong={setWrong}
          />
          {setting && <SourceLine setting={setting} owner={owner} draft={draft} label={t('models.efforts.title')} />}
        </div>
      </Section>
    </>
  );
}

function Defaults({ owner, server, draft, find }: EditedParts) {
  const t = useText();
  const list = useId();
  const mayChange = useMayChange();
  const [effort, include] = [find(DEFAULT), find(INCLUDE)];
  if (!effort || !include) return null;
  const usual = (setting: typeof effort) => t.of('settings.default', otherwise(setting, server, owner));
  return (
    <div className="card grid gap-4 p-4 min-[800px]:grid-cols-2">
      <div id={DEFAULT} className="flex min-w-0 flex-col gap-1">
        <Field label={t('models.thinking.default')} help={t('models.thinking.default_help')}>
          <Input list={list} disabled={!mayChange} placeholder={usual(effort)} value={draft.own(DEFAULT) ?? ''} onChange={(event) => draft.set(DEFAULT, event.target.value || null)} />
        </Field>
        <datalist id={list}>
          {EFFORTS.map((it) => <option key={it} value={it} />)}
        </datalist>
        <SourceLine setting={effort} owner={owner} draft={draft} label={t('models.thinking.default')} />
      </div>
      <div id={INCLUDE} className="flex min-w-0 flex-col gap-1">
        <Field label={t('models.thinking.include')} help={t('models.thinking.include_help')}>
          <Select
            disabled={!mayChange}
            value={draft.own(INCLUDE) ?? ''}
            choices={[
              { value: '', label: t(owner === null ? 'settings.form.otherwise' : 'settings.form.as_server', { value: t.of('settings.choice', usual(include)) }) },
              { value: 'true', label: t('ui.yes') },
              { value: 'false', label: t('ui.no') },
            ]}
            onChange={(event) => draft.set(INCLUDE, event.target.value || null)}
          />
        </Field>
        <SourceLine setting={include} owner={owner} draft={draft} label={t('models.thinking.include')} />
      </div>
    </div>
  );
}
