// The list of requests as they end: new ones go on top, or wait while somebody looks.

import { endOf, type Row } from './row.ts';

/** How many are kept; the oldest go. */
export const MOST = 5_000;

export type Tail = { shown: Row[]; waiting: Row[] };

export const NOTHING: Tail = { shown: [], waiting: [] };

/** Requests that ended just now. */
export function received(tail: Tail, rows: Row[], isHeld: boolean): Tail {
  const known = new Set([...tail.shown, ...tail.waiting].map((row) => row.id));
  const fresh = rows.filter((row) => !known.has(row.id)).reverse();
  if (fresh.length === 0) return tail;
  if (isHeld) return { ...tail, waiting: [...fresh, ...tail.waiting].slice(0, MOST) };
  return { shown: [...fresh, ...tail.waiting, ...tail.shown].slice(0, MOST), waiting: [] };
}

/** Shows those that wait. */
export function released(tail: Tail): Tail {
  if (tail.waiting.length === 0) return tail;
  return { shown: [...tail.waiting, ...tail.shown].slice(0, MOST), waiting: [] };
}

/** What the server remembers, the last to end first; those newer than what is shown wait while it is held. */
export function filled(tail: Tail, rows: Row[], isHeld: boolean): Tail {
  const known = new Set([...tail.shown, ...tail.waiting].map((row) => row.id));
  const missing = rows.filter((row) => !known.has(row.id));
  if (missing.length === 0) return tail;
  const top = tail.shown[0];
  const newest = top ? endOf(top) : -Infinity;
  const later = isHeld ? missing.filter((row) => endOf(row) > newest) : [];
  const placed = isHeld ? missing.filter((row) => endOf(row) <= newest) : missing;
  return { shown: placed.length > 0 ? ordered([...tail.shown, ...placed]) : tail.shown, waiting: ordered([...later, ...tail.waiting]) };
}

function ordered(rows: Row[]): Row[] {
  return rows.toSorted((one, other) => endOf(other) - endOf(one)).slice(0, MOST);
}
