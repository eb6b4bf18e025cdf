// Keys as people paste them: parted into those that are sent, and those that are there twice.

import { useEffect, useState } from 'react';
import { ask } from '../../api/client.ts';
import type { Added, AddedKey, ToldKey } from '../../api/schema.ts';
import { inParts } from './work.ts';

export type Entry = string | Record<string, unknown>;

/** The entries of a text: by commas, spaces and lines, or a list as an export in clear has it. */
export function entriesOf(text: string): Entry[] {
  const trimmed = text.trim();
  if (/^[[{]/.test(trimmed)) {
    try {
      const read = JSON.parse(trimmed) as unknown;
      const list = Array.isArray(read) ? read : (read as { keys?: unknown }).keys;
      if (Array.isArray(list)) return list as Entry[];
    } catch {
      // No JSON after all.
    }
  }
  return trimmed.split(/[\s,]+/).filter(Boolean);
}

/** The key of an entry, without its weight. */
function keyOf(entry: Entry): string {
  const text = typeof entry === 'string' ? entry : String(entry.key ?? '');
  return text.replace(/(?<=.):\d+$/, '');
}

export type Order = { pool: number | null; defaults: ToldKey; entries: Entry[] };
/** What became of an entry; `line` counts from 1 over all of them. */
export type Line = Pick<AddedKey, 'id' | 'last4' | 'result' | 'why'> & {
  line: number;
  /** Whether it stands further up in the same list. */
  isRepeated?: boolean;
};

type Numbered = { entry: Entry; line: number };

/** Those to be sent, and those that repeat an earlier one: the server sees one part at a time. */
function parted(entries: Entry[]): { fresh: Numbered[]; repeated: Line[] } {
  const seen = new Set<string>();
  const fresh: Numbered[] = [];
  const repeated: Line[] = [];
  entries.forEach((entry, at) => {
    const key = keyOf(entry);
    if (key && seen.has(key)) repeated.push({ line: at + 1, last4: key.slice(-4), result: 'duplicate', isRepeated: true });
    else fresh.push({ entry, line: at + 1 });
    seen.add(key);
  });
  return { fresh, repeated };
}

export type Sent = { lines: Line[]; cancelled: boolean; error: unknown };

/** Adds keys in parts, or only says what would become of them. */
export async function send(order: Order, dryRun: boolean, signal: AbortSignal, told: (done: number) => void): Promise<Sent> {
  const { fresh, repeated } = parted(order.entries);
  const act = async (part: Numbered[]): Promise<Line[]> => {
    const body = { keys: part.map((it) => it.entry), pool: order.pool, defaults: order.defaults, dry_run: dryRun };
    // What is begun is ended: of a part that is given up nobody would know what became of it.
    const added = await ask<Added>('POST', '/keys', dryRun ? { body, signal } : { body });
    return added.results.map(({ number, ...rest }) => ({ ...rest, line: part[number - 1]?.line ?? number }));
  };
  const outcome = await inParts(fresh, act, signal, told);
  return { lines: [...outcome.answers.flat(), ...repeated], cancelled: outcome.cancelled, error: outcome.error };
}

export const countOf = (lines: Line[], result: string): number => lines.filter((it) => it.result === result).length;

export type Preview = { lines: Line[]; error: unknown; isReading: boolean };

const TYPING_MS = 300;

/** What would become of what is typed, a moment after it was. */
export function usePreview(order: Order): Preview {
  const [preview, setPreview] = useState<Preview>({ lines: [], error: null, isReading: false });
  useEffect(() => {
    if (order.entries.length === 0) return setPreview({ lines: [], error: null, isReading: false });
    const control = new AbortController();
    setPreview((before) => ({ ...before, isReading: true }));
    const timer = setTimeout(() => {
      void send(order, true, control.signal, () => {}).then(({ lines, error }) => {
        if (!control.signal.aborted) setPreview({ lines, error, isReading: false });
      });
    }, TYPING_MS);
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }, [order]);
  return preview;
}
