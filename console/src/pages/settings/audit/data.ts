// What was changed, the latest first, a page at a time.

import { useInfiniteQuery } from '@tanstack/react-query';
import { get } from '../../../api/client.ts';
import type { Changes } from '../../../api/schema.ts';

const AT_ONCE = 50;

export function useChanges(subject: string) {
  return useInfiniteQuery({
    queryKey: ['audit', subject],
    queryFn: ({ pageParam, signal }) => get<Changes>('/audit', { subject, limit: AT_ONCE, before: pageParam }, signal),
    initialPageParam: null as number | null,
    getNextPageParam: (last) => last.next ?? null,
  });
}

/** What the line says already: of what, and when. */
const TOLD_ELSEWHERE = new Set(['id', 'created_at']);

export type Difference = { name: string; old: string | null; new: string | null };

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

function written(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map((it) => written(it) ?? '').join(', ');
  return JSON.stringify(value);
}

/** Each part that is not what it was. A setting is told as itself. */
export function differences(before: unknown, after: unknown): Difference[] {
  const named = isRecord(after) ? after : isRecord(before) ? before : null;
  if (named && typeof named.setting === 'string') {
    const value = (of: unknown) => (isRecord(of) ? written(of.value) : null);
    return [{ name: named.setting, old: value(before), new: value(after) }];
  }
  if (!named) {
    const [was, is] = [written(before), written(after)];
    return was === is ? [] : [{ name: '', old: was, new: is }];
  }
  const [was, is] = [flat(before), flat(after)];
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((name) => !TOLD_ELSEWHERE.has(name));
  return names
    .map((name) => ({ name, old: was[name] ?? null, new: is[name] ?? null }))
    .filter((it) => it.old !== it.new && (it.old || it.new));
}

/** Parts of parts by both names, as `limits.requests/day`. */
function flat(value: unknown): Record<string, string | null> {
  if (!isRecord(value)) return {};
  const parts = Object.entries(value).flatMap(([name, part]): [string, string | null][] =>
    isRecord(part) ? Object.entries(flat(part)).map(([inner, text]) => [`${name}.${inner}`, text]) : [[name, written(part)]],
  );
  return Object.fromEntries(parts);
}
