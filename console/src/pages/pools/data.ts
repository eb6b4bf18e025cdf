// Pools: what each has, and changing that.

import { useQuery } from '@tanstack/react-query';
import { ask, get } from '../../api/client.ts';
import { queries, usePools } from '../../api/queries.ts';
import type { Added, MadePool, NewPool, Pool, PoolEdit, Revealed, UserPage } from '../../api/schema.ts';

export function usePool(id: number) {
  const pools = usePools();
  return useQuery<Pool>({
    queryKey: ['pools', id],
    queryFn: ({ signal }) => get<Pool>(`/pools/${id}`, {}, signal),
    placeholderData: pools.data?.find((it) => it.id === id),
    refetchInterval: 10_000,
  });
}

const anew = () =>
  Promise.all([queries.invalidateQueries({ queryKey: ['pools'] }), queries.invalidateQueries({ queryKey: ['overview'] })]);

/** Makes a pool and gives it its first keys. */
export async function makePool(pool: NewPool, keys: string): Promise<{ made: MadePool; added: Added | null }> {
  const made = await ask<MadePool>('POST', '/pools', { body: pool });
  const added = keys.trim() ? await ask<Added>('POST', '/keys', { body: { pool: made.id, keys } }) : null;
  await anew();
  return { made, added };
}

export async function editPool(id: number, edit: PoolEdit): Promise<void> {
  queries.setQueryData<Pool>(['pools', id], await ask<Pool>('PATCH', `/pools/${id}`, { body: edit }));
  await anew();
}

/** `leave` goes where nobody asks for it any more. */
export async function removePool(id: number, leave: () => void): Promise<void> {
  await ask('DELETE', `/pools/${id}`);
  leave();
  queries.removeQueries({ queryKey: ['pools', id] });
  await anew();
}

/** How many users may use it, beside the one that stands for its own access key. */
export async function usersOf({ id, access_key }: Pool): Promise<number> {
  const page = await get<UserPage>('/users', { pool: id, page_size: 1000 });
  return page.total - page.users.filter((user) => user.id === access_key?.user).length;
}

export const revealAccessKey = async (id: number) => (await get<Revealed>(`/pools/${id}/access-key`)).secret;

export async function renewAccessKey(id: number): Promise<string> {
  const { secret } = await ask<Revealed>('POST', `/pools/${id}/access-key`);
  await anew();
  return secret;
}

/** The first pool is always there. */
export const FIRST = 1;

/** How its keys stand: each is counted once. */
export function standingOf({ keys: { total, enabled, revoked, cooling } }: Pool) {
  return { serving: Math.max(0, enabled - revoked - cooling), cooling, revoked, off: total - enabled };
}
