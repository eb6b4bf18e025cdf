// Users: who may call, what each may do, and changing that.

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { ask, get } from '../../api/client.ts';
import { queries } from '../../api/queries.ts';
import type { MadeUser, NewUser, Revealed, User, UserEdit, UserPage } from '../../api/schema.ts';

export const PAGE_SIZE = 100;

export type Filter = { search: string; pool: string; label: string; enabled: string };

export function useUsers(filter: Filter, page: number) {
  return useQuery<UserPage>({
    queryKey: ['users', filter, page],
    queryFn: ({ signal }) => get<UserPage>('/users', { ...filter, page, page_size: PAGE_SIZE }, signal),
    placeholderData: keepPreviousData,
  });
}

export function useUser(id: number) {
  return useQuery<User>({
    queryKey: ['users', id],
    queryFn: ({ signal }) => get<User>(`/users/${id}`, {}, signal),
    refetchInterval: 5_000,
  });
}

const anew = () => queries.invalidateQueries({ queryKey: ['users'] });

export async function makeUser(user: NewUser): Promise<MadeUser> {
  const made = await ask<MadeUser>('POST', '/users', { body: user });
  await anew();
  return made;
}

export async function editUser(id: number, edit: UserEdit): Promise<void> {
  queries.setQueryData<User>(['users', id], await ask<User>('PATCH', `/users/${id}`, { body: edit }));
  await anew();
}

/** `leave` goes where nobody asks for it any more. */
export async function removeUser(id: number, leave: () => void): Promise<void> {
  await ask('DELETE', `/users/${id}`);
  leave();
  queries.removeQueries({ queryKey: ['users', id] });
  await anew();
}

export async function rotateUser(id: number, keepSeconds: number): Promise<string> {
  const { secret } = await ask<Revealed>('POST', `/users/${id}/rotate`, { body: { keep_seconds: keepSeconds } });
  await anew();
  return secret;
}

export const revealUser = async (id: number) => (await get<Revealed>(`/users/${id}/access-key`)).secret;

export type Standing = 'on' | 'off' | 'expired';

export function standingOf(user: User, now: number): Standing {
  if (!user.enabled) return 'off';
  return user.expires_at && new Date(user.expires_at).getTime() <= now ? 'expired' : 'on';
}
