// What the server knows of requests: the last ones, the log, and one of them.

import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { get, Trouble, type Query } from '../../api/client.ts';
import type { Explained, LoggedRequest, LogPage, Requests } from '../../api/schema.ts';
import { ofLogged, ofSummary, type Row } from './row.ts';

const LAST = 1_000;
const PAGE = 200;
/** A log is not sought through for longer than this many pages of a thousand; for what just ended, not beyond one. */
const SOUGHT_PAGES = 5;

/** The last requests that fit, the last to end first. */
export function useLast(filter: Query) {
  return useQuery({
    queryKey: ['requests', 'last', filter],
    queryFn: async ({ signal }) => (await get<Requests>('/requests', { limit: LAST, ...filter }, signal)).requests.map(ofSummary),
  });
}

/** The ids of requests for which a key was asked at any time, not only last. */
export function useTried(key: string): ReadonlySet<string> {
  const { data } = useQuery({
    queryKey: ['requests', 'tried', key],
    queryFn: async ({ signal }) => (await get<Requests>('/requests', { limit: LAST, key }, signal)).requests.map((it) => it.id),
    enabled: key !== '',
    refetchInterval: 5_000,
  });
  return useMemo(() => new Set(key ? data : []), [key, data]);
}

/** The log, a page at a time. */
export function useLog(filter: Query) {
  return useInfiniteQuery({
    queryKey: ['request-log', filter],
    queryFn: ({ pageParam, signal }) => get<LogPage>('/request-log', { ...filter, limit: PAGE, before: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next ?? null,
    placeholderData: keepPreviousData,
  });
}

/** One request: explained, or what the log has of it; null when nobody knows it. */
export type Known = { explained: Explained } | { logged: Row } | null;

/** With `again`, it is awaited: asked for anew after so many milliseconds, until somebody knows it. */
export function useRequest(id: string, at: string | null, again: number | false) {
  return useQuery<Known>({
    queryKey: ['request', id],
    queryFn: async ({ signal }) => {
      const explained = await explain(id, signal);
      if (explained) return { explained };
      const logged = await seek(id, at, again === false ? SOUGHT_PAGES : 1, signal);
      return logged && { logged };
    },
    staleTime: Infinity,
    refetchOnWindowFocus: false,
    refetchInterval: (query) => (query.state.data === null ? again : false),
  });
}

async function explain(id: string, signal: AbortSignal): Promise<Explained | null> {
  try {
    return await get<Explained>(`/requests/${encodeURIComponent(id)}`, {}, signal);
  } catch (error) {
    if (error instanceof Trouble && error.status === 404) return null;
    throw error;
  }
}

/** Looks where the log has it, or else through its newest pages. */
async function seek(id: string, at: string | null, pages: number, signal: AbortSignal): Promise<Row | null> {
  const of = (requests: LoggedRequest[]) => {
    const found = requests.find((it) => it.id === id);
    return found ? ofLogged(found) : null;
  };
  const moment = at === null ? NaN : Date.parse(at);
  if (!Number.isNaN(moment)) {
    const until = new Date(moment + 2).toISOString();
    return of((await get<LogPage>('/request-log', { since: new Date(moment).toISOString(), until, limit: 1_000 }, signal)).requests);
  }
  let before: string | null = null;
  for (let page = 0; page < pages; page += 1) {
    const part: LogPage = await get<LogPage>('/request-log', { limit: pages > 1 ? 1_000 : 100, before }, signal);
    const found = of(part.requests);
    if (found || !part.next) return found;
    before = part.next;
  }
  return null;
}
