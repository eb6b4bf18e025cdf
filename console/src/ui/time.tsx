// Times: relative, with the exact one on hover.

import { useSyncExternalStore } from 'react';
import { useFormat } from '../i18n/index.tsx';
import type { When } from '../i18n/format.ts';

const STEP_MS = 5_000;
const watchers = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function watch(watcher: () => void) {
  watchers.add(watcher);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of watchers) each();
  }, STEP_MS);
  return () => {
    watchers.delete(watcher);
    if (watchers.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The time, in steps of five seconds. */
export const useNow = (): number => useSyncExternalStore(watch, () => now);

/** "3 minutes ago". */
export function Ago({ at }: { at: When }) {
  const format = useFormat();
  const present = Math.max(useNow(), now);
  return (
    <time dateTime={new Date(at).toISOString()} title={format.exact(at)} className="whitespace-nowrap">
      {format.ago(at, present)}
    </time>
  );
}
