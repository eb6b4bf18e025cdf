// The access keys that clients come with: a pool's own, and those of its users.

import { useQuery } from '@tanstack/react-query';
import { ask, get } from './client.ts';
import type { Revealed, User, UserPage } from './schema.ts';

/** Whose access keys may be shown whole. That is audited. */
export const revealAccessKey = async (user: number): Promise<string> =>
  (await ask<Revealed>('GET', `/users/${user}/access-key`)).secret;

/** Everyone who may call now. */
export function useCallers() {
  return useQuery<User[]>({
    queryKey: ['users', 'callers'],
    queryFn: async ({ signal }) => (await get<UserPage>('/users', { enabled: true, page_size: 1000 }, signal)).users,
  });
}
