// What is asked of the server about keys: pages of the list, ids, counts, and one key.

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { ask, get, type Query } from '../../api/client.ts';
import { useEvent, type KeyChange } from '../../api/live.ts';
import { queries } from '../../api/queries.ts';
import type { Changed, Edit, Exported, Facets, KeyIds, KeyPage, KeyView } from '../../api/schema.ts';
import type { Text } from '../../i18n/index.tsx';
import { useParams } from '../../ui/address.ts';

export const FRESH_MS = 10_000;

export const STATES = ['active', 'cooling', 'revoked', 'disabled'] as const;
export type State = (typeof STATES)[number];
export const FILTERS = ['pool', 'state', 'project', 'tier', 'tag', 'search'] as const;
export type Filters = Query & Partial<Record<(typeof FILTERS)[number], string>>;

/** How a key stands, also after an event that says only what changed. */
export function stateOf(key: Pick<KeyView, 'enabled' | 'health' | 'cooldowns'>): State {
  if (!key.enabled) return 'disabled';
  if (key.health?.state === 'revoked') return 'revoked';
  return key.cooldowns.length > 0 ? 'cooling' : 'active';
}

/** What the address says of which keys are shown. */
export function useFilters(): Filters {
  const [read] = useParams();
  const values = FILTERS.map((name) => read(name) ?? '');
  const text = JSON.stringify(values);
  return useMemo(() => {
    const known = JSON.parse(text) as string[];
    return Object.fromEntries(FILTERS.map((name, at) => [name, known[at] ?? '']).filter(([, value]) => value !== ''));
  }, [text]);
}

export const allIds = (filters: Query) => get<KeyIds>('/keys/ids', filters);

export function useFacets(pool: string | undefined) {
  return useQuery<Facets>({
    queryKey: ['keys', 'facets', pool ?? ''],
    queryFn: ({ signal }) => get<Facets>('/keys/facets', { pool }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: FRESH_MS,
  });
}

/** Puts what the stream tells of keys into what is shown of them. */
export function useChanges() {
  const heard = useCallback((change: KeyChange) => {
    const { id, health, cooldowns } = change;
    const put = (key: KeyView): KeyView => {
      const after = { ...key, health, cooldowns };
      return { ...after, state: stateOf(after) };
    };
    queries.setQueriesData<KeyPage>({ queryKey: ['keys', 'page'] }, (page) =>
      page?.keys.some((key) => key.id === id) ? { ...page, keys: page.keys.map((key) => (key.id === id ? put(key) : key)) } : page,
    );
    queries.setQueryData<KeyView>(['keys', 'one', id], (key) => key && put(key));
  }, []);
  useEvent('key', heard);
}

export function useKey(id: number) {
  useChanges();
  return useQuery<KeyView>({
    queryKey: ['keys', 'one', id],
    queryFn: ({ signal }) => get<KeyView>(`/keys/${id}`, {}, signal),
    // Whoever opens a key wants to know how it stands now.
    staleTime: 0,
    refetchInterval: FRESH_MS,
  });
}

/** After a change: all that is shown of keys is asked again. */
export const refresh = () =>
  Promise.all(['keys', 'pools', 'overview', 'quotas'].map((name) => queries.invalidateQueries({ queryKey: [name] })));

export const changeKeys = (ids: number[], change: Edit) => ask<Changed>('POST', '/keys/bulk', { body: { ids, change } });

/** The keys themselves; that this was asked is in the audit log. */
export async function secrets(ids: number[]): Promise<string[]> {
  const { keys } = await ask<Exported>('POST', '/keys/export', { body: { in_clear: true, ids } });
  return (keys ?? []).map((it) => it.key);
}

/** What a key is called, where there is only text. */
export const nameOf = (t: Text, key: Pick<KeyView, 'id' | 'name' | 'last4'>): string =>
  `${key.name || t('keys.number', { id: String(key.id) })} …${key.last4}`;
