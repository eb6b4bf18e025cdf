// Settings that are being edited: what is set, saved together, and what the server refuses.

import { useState } from 'react';
import { Trouble } from '../../api/client.ts';
import type { Setting } from '../../api/schema.ts';
import { useText } from '../../i18n/index.tsx';
import { useDraft } from '../form.ts';
import { useToast } from '../toast.tsx';
import { isOwn, ownValues, saveSettings, type Own, type Owner } from './data.ts';

type Refused = { name: string; message: string };

export function useSettingsDraft(settings: Setting[], owner: Owner) {
  const t = useText();
  const toast = useToast();
  const { values, changes, isDirty, set: put, reset } = useDraft(ownValues(settings, owner));
  const [refused, setRefused] = useState<Refused | null>(null);
  const [busy, setBusy] = useState(false);
  const discard = () => {
    reset();
    setRefused(null);
  };
  const save = async () => {
    setBusy(true);
    setRefused(null);
    try {
      await saveSettings(owner, changed(changes));
      reset();
      toast.done(t('ui.saved'));
    } catch (error) {
      const field = error instanceof Trouble ? error.field : null;
      const place = field && field in changes ? document.getElementById(field) : null;
      if (!(error instanceof Trouble) || !field || !place) return toast.failed(error);
      setRefused({ name: field, message: error.message });
      place.scrollIntoView({ block: 'center' });
    } finally {
      setBusy(false);
    }
  };
  return {
    own: (name: string): string | null => values[name] ?? null,
    set: (name: string, text: string | null) => {
      put({ [name]: text });
      setRefused((before) => (before?.name === name ? null : before));
    },
    isChanged: (name: string): boolean => name in changes,
    refusal: (name: string): string | null => (refused?.name === name ? refused.message : null),
    count: Object.keys(changes).length,
    isDirty,
    busy,
    save: () => void save(),
    discard,
  };
}

export type SettingsDraft = ReturnType<typeof useSettingsDraft>;

const changed = (changes: Partial<Own>): Own => Object.fromEntries(Object.entries(changes).map(([name, text]) => [name, text ?? null]));

/** What holds when the owner sets nothing. `server` are the settings of the server. */
export function otherwise(setting: Setting, server: Setting[], owner: Owner): string {
  if (!isOwn(setting, owner)) return setting.value ?? setting.default;
  const above = owner === null ? undefined : server.find((it) => it.name === setting.name);
  return above?.value ?? setting.default;
}
