// What the server knows of requests: the last ones, the log, and one of them.

import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { get, Trouble, type Query } from '../../api/client.ts';
import type { Explained, LogPage, Requests } from '../../api/schema.ts';
import { ofLogged, ofSummary, type Row } from './row.ts';

const LAST = 1_000;
const PAGE = 200;

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
export function useRequest(id: string, again: number | false) {
  return useQuery<Known>({
    queryKey: ['request', id],
    queryFn: async ({ signal }) => {
      const explained = await explain(id, signal);
      if (explained) return { explained };
      const [logged] = (await get<LogPage>('/request-log', { id, limit: 1 }, signal)).requests;
      return logged ? { logged: ofLogged(logged) } : null;
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
