// Which rows of a list are chosen: a few by name, over all pages.

import { useCallback, useMemo, useState } from 'react';

export type Selection = {
  ids: ReadonlySet<number>;
  has: (id: number) => boolean;
  toggle: (id: number) => void;
  /** Chooses or drops several. */
  put: (ids: Iterable<number>, chosen: boolean) => void;
  /** These and no others. */
  only: (ids: Iterable<number>) => void;
  clear: () => void;
};

export function useSelection(): Selection {
  const [ids, setIds] = useState<ReadonlySet<number>>(new Set());
  const put = useCallback((changed: Iterable<number>, chosen: boolean) => {
    setIds((before) => {
      const after = new Set(before);
      for (const id of changed) {
        if (chosen) after.add(id);
        else after.delete(id);
      }
      return after;
    });
  }, []);
  return useMemo(
    () => ({
      ids,
      has: (id) => ids.has(id),
      toggle: (id) => put([id], !ids.has(id)),
      put,
      only: (chosen) => setIds(new Set(chosen)),
      clear: () => setIds(new Set()),
    }),
    [ids, put],
  );
}
