// What a page shows stands in its address, so that a link says it all and Back works.

import { useCallback } from 'react';
import { useSearchParams } from 'wouter';

export type Change = Record<string, string | number | null | undefined>;

/** The parameters of the address, and a way to change some; null takes one away. */
export function useParams(): [(name: string) => string | null, (change: Change, push?: boolean) => void] {
  const [params, setParams] = useSearchParams();
  const read = useCallback((name: string) => params.get(name), [params]);
  const change = useCallback(
    (values: Change, push = false) => {
      setParams(
        (before) => {
          const after = new URLSearchParams(before);
          for (const [name, value] of Object.entries(values)) {
            if (value === null || value === undefined || value === '') after.delete(name);
            else after.set(name, String(value));
          }
          return after;
        },
        { replace: !push },
      );
    },
    [setParams],
  );
  return [read, change];
}

/** One parameter of the address. */
export function useParam(name: string, otherwise = ''): [string, (value: string | null) => void] {
  const [read, change] = useParams();
  const set = useCallback((value: string | null) => change({ [name]: value === otherwise ? null : value }), [change, name, otherwise]);
  return [read(name) ?? otherwise, set];
}
