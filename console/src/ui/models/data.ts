// The models that a pool can reach, and names of models that hold `*`.

import { useQuery } from '@tanstack/react-query';
import { ask, get } from '../../api/client.ts';
import { queries } from '../../api/queries.ts';
import type { Model, Models } from '../../api/schema.ts';

const LASTS_MS = 60_000;

/** All of them, also those that the pool does not allow. */
export function useModels(pool: number | undefined) {
  return useQuery<Model[]>({
    queryKey: ['pool-models', pool],
    queryFn: async ({ signal }) => (await get<Models>(`/pools/${pool}/models`, { all: true }, signal)).models,
    enabled: pool !== undefined,
    staleTime: LASTS_MS,
  });
}

/** Has Gemini asked anew for its list. */
export async function refreshModels(pool: number) {
  await ask('POST', `/pools/${pool}/models/refresh`);
  await queries.invalidateQueries({ queryKey: ['pool-models'] });
}

/** Whether a name fits a pattern, in which `*` is anything. */
export function isLike(name: string, pattern: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(name);
}

export const isPattern = (name: string): boolean => name.includes('*');

export const commas = (text: string): string[] =>
  text
    .split(',')
    .map((it) => it.trim())
    .filter(Boolean);
