// The rows of the list: the pages of it that are in view, without the keys that are about to be deleted.

import { useQueries, useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { get, type Query } from '../../api/client.ts';
import { queries } from '../../api/queries.ts';
import type { KeyPage, KeyView } from '../../api/schema.ts';
import { FRESH_MS, allIds, useChanges, type Filters } from './data.ts';
import { useHidden } from './deletion.ts';

const PAGE = 200;
/** Scrolling past is no question: so long the view has to rest. */
const REST_MS = 80;
/** What changes while one looks would move the rows under the pointer. */
const MOVING = ['served', 'in_flight', 'state'];

const pageQuery = (asked: Query, page: number) => ({
  queryKey: ['keys', 'page', asked, page] as const,
  queryFn: ({ signal }: { signal: AbortSignal }) => get<KeyPage>('/keys', { ...asked, page, page_size: PAGE }, signal),
});

const known = (asked: Query, page: number) => queries.getQueryData<KeyPage>(['keys', 'page', asked, page]);

export type Rows = {
  /** How many there are; undefined before the first answer. */
  total: number | undefined;
  row: (index: number) => KeyView | undefined;
  view: (from: number, to: number) => void;
  error: unknown;
  again: () => void;
  /** Whether these are the rows of what was asked before. */
  isOld: boolean;
};

/** Where the rows that are left stand in the server's list; undefined while they are all of it. */
function usePlaces(asked: Query): number[] | undefined {
  const hidden = useHidden();
  const { data } = useQuery({ queryKey: ['keys', 'ids', asked], queryFn: () => allIds(asked), enabled: hidden.size > 0 });
  return useMemo(() => {
    if (hidden.size === 0 || !data) return undefined;
    return data.ids.flatMap((id, at) => (hidden.has(id) ? [] : [at]));
  }, [hidden, data]);
}

/** The list, of which only the pages in view are asked for. */
export function useRows(filters: Filters, sort: string): Rows {
  const asked = useMemo(() => ({ ...filters, sort }), [filters, sort]);
  const places = usePlaces(asked);
  const [pages, setPages] = useState([1]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const view = useCallback(
    (from: number, to: number) => {
      clearTimeout(timer.current);
      const first = Math.floor((places?.[from] ?? from) / PAGE) + 1;
      const last = Math.max(first, Math.ceil(((places?.[to - 1] ?? to - 1) + 1) / PAGE));
      const wanted = Array.from({ length: last - first + 1 }, (_, at) => first + at);
      timer.current = setTimeout(() => setPages((before) => (before.join() === wanted.join() ? before : wanted)), REST_MS);
    },
    [places],
  );
  useEffect(() => () => clearTimeout(timer.current), []);
  const moves = MOVING.includes(sort.replace('-', ''));
  const answers = useQueries({
    queries: pages.map((page) => ({ ...pageQuery(asked, page), refetchInterval: moves ? (false as const) : FRESH_MS })),
  });
  const total = answers.find((it) => it.data)?.data?.total ?? known(asked, 1)?.total;
  const last = useRef({ asked, total });
  if (total !== undefined) last.current = { asked, total };
  const shown = total === undefined ? last.current : { asked, total };
  useChanges();
  const row = (index: number) => {
    const place = places?.[index] ?? index;
    return known(shown.asked, Math.floor(place / PAGE) + 1)?.keys[place % PAGE];
  };
  return {
    total: places?.length ?? shown.total,
    row,
    view,
    error: answers.find((it) => it.error && !it.data)?.error ?? null,
    again: () => answers.forEach((it) => void it.refetch()),
    isOld: shown.asked !== asked,
  };
}
