// The rows of the legend: those drawn, the others together, and each of the others where it is asked for.

import type { UsageView } from '../../api/schema.ts';
import { valueOf, type Measure } from './choice.ts';
import type { Entry } from './data.ts';
import { OTHERS } from './hidden.ts';

export type Line = Entry & { name: string; kind: 'drawn' | 'others' | 'rest' };

/** All of them as one row; times cannot be added up and are not known of it. */
export function summedUp(entries: Entry[], name: string): Line {
  const before = entries.map((entry) => entry.before).filter((row) => row !== null);
  return { id: OTHERS, name, kind: 'others', row: summed(entries.map(({ row }) => row)), before: before.length > 0 ? summed(before) : null };
}

function summed(rows: UsageView[]): UsageView {
  const sum = (of: (row: UsageView) => number) => rows.reduce((all, row) => all + of(row), 0);
  const [requests, failures] = [sum((row) => row.requests), sum((row) => row.failures)];
  const isPriced = rows.some((row) => typeof row.cost === 'number');
  return {
    requests,
    failures,
    success_rate: requests > 0 ? (requests - failures) / requests : null,
    attempts: sum((row) => row.attempts),
    tokens: {
      prompt: sum((row) => row.tokens.prompt),
      cached: sum((row) => row.tokens.cached),
      output: sum((row) => row.tokens.output),
      thoughts: sum((row) => row.tokens.thoughts),
      total: sum((row) => row.tokens.total),
    },
    cost: isPriced ? sum((row) => row.cost ?? 0) : null,
    unpriced: sum((row) => row.unpriced),
    first_byte_ms: {},
    total_ms: {},
    failed: {},
    tried: {},
  };
}

/** Rows by a column, `-` before its name for the most first. */
export function sorted(lines: Line[], sort: string, measure: Measure): Line[] {
  const isDown = sort.startsWith('-');
  const column = sort.replace(/^-/, '');
  const of = ({ row }: Line): number => {
    if (column === 'requests') return row.requests;
    if (column === 'success') return row.success_rate ?? -1;
    if (column === 'tokens') return row.tokens.total;
    if (column === 'cost') return row.cost ?? -1;
    return valueOf(row, measure) ?? -1;
  };
  const compare = (one: Line, other: Line) => (column === 'name' ? one.name.localeCompare(other.name) : of(one) - of(other));
  return lines.toSorted((one, other) => (isDown ? -compare(one, other) : compare(one, other)));
}
