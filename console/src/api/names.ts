// What keys and users are called, for pages that are told their ids.

import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useText } from '../i18n/index.tsx';
import { get } from './client.ts';
import type { KeyPage, UserPage } from './schema.ts';

/** How many are called by name; those beyond it are called by their ids. */
const MOST = 1_000;
const FRESH_MS = 60_000;

/** What a key is called: as its owner named it, by its last four characters, or by its id. */
export function useKeyName(): (id: number) => string {
  const t = useText();
  const names = useQuery({
    queryKey: ['key-names'],
    queryFn: async ({ signal }) => {
      const { keys } = await get<KeyPage>('/keys', { page_size: MOST }, signal);
      return new Map(keys.map((key) => [key.id, key.name || `…${key.last4}`]));
    },
    staleTime: FRESH_MS,
  }).data;
  return useCallback((id) => names?.get(id) ?? t('ui.key_number', { id: String(id) }), [names, t]);
}

/** The users by name, for choices. */
export function useUserNames() {
  return useQuery({
    queryKey: ['user-names'],
    queryFn: async ({ signal }) => {
      const { users } = await get<UserPage>('/users', { page_size: MOST }, signal);
      return users.map(({ id, name }) => ({ id, name }));
    },
    staleTime: FRESH_MS,
  });
}
