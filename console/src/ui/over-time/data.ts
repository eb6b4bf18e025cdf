// What one pool or user used, step by step, with the empty steps between.

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { get } from '../../api/client.ts';
import type { UsageSeries, UsageView } from '../../api/schema.ts';

const STEPS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
type Step = keyof typeof STEPS;

/** How far back, and what that is called. */
export type Back = { name: string; milliseconds: number };

const stepOf = (range: Back): Step => (range.milliseconds <= 6 * STEPS.hour ? 'minute' : range.milliseconds <= 7 * STEPS.day ? 'hour' : 'day');

export type Course = { times: number[]; steps: (UsageView | undefined)[]; sum: UsageView | undefined };
export type Of = { pool: number } | { user: number };

const REFRESH_MS = 30_000;

export function useCourse(of: Of, range: Back) {
  return useQuery<Course>({
    queryKey: ['course', of, range.name],
    queryFn: async ({ signal }) => {
      const until = new Date();
      const step = stepOf(range);
      const first = Math.floor((until.getTime() - range.milliseconds) / STEPS[step]) * STEPS[step];
      const time = { since: new Date(first).toISOString(), until: until.toISOString() };
      const [series, whole] = await Promise.all([
        get<UsageSeries>('/usage', { ...of, ...time, step }, signal),
        get<UsageSeries>('/usage', { ...of, ...time, step: 'all' }, signal),
      ]);
      const known = new Map(series.usage.map((it) => [it.at ? Math.floor(new Date(it.at).getTime() / STEPS[step]) : -1, it]));
      const times: number[] = [];
      for (let at = first; at <= until.getTime(); at += STEPS[step]) times.push(at);
      return { times, steps: times.map((at) => known.get(at / STEPS[step])), sum: whole.usage[0] };
    },
    refetchInterval: REFRESH_MS,
    placeholderData: keepPreviousData,
  });
}
