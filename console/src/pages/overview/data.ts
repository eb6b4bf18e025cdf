// The last hour by the minute, and what is left of the day's quotas.

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { get } from '../../api/client.ts';
import type { Forecast, Quota, QuotaPage, UsageSeries, UsageView } from '../../api/schema.ts';

const MINUTE = 60_000;
const MINUTES = 60;
const AGAIN_MS = 15_000;

export type Hour = {
  /** The whole hour, of all pools. */
  whole: UsageView | null;
  /** Each of its minutes, of all pools, and of each pool; the present one is not over and is left out. */
  all: (UsageView | null)[];
  pools: Map<number, (UsageView | null)[]>;
};

export function useHour() {
  return useQuery({
    queryKey: ['usage', 'hour'],
    queryFn: async ({ signal }): Promise<Hour> => {
      const now = Date.now();
      const end = Math.floor(now / MINUTE) * MINUTE;
      const begin = end - MINUTES * MINUTE;
      const [since, until] = [new Date(begin).toISOString(), new Date(now).toISOString()];
      const usage = async (query: Record<string, string>) => (await get<UsageSeries>('/usage', { since, until, ...query }, signal)).usage;
      const [[whole], all, byPool] = await Promise.all([usage({}), usage({ step: 'minute' }), usage({ step: 'minute', by: 'pool' })]);
      const pools = new Map<number, UsageView[]>();
      for (const row of byPool) if (typeof row.pool === 'number') pools.set(row.pool, [...(pools.get(row.pool) ?? []), row]);
      return {
        whole: whole ?? null,
        all: laid(all, begin),
        pools: new Map([...pools].map(([id, rows]) => [id, laid(rows, begin)])),
      };
    },
    placeholderData: keepPreviousData,
    refetchInterval: AGAIN_MS,
  });
}

/** A row for each minute; null for those in which nothing was. */
function laid(rows: UsageView[], begin: number): (UsageView | null)[] {
  const at = new Map(rows.map((row) => [Date.parse(row.at ?? ''), row]));
  return Array.from({ length: MINUTES }, (_, minute) => at.get(begin + minute * MINUTE) ?? null);
}

const PAGE = 1_000;

/** What all projects may use; nothing where there are more than would be read at every look. */
export function useQuotas(isWanted: boolean) {
  return useQuery({
    queryKey: ['quotas', 'all'],
    queryFn: async ({ signal }) => {
      const { quotas, total } = await get<QuotaPage>('/quotas', { page_size: PAGE }, signal);
      return total > PAGE ? [] : quotas;
    },
    enabled: isWanted,
    refetchInterval: 30_000,
  });
}

/** What is left of a model today in a pool, of what its projects may use together. */
export type Room = { forecast: Forecast; limit: number | null };

/** The room of each model of a pool, the least first. */
export function roomsOf(pool: number, forecasts: Forecast[], quotas: Quota[]): Room[] {
  const rooms = forecasts
    .filter((forecast) => forecast.pool === pool)
    .map((forecast): Room => {
      const meters = quotas
        .filter((quota) => quota.pool === pool && quota.model === forecast.model)
        .flatMap((quota) => quota.meters.filter((meter) => meter.unit === 'requests' && meter.window === 'day'));
      const limit = meters.reduce((sum, meter) => sum + meter.limit, 0);
      // Where some key was not asked yet, the whole is not known.
      return { forecast, limit: limit >= forecast.left && limit > 0 ? limit : null };
    });
  const share = ({ forecast, limit }: Room) => (limit ? forecast.left / limit : 1);
  return rooms.sort((one, other) => share(one) - share(other));
}
