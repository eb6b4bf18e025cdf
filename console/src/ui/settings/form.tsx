// Settings as a form: by groups, with a search, saved together.

import { useEffect, useState, useSyncExternalStore } from 'react';
import { Trouble } from '../../api/client.ts';
import { useMayChange } from '../../api/queries.ts';
import type { Setting } from '../../api/schema.ts';
import { useText } from '../../i18n/index.tsx';
import { useParams } from '../address.ts';
import { Checkbox, Input } from '../field.tsx';
import { useDraft } from '../form.ts';
import { SaveBar } from '../save-bar.tsx';
import { Empty, Loading, Shown } from '../state.tsx';
import { useToast } from '../toast.tsx';
import { wrong } from './check.ts';
import { isOwn, ownValues, saveSettings, useSettings, type Own, type Owner } from './data.ts';
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
  const toast = useToast();
  const mayChange = useMayChange();
  const here = useAnchor();
  const [read, change] = useParams();
  const [search, onlySet] = [read('search') ?? '', read('set') === '1'];
  const draft = useDraft(ownValues(settings, owner));
  const [refused, setRefused] = useState<{ name: string; message: string } | null>(null);
  const [busy, setBusy] = useState(false);
  const shown = settings.filter((it) => fits(it, search, names) && (!onlySet || it.source !== 'default'));
  const hasWrong = settings.some((it) => it.name in draft.changes && wrong(t, it, draft.values[it.name] ?? null));
  const save = async () => {
    setBusy(true);
    setRefused(null);
    try {
      await saveSettings(owner, changed(draft.changes));
      draft.reset();
      toast.done(t('ui.saved'));
    } catch (error) {
      if (error instanceof Trouble && error.field && error.field in draft.changes) {
        setRefused({ name: error.field, message: error.message });
        document.getElementById(error.field)?.scrollIntoView({ block: 'center' });
      } else toast.failed(error);
    } finally {
      setBusy(false);
    }
  };
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
        <Checkbox label={t('settings.form.only_set')} checked={onlySet} onChange={(on) => change({ set: on ? '1' : null })} />
        <span role="status" className="text-muted">
          {t('settings.form.count', { count: shown.length })}
        </span>
      </div>
      {shown.length === 0 && <div className="card"><Empty title={t('settings.form.nothing')} text={t('settings.form.nothing_text')} /></div>}
      {grouped(shown).map(([group, rows]) => (
        <section key={group} aria-labelledby={`group-${group}`} className="flex flex-col gap-2">
          <h2 id={`group-${group}`} className="scroll-mt-20 text-base">
            {names.group(group)}
          </h2>
          <div className="card overflow-hidden">
            {rows.map((setting) => (
              <SettingRow
                key={setting.name}
                setting={setting}
                owner={owner}
                names={names}
                own={draft.values[setting.name] ?? null}
                isChanged={setting.name in draft.changes}
                otherwise={otherwise(setting, server, owner)}
                refusal={refused?.name === setting.name ? refused.message : undefined}
                mayChange={mayChange}
                isHere={here === setting.name}
                onChange={(text) => {
                  draft.set({ [setting.name]: text });
                  setRefused((before) => (before?.name === setting.name ? null : before));
                }}
              />
            ))}
          </div>
        </section>
      ))}
      <SaveBar count={Object.keys(draft.changes).length} busy={busy} blocked={hasWrong} onSave={() => void save()} onDiscard={() => { draft.reset(); setRefused(null); }} />
    </div>
  );
}

const changed = (changes: Partial<Own>): Own => Object.fromEntries(Object.entries(changes).map(([name, text]) => [name, text ?? null]));

/** What holds when the owner sets nothing. */
function otherwise(setting: Setting, server: Setting[], owner: Owner): string {
  if (!isOwn(setting, owner)) return setting.value ?? setting.default;
  const above = owner === null ? undefined : server.find((it) => it.name === setting.name);
  return above?.value ?? setting.default;
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
