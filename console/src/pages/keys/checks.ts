// Checks: which there are, and how one goes, result by result.

import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { address, ask, get, Trouble } from '../../api/client.ts';
import { queries } from '../../api/queries.ts';
import type { Check, CheckResult, Checks } from '../../api/schema.ts';
import { allIds, refresh } from './data.ts';

export const RESULTS = ['good', 'rate_limited', 'unserved', 'revoked', 'unknown'] as const;
const SOON_MS = 2_000;
const LATER_MS = 30_000;

/** The check that is under way, if one is. */
export function useRunning(): Check | undefined {
  const { data } = useQuery<Check[]>({
    queryKey: ['checks', 'all'],
    queryFn: async ({ signal }) => (await get<Checks>('/checks', {}, signal)).checks,
    refetchInterval: ({ state }) => (state.data?.some((it) => it.state === 'running') ? SOON_MS : LATER_MS),
  });
  return data?.find((it) => it.state === 'running');
}

/** Those of the keys that can be checked: one that is off asks for nothing. */
export async function checkable(ids: number[]): Promise<number[]> {
  const off = new Set((await allIds({ state: 'disabled' })).ids);
  return ids.filter((id) => !off.has(id));
}

export async function order(keys: number[] | 'all', generate: string | null): Promise<Check> {
  const check = await ask<Check>('POST', '/checks', { body: { keys, ...(generate ? { generate } : {}) } });
  void queries.invalidateQueries({ queryKey: ['checks', 'all'] });
  return check;
}

export async function cancelCheck(id: number) {
  queries.setQueryData(['checks', id], await ask<Check>('DELETE', `/checks/${id}`));
  void queries.invalidateQueries({ queryKey: ['checks', 'all'] });
}

/** A check with its results, which come by themselves while it is under way. */
export function useCheck(id: number) {
  const asked = useQuery<Check>({ queryKey: ['checks', id], queryFn: ({ signal }) => get<Check>(`/checks/${id}`, {}, signal), staleTime: Infinity });
  const isRunning = asked.data?.state === 'running';
  useEffect(() => (isRunning ? follow(id) : undefined), [id, isRunning]);
  return asked;
}

function follow(id: number): () => void {
  const source = new EventSource(address(`/checks/${id}/events`));
  const waiting: CheckResult[] = [];
  let frame = 0;
  const put = (change: (check: Check) => Check) => queries.setQueryData<Check>(['checks', id], (check) => check && change(check));
  const flush = () => {
    frame = 0;
    const came = waiting.splice(0);
    // A stream that begins anew tells all that was told before.
    put((check) => {
      const results = [...new Map([...(check.results ?? []), ...came].map((it) => [it.key, it])).values()];
      return { ...check, results, done: results.length, counts: countsOf(results) };
    });
  };
  source.addEventListener('result', (event: MessageEvent<string>) => {
    waiting.push(JSON.parse(event.data) as CheckResult);
    frame ||= requestAnimationFrame(flush);
  });
  source.addEventListener('end', (event: MessageEvent<string>) => {
    source.close();
    flush();
    put((check) => ({ ...check, ...(JSON.parse(event.data) as Check), results: check.results ?? [] }));
    void queries.invalidateQueries({ queryKey: ['checks', 'all'] });
    void refresh();
  });
  return () => {
    cancelAnimationFrame(frame);
    source.close();
  };
}

/** What came of a check of one key. */
export function resultOf(id: number): Promise<CheckResult> {
  return new Promise((resolve, reject) => {
    const source = new EventSource(address(`/checks/${id}/events`));
    let found: CheckResult | null = null;
    source.addEventListener('result', (event: MessageEvent<string>) => {
      found = JSON.parse(event.data) as CheckResult;
    });
    source.addEventListener('end', () => {
      source.close();
      if (found) resolve(found);
      else reject(new Trouble(404, `check ${id}`, null));
    });
    source.addEventListener('error', () => {
      if (source.readyState === EventSource.CLOSED) reject(new Trouble(0, `check ${id}`, null));
    });
  });
}

function countsOf(results: CheckResult[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { result } of results) counts[result] = (counts[result] ?? 0) + 1;
  return counts;
}
