// Who administers: people, programs, and where they are signed in.

import { useQuery } from '@tanstack/react-query';
import { ask, get } from '../../../api/client.ts';
import { queries } from '../../../api/queries.ts';
import type { Admin, MadeToken, NewAdmin, NewToken, SessionView, TokenView } from '../../../api/schema.ts';

export const useAdmins = () =>
  useQuery<Admin[]>({
    queryKey: ['admins'],
    queryFn: async ({ signal }) => (await get<{ admins: Admin[] }>('/admins', {}, signal)).admins,
  });

export const useTokens = () =>
  useQuery<TokenView[]>({
    queryKey: ['tokens'],
    queryFn: async ({ signal }) => (await get<{ tokens: TokenView[] }>('/tokens', {}, signal)).tokens,
  });

export const useSessions = () =>
  useQuery<SessionView[]>({
    queryKey: ['sessions'],
    queryFn: async ({ signal }) => (await get<{ sessions: SessionView[] }>('/sessions', {}, signal)).sessions,
  });

const anew = (...names: string[]) => Promise.all(names.map((name) => queries.invalidateQueries({ queryKey: [name] })));

export async function addAdmin(admin: NewAdmin) {
  await ask('POST', '/admins', { body: admin });
  await anew('admins');
}

export async function removeAdmin(id: number) {
  await ask('DELETE', `/admins/${id}`);
  await anew('admins', 'sessions');
}

export async function setPassword(id: number, password: string, old: string | null) {
  await ask('PUT', `/admins/${id}/password`, { body: old === null ? { password } : { password, old } });
  await anew('sessions');
}

export async function makeToken(token: NewToken): Promise<MadeToken> {
  const made = await ask<MadeToken>('POST', '/tokens', { body: token });
  await anew('tokens');
  return made;
}

export async function removeToken(id: number) {
  await ask('DELETE', `/tokens/${id}`);
  await anew('tokens');
}

export async function endSession(id: number) {
  await ask('DELETE', `/sessions/${id}`);
  await anew('sessions');
}
