// The account: sums of a time and of the one before it, and the course of those that matter most.

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { get, Trouble, type Query } from '../../api/client.ts';
import type { By, UsageSeries, UsageView } from '../../api/schema.ts';
import { isSum, STEPS, valueOf, type Choice } from './choice.ts';

/** How many are drawn each by itself; the rest is drawn together. */
export const DRAWN = 8;
const AGAIN_MS = 60_000;

export type Entry = { id: string; row: UsageView; before: UsageView | null };
export type Course = { id: string; values: (number | null)[] };
export type Account = {
  /** What was asked for: while another is on its way, this is what is shown. */
  choice: Choice;
  since: number;
  until: number;
  /** The most of what is measured first. */
  entries: Entry[];
  /** All of it together, and the same of the time before. */
  whole: UsageView | null;
  wholeBefore: UsageView | null;
  times: number[];
  courses: Course[];
  /** What the others beyond those drawn come to; absent where it cannot be added up. */
  others: (number | null)[] | null;
};

/** What a row is about, as a word. */
export function idOf(row: UsageView, by: By): string {
  const value = by === 'all' ? 'all' : by === 'outcome' ? row.reason : row[by];
  return value === null || value === undefined ? '' : String(value);
}

/** What the API is asked for, whatever the step. */
export const asked = (choice: Choice, since: number, until: number): Query => ({
  ...choice.filters,
  by: choice.by,
  since: new Date(since).toISOString(),
  until: new Date(until).toISOString(),
});

export function useAccount(choice: Choice) {
  return useQuery({
    queryKey: ['usage', choice],
    queryFn: ({ signal }) => account(choice, signal),
    placeholderData: keepPreviousData,
    refetchInterval: AGAIN_MS,
  });
}

async function account(choice: Choice, signal: AbortSignal): Promise<Account> {
  const until = Date.now();
  const length = STEPS[choice.step];
  const since = Math.floor((until - choice.milliseconds) / length) * length + length;
  const rows = (query: Query) => usage(query, signal);
  const now = asked(choice, since, until);
  const then = asked(choice, since - (until - since), since);
  const [sums, before, [whole], [wholeBefore]] = await Promise.all([
    rows(now),
    rows(then),
    rows({ ...now, by: 'all' }),
    rows({ ...then, by: 'all' }),
  ]);
  const earlier = new Map(before.map((row) => [idOf(row, choice.by), row]));
  const weight = (row: UsageView) => valueOf(row, choice.measure) ?? -1;
  const entries = sums
    .map((row) => ({ id: idOf(row, choice.by), row, before: earlier.get(idOf(row, choice.by)) ?? null }))
    .filter(({ row }) => (valueOf(row, choice.measure) ?? 0) > 0 || row.requests > 0)
    .sort((one, other) => weight(other.row) - weight(one.row));
  const times = Array.from({ length: Math.ceil((until - since) / length) }, (_, index) => since + index * length);
  const drawn = entries.slice(0, DRAWN);
  const isMany = entries.length > DRAWN;
  const steps = { ...now, step: choice.step };
  const [parts, all] = await Promise.all([
    courses(choice, drawn, isMany, steps, rows),
    isMany && isSum(choice.measure) ? rows({ ...steps, by: 'all' }) : Promise.resolve(null),
  ]);
  const laid = drawn.map(({ id }) => ({ id, values: course(parts.get(id) ?? [], times, choice) }));
  const others = all && rest(course(all, times, choice), laid);
  return { choice, since, until, entries, whole: whole ?? null, wholeBefore: wholeBefore ?? null, times, courses: laid, others };
}

/** The server knows a project only by what was used of it in the time, and refuses others. */
async function usage(query: Query, signal: AbortSignal): Promise<UsageView[]> {
  try {
    return (await get<UsageSeries>('/usage', query, signal)).usage;
  } catch (error) {
    if (error instanceof Trouble && error.field === 'project') return [];
    throw error;
  }
}

type Rows = (query: Query) => Promise<UsageView[]>;

/** The steps of each that is drawn: asked for at once where there are few, else one by one. */
async function courses(choice: Choice, drawn: Entry[], isMany: boolean, steps: Query, rows: Rows): Promise<Map<string, UsageView[]>> {
  const { by } = choice;
  const isFiltered = isMany && by !== 'all' && by !== 'reason' && by !== 'outcome';
  if (!isFiltered) {
    const parts = new Map<string, UsageView[]>();
    for (const row of await rows(steps)) parts.set(idOf(row, by), [...(parts.get(idOf(row, by)) ?? []), row]);
    return parts;
  }
  const named = drawn.filter(({ id }) => id !== '');
  const each = await Promise.all(named.map(async ({ id }) => [id, await rows({ ...steps, by: 'all', [by]: id })] as const));
  return new Map(each);
}

/** The value at each moment: none is nothing where it is counted, and unknown where it is measured. */
function course(rows: UsageView[], times: number[], { measure }: Choice): (number | null)[] {
  const at = new Map(rows.map((row) => [Date.parse(row.at ?? ''), valueOf(row, measure)]));
  return times.map((time) => at.get(time) ?? (isSum(measure) ? 0 : null));
}

function rest(all: (number | null)[], drawn: Course[]): (number | null)[] {
  return all.map((value, index) => Math.max((value ?? 0) - drawn.reduce((sum, { values }) => sum + (values[index] ?? 0), 0), 0));
}
