// What is shown of usage: kept in the address.

import { useMemo } from 'react';
import type { By, StepWord, UsageView } from '../../api/schema.ts';
import { useRange, type RangeName } from '../../frame/scope.tsx';
import { useParams, type Change } from '../../ui/address.ts';

export const DIMENSIONS = ['all', 'pool', 'model', 'user', 'key', 'project', 'reason', 'outcome'] as const satisfies By[];
export const MEASURES = [
  'requests', 'failures', 'attempts', 'tokens', 'prompt', 'cached', 'output', 'thoughts', 'cost', 'first_p50', 'first_p95', 'total_p50', 'total_p95',
] as const;
export type Measure = (typeof MEASURES)[number];
export type Step = Exclude<StepWord, 'all'>;
export const STEPS: Record<Step, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
/** The server makes no more steps than this of a series. */
const MOST_STEPS = 2_300;

export const FILTERS = ['pool', 'model', 'user', 'key', 'project'] as const;
export type FilterName = (typeof FILTERS)[number];

export type Choice = {
  by: By;
  measure: Measure;
  range: RangeName;
  milliseconds: number;
  step: Step;
  filters: Record<FilterName, string>;
};

/** Reasons count requests that failed, outcomes attempts that did; nothing else is known of either. */
export function measuresOf(by: By): readonly Measure[] {
  if (by === 'reason') return ['failures'];
  return by === 'outcome' ? ['attempts'] : MEASURES;
}

/** The steps of which a time has neither too many nor too few. */
export const stepsOf = (milliseconds: number): Step[] =>
  (Object.keys(STEPS) as Step[]).filter((step) => milliseconds / STEPS[step] <= MOST_STEPS && milliseconds / STEPS[step] >= 1);

const USUAL: Record<RangeName, Step> = { '1h': 'minute', '6h': 'minute', '24h': 'hour', '7d': 'hour', '30d': 'day' };

function among<Word extends string>(word: string | null, words: readonly Word[], otherwise: Word): Word {
  return words.find((it) => it === word) ?? otherwise;
}

export function useChoice(): [Choice, (change: Change) => void] {
  const [read, change] = useParams();
  const { name: range, milliseconds } = useRange('24h');
  const choice = useMemo((): Choice => {
    const by = among<By>(read('by'), DIMENSIONS, 'model');
    const measures = measuresOf(by);
    const usual: Measure = by === 'reason' ? 'failures' : by === 'outcome' ? 'attempts' : 'requests';
    const steps = stepsOf(milliseconds);
    const filters = Object.fromEntries(FILTERS.map((name) => [name, read(name) ?? ''])) as Record<FilterName, string>;
    return { by, measure: among(read('measure'), measures, usual), range, milliseconds, step: among(read('step'), steps, USUAL[range]), filters };
  }, [read, range, milliseconds]);
  return [choice, change];
}

/** Whether values of several may be added up. */
export const isSum = (measure: Measure): boolean => !/_p\d+$/.test(measure);

/** What is measured of a row; null where nothing is known. */
export function valueOf(row: UsageView, measure: Measure): number | null {
  switch (measure) {
    case 'requests':
    case 'failures':
    case 'attempts':
      return row[measure];
    case 'tokens':
      return row.tokens.total;
    case 'prompt':
    case 'cached':
    case 'output':
    case 'thoughts':
      return row.tokens[measure];
    case 'cost':
      return row.cost ?? null;
    case 'first_p50':
      return row.first_byte_ms.p50 ?? null;
    case 'first_p95':
      return row.first_byte_ms.p95 ?? null;
    case 'total_p50':
      return row.total_ms.p50 ?? null;
    case 'total_p95':
      return row.total_ms.p95 ?? null;
  }
}
