// Settings of the server or of one pool: what holds, where that comes from, and changing it.

import { useQuery } from '@tanstack/react-query';
import { ask, get } from '../../api/client.ts';
import { queries } from '../../api/queries.ts';
import type { Setting, Settings } from '../../api/schema.ts';

/** A pool by its id, or null for the server. */
export type Owner = number | null;
/** Texts by name; null is what holds without this owner. */
export type Own = Record<string, string | null>;

const route = (owner: Owner) => (owner === null ? '/settings' : `/pools/${owner}/settings`);

export function useSettings(owner: Owner) {
  return useQuery<Setting[]>({
    queryKey: ['settings', owner],
    queryFn: async ({ signal }) => (await get<Settings>(route(owner), {}, signal)).settings,
  });
}

/** Keeps all of the values or none. Throws a `Trouble` whose field is the setting that is wrong. */
export async function saveSettings(owner: Owner, values: Own): Promise<void> {
  const { settings } = await ask<Settings>('PATCH', route(owner), { body: values });
  queries.setQueryData<Setting[]>(['settings', owner], settings);
  const touched = ['settings', 'pools', 'pool-models'];
  void queries.invalidateQueries({ predicate: ({ queryKey: [name, of] }) => touched.includes(String(name)) && !(name === 'settings' && of === owner) });
}

/** Whether the owner has a value of its own, set here. */
export const isOwn = (setting: Setting, owner: Owner): boolean => setting.source === (owner === null ? 'database' : 'pool');

/** What the owner set, by name. A secret that is set is an empty text: it is not shown. */
export function ownValues(settings: Setting[], owner: Owner): Own {
  return Object.fromEntries(settings.map((it) => [it.name, isOwn(it, owner) ? (it.value ?? '') : null]));
}

/** The words of the server for which control a setting takes. */
export type Kind = 'flag' | 'number' | 'duration' | 'choice' | 'list' | 'text' | 'secret';
export const kindOf = (setting: Setting): Kind => setting.kind as Kind;
