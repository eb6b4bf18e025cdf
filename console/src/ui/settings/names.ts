// What settings are called and what they mean: a catalogue of its own, loaded with the pages that need it.

import { useQuery } from '@tanstack/react-query';
import type { Setting } from '../../api/schema.ts';
import { useLanguage, type LanguageName } from '../../i18n/index.tsx';

type Texts = Record<string, string>;
type Loaded = { names: Texts; help: Texts };

const LOAD: Record<LanguageName, () => Promise<Loaded>> = {
  // The server itself tells in English what each means.
  en: async () => ({ names: (await import('./names.en.json')).default, help: {} }),
  'zh-CN': async () => {
    const [names, help] = await Promise.all([import('./names.zh.json'), import('./help.zh.json')]);
    return { names: names.default, help: help.default };
  },
};

export type SettingNames = { label: (name: string) => string; help: (setting: Setting) => string; group: (name: string) => string };

/** Nothing until they are loaded. */
export function useSettingNames(): SettingNames | undefined {
  const { language } = useLanguage();
  const { data } = useQuery({ queryKey: ['setting-names', language], queryFn: LOAD[language], staleTime: Infinity });
  return (
    data && {
      label: (name) => data.names[name] ?? name,
      help: (setting) => data.help[setting.name] ?? setting.help,
      group: (name) => data.names[`group.${name}`] ?? name,
    }
  );
}

/** The first part of a name; `server` for names of one part. */
export const groupOf = (name: string): string => (name.includes('.') ? name.slice(0, name.indexOf('.')) : 'server');
