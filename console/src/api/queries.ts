// What several pages ask for, kept in one cache.

import { QueryClient, useQuery } from '@tanstack/react-query';
import { Trouble, get } from './client.ts';
import type { Forecast, Overview, Pool, SignedIn } from './schema.ts';

function isSignedOut(error: unknown): boolean {
  return error instanceof Trouble && error.status === 401;
}

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      refetchOnWindowFocus: true,
      retry: (count, error) => count < 2 && !(error instanceof Trouble && error.status >= 400 && error.status < 500),
    },
  },
});

queries.getQueryCache().subscribe(({ query, type }) => {
  // Any page may learn that the session is over; the frame then asks for the password.
  if (type === 'updated' && query.queryKey[0] !== 'session' && isSignedOut(query.state.error)) {
    queries.setQueryData(['session'], null);
  }
});

/** Who is signed in: null for nobody, undefined while that is not known. */
export function useSession() {
  return useQuery<SignedIn | null>({
    queryKey: ['session'],
    queryFn: async ({ signal }) => {
      try {
        return await get<SignedIn>('/session', {}, signal);
      } catch (error) {
        if (isSignedOut(error)) return null;
        throw error;
      }
    },
    staleTime: Infinity,
  });
}

/** Whether who is signed in may change anything. */
export function useMayChange(): boolean {
  return useSession().data?.role === 'owner';
}

export function usePools() {
  return useQuery<Pool[]>({
    queryKey: ['pools'],
    queryFn: async ({ signal }) => (await get<{ pools: Pool[] }>('/pools', {}, signal)).pools,
  });
}

/** How all stands; live events put newer ones here. */
export function useOverview() {
  return useQuery<Overview>({
    queryKey: ['overview'],
    queryFn: ({ signal }) => get<Overview>('/overview', {}, signal),
    refetchInterval: 30_000,
  });
}

export function useForecasts() {
  return useQuery<Forecast[]>({
    queryKey: ['forecasts'],
    queryFn: async ({ signal }) => (await get<{ forecasts: Forecast[] }>('/forecasts', {}, signal)).forecasts,
    refetchInterval: 30_000,
  });
}
