// Is all well? What the figures come to, the worst first, as words to be said.

import type { Forecast, LastHour, PoolOverview } from '../../api/schema.ts';

/** Below these it is said that requests fail. */
const FEW = 20;
const SUCCESS = 0.95;

export type Tone = 'good' | 'warn' | 'bad';
/** A sentence: its key among the words of the overview, what goes into it, and where more is to be seen. */
export type Said = {
  key: SaidKey;
  tone: Tone;
  values: Record<string, string | number>;
  /** The moment that it tells. */
  at?: string;
  to?: string;
};
export type SaidKey =
  | 'no_keys'
  | 'pool_dead'
  | 'pool_off'
  | 'failing'
  | 'out'
  | 'runs_out'
  | 'waiting'
  | 'revoked'
  | 'well'
  | 'well_unlimited';

type Standing = {
  pools: PoolOverview[];
  /** Keys that are switched off, by pool. */
  off: ReadonlyMap<number, number>;
  forecasts: Forecast[];
};

export type Counts = { total: number; serving: number; cooling: number; revoked: number; off: number };

/** How many keys of a pool are how; those switched off are no part of what the overview counts. */
export function countsOf({ keys }: PoolOverview, off: number): Counts {
  return { total: keys.total + off, serving: keys.usable - keys.cooling, cooling: keys.cooling, revoked: keys.revoked, off };
}

/** Reasons that lie with who asks: many of them say nothing of how Pollux is. */
const OF_CLIENTS = new Set(['bad_request', 'rejected', 'too_large', 'slow_client', 'not_allowed', 'not_found', 'limit', 'not_owner']);

/** How many requests failed for reasons that do not lie with who asked. */
function ours({ failed }: LastHour): Record<string, number> {
  return Object.fromEntries(Object.entries(failed).filter(([reason]) => !OF_CLIENTS.has(reason)));
}

const nameOf = ({ id, name }: PoolOverview) => name ?? String(id);

/** The reason that most requests failed for. */
function worst(failed: Record<string, number>): string | null {
  const [most] = Object.entries(failed).sort(([, one], [, other]) => other - one);
  return most?.[0] ?? null;
}

/** All that is to be said, the worst first; the first is the sentence on top. */
export function verdict({ pools, off, forecasts }: Standing): Said[] {
  const counts = new Map(pools.map((pool) => [pool.id, countsOf(pool, off.get(pool.id) ?? 0)]));
  const total = sum(pools, (pool) => counts.get(pool.id)?.total ?? 0);
  if (total === 0) return [{ key: 'no_keys', tone: 'warn', values: {}, to: '/keys' }];
  const usable = sum(pools, (pool) => pool.keys.usable);
  const said = [
    ...pools.flatMap((pool) => dead(pool, counts.get(pool.id))),
    ...pools.flatMap(failing),
    ...running(pools, forecasts),
    ...pools.filter((pool) => pool.waiting > 0).map((pool): Said => ({
      key: 'waiting', tone: 'warn', values: { count: pool.waiting, pool: nameOf(pool) }, to: `/pools/${pool.id}`,
    })),
  ];
  const revoked = sum(pools, (pool) => (pool.keys.usable > 0 ? pool.keys.revoked : 0));
  if (revoked > 0) said.push({ key: 'revoked', tone: 'warn', values: { count: revoked, total }, to: '/keys?state=revoked' });
  if (said.some(({ key }) => key !== 'revoked')) return said;
  const isKnown = forecasts.length > 0;
  const well: Said = { key: isKnown ? 'well' : 'well_unlimited', tone: 'good', values: { serving: usable, total } };
  return [well, ...said];
}

/** A pool with keys of which none may be asked. */
function dead(pool: PoolOverview, counts: Counts | undefined): Said[] {
  if (!counts || counts.total === 0 || pool.keys.usable > 0) return [];
  const values = { pool: nameOf(pool), total: counts.total, revoked: counts.revoked };
  if (counts.revoked === 0) return [{ key: 'pool_off', tone: 'bad', values, to: `/keys?pool=${pool.id}` }];
  return [{ key: 'pool_dead', tone: 'bad', values, to: `/keys?pool=${pool.id}&state=revoked` }];
}

function failing(pool: PoolOverview): Said[] {
  const { last_hour: hour } = pool;
  const failed = ours(hour);
  const share = Object.values(failed).reduce((sum, count) => sum + count, 0) / Math.max(hour.requests, 1);
  if (hour.requests < FEW || share <= 1 - SUCCESS) return [];
  return [
    {
      key: 'failing',
      tone: 'bad',
      values: { pool: nameOf(pool), share, reason: worst(failed) ?? '' },
      to: `/requests?source=log&range=1h&outcome=failed&pool=${pool.id}`,
    },
  ];
}

/** What is out of requests, and what will be before the day ends; the soonest first. */
function running(pools: PoolOverview[], forecasts: Forecast[]): Said[] {
  return forecasts
    .filter(({ runs_out_at }) => runs_out_at)
    .sort((one, other) => moment(one) - moment(other))
    .map(({ pool: id, model, left, runs_out_at, day_ends_at }): Said => {
      const pool = pools.find((it) => it.id === id);
      const values = { pool: pool ? nameOf(pool) : String(id), model, left };
      const to = `/pools/${id}`;
      if (left === 0) return { key: 'out', tone: 'bad', values, at: day_ends_at.utc, to };
      return { key: 'runs_out', tone: 'warn', values, at: runs_out_at?.utc ?? day_ends_at.utc, to };
    });
}

const moment = ({ left, runs_out_at }: Forecast) => (left === 0 ? 0 : Date.parse(runs_out_at?.utc ?? ''));

function sum<Item>(all: Item[], of: (item: Item) => number): number {
  return all.reduce((total, item) => total + of(item), 0);
}
