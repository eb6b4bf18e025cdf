// Which models the callers of a pool may ask, and what becomes of those that Gemini does not list.

import { useState } from 'react';
import { useMayChange } from '../../../api/queries.ts';
import type { Model, Pool, Setting } from '../../../api/schema.ts';
import { Section } from '../../../frame/page.tsx';
import { useText } from '../../../i18n/index.tsx';
import { commas, useModels } from '../../../ui/models/data.ts';
import { UnknownModels } from '../../../ui/models/policy.tsx';
import { RefreshModels } from '../../../ui/models/refresh.tsx';
import { SaveBar } from '../../../ui/save-bar.tsx';
import { useSettings } from '../../../ui/settings/data.ts';
import { otherwise, useSettingsDraft } from '../../../ui/settings/draft.ts';
import { SourceLine } from '../../../ui/settings/source-line.tsx';
import { Failed, Loading, Shown } from '../../../ui/state.tsx';
import { Picker } from './picker.tsx';

const NAMES = ['models.allowed', 'models.unknown', 'models.default'];

export function AllowedModels({ pool }: { pool: Pool }) {
  const settings = useSettings(pool.id);
  const server = useSettings(null);
  const models = useModels(pool.id);
  return (
    <Shown of={settings} lines={8}>
      {(known) => {
        if (!server.data || (!models.data && !models.error)) return <Loading lines={8} />;
        return (
          <div className="flex flex-col gap-4">
            {/* Without the list, names can still be typed. */}
            {models.error && <Failed error={models.error} again={() => void models.refetch()} />}
            <Parts pool={pool} settings={known.filter((it) => NAMES.includes(it.name))} server={server.data} models={models.data ?? []} />
          </div>
        );
      }}
    </Shown>
  );
}

type PartsProps = { pool: Pool; settings: Setting[]; server: Setting[]; models: Model[] };
type Which = 'server' | 'any' | 'some';

function Parts({ pool, settings, server, models }: PartsProps) {
  const t = useText();
  const mayChange = useMayChange();
  const draft = useSettingsDraft(settings, pool.id);
  const [isPicking, setPicking] = useState(false);
  const allowed = settings.find((it) => it.name === 'models.allowed');
  if (!allowed) return null;
  const usual = otherwise(allowed, server, pool.id);
  const own = draft.own('models.allowed');
  // An empty list allows every model: while names are picked it is no choice, but not finished.
  const which: Which = own === null ? 'server' : own === '' && !isPicking ? 'any' : 'some';
  const isEmpty = which === 'some' && own === '';
  const choose = (chosen: Which) => {
    setPicking(chosen === 'some');
    // What is listed first is every model: the next click takes away what is not wanted.
    const first = commas(usual).length > 0 ? usual : models.map((it) => it.id).join(',');
    draft.set('models.allowed', chosen === 'server' ? null : chosen === 'any' ? '' : own || first || '*');
  };
  const texts: Record<Which, string> = {
    server: t('pools.models.as_server', { models: commas(usual).join(', ') || t('pools.models.all') }),
    any: t('pools.models.any'),
    some: t('pools.models.some'),
  };
  return (
    <div className="flex min-w-0 flex-col gap-8">
      <Section title={t('pools.models.title')} note={t('pools.models.note')} actions={mayChange && <RefreshModels pool={pool.id} />}>
        <div id="models.allowed" className="card flex flex-col gap-4 p-4">
          <fieldset className="flex flex-col gap-1" disabled={!mayChange}>
            <legend className="sr-only">{t('pools.models.title')}</legend>
            {(['server', 'any', 'some'] as const).map((it) => (
              <label key={it} className="flex min-h-6 items-start gap-2">
                <input type="radio" name="allowed" className="mt-0.5 size-4 accent-button" checked={which === it} onChange={() => choose(it)} />
                <span className="min-w-0 break-words">{texts[it]}</span>
              </label>
            ))}
          </fieldset>
          <Picker
            models={models}
            allowed={commas(own ?? usual)}
            isOpen={which === 'some' && mayChange}
            onChange={(names) => {
              setPicking(true);
              draft.set('models.allowed', names.join(','));
            }}
          />
          <SourceLine setting={allowed} owner={pool.id} draft={draft} label={t('pools.models.title')} error={isEmpty ? t('pools.models.empty') : null} />
        </div>
      </Section>
      <Section title={t('models.unknown_title')} note={t('models.unknown_note')}>
        <UnknownModels settings={settings} server={server} owner={pool.id} draft={draft} models={models} />
      </Section>
      <SaveBar
        count={draft.count}
        busy={draft.busy}
        blocked={isEmpty}
        onSave={draft.save}
        onDiscard={() => {
          setPicking(false);
          draft.discard();
        }}
      />
    </div>
  );
}
