// What became of a key, and the day that follows from it: from when to when it stood how.

import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { get } from '../../api/client.ts';
import { useEvent, type KeyChange } from '../../api/live.ts';
import { queries } from '../../api/queries.ts';
import type { KeyEvent, KeyEvents, KeyView } from '../../api/schema.ts';
import { stateOf, type State } from './data.ts';

const PAGE = 25;
const FRESH_MS = 15_000;
/** More changes than these in a day are not drawn. */
const MOST = 1_000;
export const DAY_MS = 86_400_000;

/** Pages of events, the newest first; changes come by themselves. */
export function useEvents(id: number) {
  const heard = useCallback(
    (change: KeyChange) => {
      if (change.id === id) void queries.invalidateQueries({ queryKey: ['keys', 'events', id] });
    },
    [id],
  );
  useEvent('key', heard);
  return useInfiniteQuery({
    queryKey: ['keys', 'events', id, 'list'],
    queryFn: ({ pageParam, signal }) => get<KeyEvents>(`/keys/${id}/events`, { before: pageParam, limit: PAGE }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next ?? null,
    refetchInterval: FRESH_MS,
  });
}

/** The events of the last day, the oldest first. */
export function useDay(id: number) {
  return useQuery<KeyEvent[]>({
    queryKey: ['keys', 'events', id, 'day'],
    queryFn: async ({ signal }) => {
      const since = new Date(Date.now() - DAY_MS).toISOString();
      return (await get<KeyEvents>(`/keys/${id}/events`, { since, limit: MOST }, signal)).events.reverse();
    },
    refetchInterval: FRESH_MS,
  });
}

export type Span = { from: number; to: number; state: State | 'absent' };
type Base = Exclude<State, 'cooling'>;
type Cooling = { model: string | null; from: number; to: number };

/** What a key must have been before an event, for it to have become of it. */
const BEFORE: Record<string, Base> = { active: 'revoked', revoked: 'active', enabled: 'disabled', disabled: 'active' };

/** How a key stood from `from` to `to`, by its events of that time. */
export function spansOf(key: KeyView, events: KeyEvent[], from: number, to: number): Span[] {
  const bases: { at: number; state: Base }[] = [];
  const coolings: Cooling[] = [];
  for (const { at, what, model, until } of events) {
    const moment = Date.parse(at);
    if (what === 'cooling') {
      cut(coolings, moment, model ?? null);
      coolings.push({ model: model ?? null, from: moment, to: until ? Date.parse(until) : Infinity });
    } else if (what === 'active' && model) cut(coolings, moment, model);
    else if (what === 'active' || what === 'enabled') bases.push({ at: moment, state: 'active' });
    else if (what === 'revoked' || what === 'disabled') bases.push({ at: moment, state: what });
  }
  const now = stateOf(key);
  const first = events.find((it) => BEFORE[it.what] && !(it.what === 'active' && it.model));
  const before: Base = first ? (BEFORE[first.what] ?? 'active') : now === 'cooling' ? 'active' : now;
  const created = Date.parse(key.created_at);
  const moments = [from, to, created, ...bases.map((it) => it.at), ...coolings.flatMap((it) => [it.from, it.to])];
  const cuts = [...new Set(moments.filter((at) => at >= from && at <= to))].sort((one, other) => one - other);
  const spans: Span[] = [];
  for (const [at, start] of cuts.slice(0, -1).entries()) {
    const end = cuts[at + 1] ?? to;
    const base = bases.findLast((it) => it.at <= start)?.state ?? before;
    const isCooling = base === 'active' && coolings.some((it) => it.from <= start && it.to > start);
    const state = start < created ? 'absent' : isCooling ? 'cooling' : base;
    const last = spans.at(-1);
    if (last?.state === state) last.to = end;
    else spans.push({ from: start, to: end, state });
  }
  return spans;
}

/** A cooldown ends where another begins for the same model, or where it is lifted. */
function cut(coolings: Cooling[], at: number, model: string | null) {
  for (const cooling of coolings) if (cooling.model === model && cooling.to > at) cooling.to = at;
}
