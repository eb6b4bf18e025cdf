// Long work, in parts: how far it is, and a way to end it between two parts.

import { useCallback, useRef, useState } from 'react';

/** Each part costs the server the same once more, so that many are done in larger ones. */
const SMALLEST = 500;
const MOST_PARTS = 10;
const partOf = (total: number): number => Math.max(SMALLEST, Math.ceil(total / MOST_PARTS));

export type Work = { what: string; done: number; total: number };
export type Outcome<Answer> = {
  answers: Answer[];
  done: number;
  /** Whether it was ended by hand. */
  cancelled: boolean;
  /** Why it ended early. */
  error: unknown;
};

type Act<Item, Answer> = (part: Item[], signal: AbortSignal) => Promise<Answer>;
type Told = (done: number) => void;

/** Does something to many, some hundred at a time. What was done stays done when it ends early. */
export async function inParts<Item, Answer>(items: Item[], act: Act<Item, Answer>, signal: AbortSignal, told: Told, size = partOf(items.length)): Promise<Outcome<Answer>> {
  const answers: Answer[] = [];
  let done = 0;
  try {
    for (; done < items.length && !signal.aborted; told(done)) {
      const part = items.slice(done, done + size);
      answers.push(await act(part, signal));
      done += part.length;
    }
  } catch (error) {
    if (!signal.aborted) return { answers, done, cancelled: false, error };
  }
  return { answers, done, cancelled: done < items.length, error: null };
}

/** One piece of work at a time, and how far it is. */
export function useWork() {
  const [work, setWork] = useState<Work | null>(null);
  const control = useRef<AbortController | null>(null);
  const run = useCallback(async <Item, Answer>(what: string, items: Item[], act: Act<Item, Answer>, size?: number): Promise<Outcome<Answer>> => {
    const own = new AbortController();
    control.current = own;
    setWork({ what, done: 0, total: items.length });
    const outcome = await inParts(items, act, own.signal, (done) => setWork({ what, done, total: items.length }), size);
    setWork(null);
    return outcome;
  }, []);
  const cancel = useCallback(() => control.current?.abort(), []);
  return { work, run, cancel };
}
