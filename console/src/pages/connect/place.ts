// Where clients reach this server, and which model the lines name.

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { get } from '../../api/client.ts';
import type { Models, Settings, User } from '../../api/schema.ts';

const FALLBACK = 'gemini-2.5-flash';
/** What a first try is best made with. */
const FIRST = [/^gemini-.*flash$/, /^gemini-/];

/** The models that a caller can reach, and the address that clients are to be given. */
export function usePlace(user: User) {
  const pool = user.of_pool ?? user.pools[0] ?? 1;
  const [chosen, setModel] = useState<string | null>(null);
  const listed = useQuery<string[]>({
    queryKey: ['models', pool],
    queryFn: async ({ signal }) => (await get<Models>(`/pools/${pool}/models`, {}, signal)).models.map((it) => it.id),
    staleTime: 60_000,
  });
  const base = useQuery<string>({
    queryKey: ['settings', 'public_url'],
    queryFn: async ({ signal }) => {
      const { settings } = await get<Settings>('/settings', {}, signal);
      return (settings.find((it) => it.name === 'public_url')?.value ?? '').replace(/\/+$/, '');
    },
  });
  const models = listed.data?.length ? listed.data : [FALLBACK];
  const first = FIRST.map((pattern) => models.find((it) => pattern.test(it))).find(Boolean) ?? models[0] ?? FALLBACK;
  const model = chosen && models.includes(chosen) ? chosen : first;
  return { base: base.data || window.location.origin, models, model, setModel };
}
