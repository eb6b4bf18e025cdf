// Which rows of the table are not drawn: kept in the address.

import { useCallback, useMemo, useRef } from 'react';
import { useParam } from '../../ui/address.ts';
import { DRAWN } from './data.ts';

/** The name of those that are drawn together. */
export const OTHERS = '*others';

type Hidden = { has: (id: string) => boolean; toggle: (id: string) => void; only: (id: string, all: string[]) => void };

export function useHidden(): Hidden {
  const [text, setText] = useParam('hide');
  const hidden = useMemo(() => new Set(text ? text.split(',').map(decodeURIComponent) : []), [text]);
  const put = (ids: Iterable<string>) => setText([...ids].map(encodeURIComponent).join(',') || null);
  return {
    has: (id) => hidden.has(id),
    toggle: (id) => put(hidden.has(id) ? [...hidden].filter((it) => it !== id) : [...hidden, id]),
    /** Singles one out, or shows all again where it is alone already. */
    only: (id, all) => {
      const others = all.filter((it) => it !== id);
      put(!hidden.has(id) && others.every((it) => hidden.has(it)) ? [] : others);
    },
  };
}

/** The colour of each that is drawn: it keeps it while it is drawn, whatever its place becomes. */
export function useTints(ids: string[]): (id: string) => number {
  const given = useRef(new Map<string, number>());
  const drawn = new Set(ids);
  for (const id of given.current.keys()) if (!drawn.has(id)) given.current.delete(id);
  for (const id of ids) {
    if (given.current.has(id)) continue;
    const taken = new Set(given.current.values());
    given.current.set(id, Array.from({ length: DRAWN }, (_, tint) => tint).find((tint) => !taken.has(tint)) ?? DRAWN);
  }
  return useCallback((id) => given.current.get(id) ?? DRAWN, []);
}
