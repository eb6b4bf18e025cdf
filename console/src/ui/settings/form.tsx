// Settings as a form: by groups, with a search, saved together.

import { useEffect, useSyncExternalStore } from 'react';
import { useMayChange } from '../../api/queries.ts';
import type { Setting } from '../../api/schema.ts';
import { useText } from '../../i18n/index.tsx';
import { useParams } from '../address.ts';
import { Checkbox, Input, Select } from '../field.tsx';
import { SaveBar } from '../save-bar.tsx';
import { Empty, Loading, Shown } from '../state.tsx';
import { wrong } from './check.ts';
import { useSettings, type Owner } from './data.ts';
import { otherwise, useSettingsDraft } from './draft.ts';
import { groupOf, useSettingNames, type SettingNames } from './names.ts';
import { SettingRow } from './row.tsx';

export function SettingsForm({ owner }: { owner: Owner }) {
  const settings = useSettings(owner);
  const server = useSettings(null);
  const names = useSettingNames();
  return (
    <Shown of={settings} lines={8}>
      {(known) => (names && server.data ? <Form settings={known} server={server.data} owner={owner} names={names} /> : <Loading lines={8} />)}
    </Shown>
  );
}

type FormProps = { settings: Setting[]; server: Setting[]; owner: Owner; names: SettingNames };

function Form({ settings, server, owner, names }: FormProps) {
  const t = useText();
  const mayChange = useMayChange();
  const here = useAnchor();
  const [read, change] = useParams();
  const [search, group, onlySet] = [read('search') ?? '', read('group') ?? '', read('set') === '1'];
  const draft = useSettingsDraft(settings, owner);
  const groups = [...new Set(settings.map((it) => groupOf(it.name)))];
  const shown = settings.filter((it) => fits(it, search, names) && (!onlySet || it.source !== 'default') && (!group || groupOf(it.name) === group));
  const hasWrong = settings.some((it) => draft.isChanged(it.name) && wrong(t, it, draft.own(it.name)));
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <div role="search" className="flex flex-wrap items-center gap-4">
        <Input
          type="search"
          aria-label={t('settings.form.search')}
          placeholder={t('settings.form.search')}
          className="max-w-80"
          value={search}
          onChange={(event) => change({ search: event.target.value })}
        />
        <Select
          aria-label={t('settings.form.group')}
          className="max-w-60"
          value={group}
          choices={[{ value: '', label: t('settings.form.all_groups') }, ...groups.map((value) => ({ value, label: names.group(value) }))]}
          onChange={(event) => change({ group: event.target.value })}
        />
        <Checkbox label={t('settings.form.only_set')} checked={onlySet} onChange={(on) => change({ set: on ? '1' : null })} />
        <span role="status" className="text-muted">
          {t('settings.form.count', { count: shown.length })}
        </span>
      </div>
      {shown.length === 0 && <div className="card"><Empty title={t('settings.form.nothing')} text={t('settings.form.nothing_text')} /></div>}
      {grouped(shown).map(([part, rows]) => (
        <section key={part} aria-labelledby={`group-${part}`} className="flex flex-col gap-2">
          <h2 id={`group-${part}`} className="scroll-mt-20 text-base">
            {names.group(part)}
          </h2>
          <div className="card overflow-hidden">
            {rows.map((setting) => (
              <SettingRow
                key={setting.name}
                setting={setting}
                owner={owner}
                names={names}
                own={draft.own(setting.name)}
                isChanged={draft.isChanged(setting.name)}
                otherwise={otherwise(setting, server, owner)}
                refusal={draft.refusal(setting.name)}
                mayChange={mayChange}
                isHere={here === setting.name}
                onChange={(text) => draft.set(setting.name, text)}
              />
            ))}
          </div>
        </section>
      ))}
      <SaveBar count={draft.count} busy={draft.busy} blocked={hasWrong} onSave={draft.save} onDiscard={draft.discard} />
    </div>
  );
}

function fits(setting: Setting, search: string, names: SettingNames): boolean {
  const texts = [setting.name, setting.variable, names.label(setting.name), names.help(setting), names.group(groupOf(setting.name))];
  const words = search.toLowerCase().split(/\s+/);
  return words.every((word) => texts.some((text) => text.toLowerCase().includes(word)));
}

function grouped(settings: Setting[]): [string, Setting[]][] {
  const groups = new Map<string, Setting[]>();
  for (const setting of settings) {
    const group = groupOf(setting.name);
    groups.set(group, [...(groups.get(group) ?? []), setting]);
  }
  return [...groups];
}

function watchHash(watcher: () => void) {
  window.addEventListener('hashchange', watcher);
  return () => window.removeEventListener('hashchange', watcher);
}

/** The setting that the address points at, which is brought into view. */
function useAnchor(): string {
  const here = useSyncExternalStore(watchHash, () => decodeURIComponent(window.location.hash.slice(1)));
  useEffect(() => {
    if (here) document.getElementById(here)?.scrollIntoView({ block: 'center' });
  }, [here]);
  return here;
}
