// What a request did when, in milliseconds since it arrived.

import type { Explained, Tried } from '../../api/schema.ts';

export type Stage =
  | { what: 'before' | 'answer'; from: number; to: number }
  | { what: 'attempt'; from: number; to: number; number: number; tried: Tried };

/** The stages in order, and how long all of them take. */
export function stages(request: Explained): { all: Stage[]; total: number } {
  const began = Date.parse(request.at);
  const attempts = request.tried.map((tried, index): Stage => {
    const from = Math.max(Date.parse(tried.at) - began, 0);
    const to = typeof tried.took_ms === 'number' ? from + tried.took_ms : Math.max(request.total_ms, from);
    return { what: 'attempt', from, to, number: index + 1, tried };
  });
  const all: Stage[] = [{ what: 'before', from: 0, to: attempts[0]?.from ?? request.first_byte_ms ?? request.total_ms }, ...attempts];
  if (typeof request.first_byte_ms === 'number') all.push({ what: 'answer', from: request.first_byte_ms, to: request.total_ms });
  return { all, total: Math.max(request.total_ms, ...all.map((stage) => stage.to), 1) };
}
