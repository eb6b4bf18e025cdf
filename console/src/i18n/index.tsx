// The words of the console: a catalogue a language, loaded when it is chosen.

import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';
import type en from './en.ts';
import { Format } from './format.ts';
import { keep, kept } from '../ui/kept.ts';

export type Catalogue = { [Room in keyof typeof en]: { [Key in keyof (typeof en)[Room]]: string } };
/** The name of a text, as `keys.title`. */
export type TextKey = {
  [Room in keyof Catalogue]: `${Room}.${string & keyof Catalogue[Room]}`;
}[keyof Catalogue];
export type LanguageName = 'en' | 'zh-CN';
export type Values = Record<string, string | number>;

export type Text = {
  (key: TextKey, values?: Values): string;
  /** The text for a word of the server under a prefix, or the word itself where there is none. */
  of: (prefix: string, word: string, values?: Values) => string;
};

const CATALOGUES: Record<LanguageName, () => Promise<{ default: Catalogue }>> = {
  en: () => import('./en.ts'),
  'zh-CN': () => import('./zh.ts'),
};

type Spoken = { language: LanguageName; choose: (language: LanguageName) => void; t: Text; format: Format };
const Context = createContext<Spoken | null>(null);

/** The language that was chosen, or else the browser's. */
function first(): LanguageName {
  const name = kept('language') ?? navigator.language;
  return name.startsWith('zh') ? 'zh-CN' : 'en';
}

export function Language({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(first);
  const [catalogue, setCatalogue] = useState<Catalogue | null>(null);
  useEffect(() => {
    let current = true;
    void CATALOGUES[language]().then((loaded) => {
      if (current) setCatalogue(loaded.default);
    });
    document.documentElement.lang = language;
    return () => {
      current = false;
    };
  }, [language]);
  const choose = useCallback((chosen: LanguageName) => {
    keep('language', chosen);
    setLanguage(chosen);
  }, []);
  const spoken = useMemo(
    () => catalogue && { language, choose, t: speak(catalogue, language), format: new Format(language) },
    [catalogue, language, choose],
  );
  return spoken && <Context.Provider value={spoken}>{children}</Context.Provider>;
}

function useSpoken(): Spoken {
  const spoken = useContext(Context);
  if (!spoken) throw new Error('no language is loaded');
  return spoken;
}

export const useText = (): Text => useSpoken().t;
export const useFormat = (): Format => useSpoken().format;
export function useLanguage() {
  const { language, choose } = useSpoken();
  return { language, choose };
}

function speak(catalogue: Catalogue, language: LanguageName): Text {
  const numbers = new Intl.NumberFormat(language);
  const find = (key: string): string | undefined => {
    const at = key.indexOf('.');
    const room: Record<string, string> | undefined = catalogue[key.slice(0, at) as keyof Catalogue];
    return room?.[key.slice(at + 1)];
  };
  const t = (key: string, values?: Values) => filled(find(key) ?? key, values ?? {}, numbers);
  const of = (prefix: string, word: string, values?: Values) =>
    filled(find(`${prefix}.${word}`) ?? word, values ?? {}, numbers);
  return Object.assign(t, { of });
}

/** Puts values into a text: `{name}`, and `{count|one|many}` for what depends on a number. */
export function filled(text: string, values: Values, numbers: Intl.NumberFormat): string {
  return text.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (whole, name: string, one?: string, many?: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    if (one !== undefined && many !== undefined) return value === 1 ? one : many;
    return typeof value === 'number' ? numbers.format(value) : value;
  });
}
