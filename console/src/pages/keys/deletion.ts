// Keys that are to be deleted: they are gone from sight at once, and sent after ten seconds or when the page is left.

import { useSyncExternalStore } from 'react';
import { address, ask } from '../../api/client.ts';
import type { Changed } from '../../api/schema.ts';
import { refresh } from './data.ts';
import { inParts } from './work.ts';

const WAIT_MS = 10_000;
/** So many ids a browser still sends while its page is closed; what is more is deleted at once. */
export const MOST_UNDOABLE = 5_000;

type Due = { ids: number[]; timer: ReturnType<typeof setTimeout>; told: Told };
type Told = { done: (answers: Changed[]) => void; failed: (error: unknown) => void };

const due = new Set<Due>();
const watchers = new Set<() => void>();
let hidden: ReadonlySet<number> = new Set();

function tell() {
  hidden = new Set([...due].flatMap((it) => it.ids));
  for (const watcher of watchers) watcher();
}

/** The keys that are about to be deleted. */
export function useHidden(): ReadonlySet<number> {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => hidden,
  );
}

export const removeKeys = (ids: number[]) => ask<Changed>('POST', '/keys/bulk', { body: { ids, remove: true } });

/** Deletes keys in ten seconds; what it gives takes that back. */
export function deleteSoon(ids: number[], told: Told): () => void {
  const mine: Due = { ids, told, timer: setTimeout(() => void send(mine), WAIT_MS) };
  due.add(mine);
  tell();
  return () => {
    clearTimeout(mine.timer);
    due.delete(mine);
    tell();
  };
}

async function send(mine: Due) {
  const { answers, error } = await inParts(mine.ids, removeKeys, new AbortController().signal, () => {});
  // What is deleted may only be seen again when the list is without it.
  await refresh();
  due.delete(mine);
  tell();
  if (error) mine.told.failed(error);
  else mine.told.done(answers);
}

/** What is due is sent although nobody is there any more to hear of it. */
function sendAll() {
  for (const mine of due) {
    clearTimeout(mine.timer);
    const body = JSON.stringify({ ids: mine.ids, remove: true });
    const headers = { 'content-type': 'application/json' };
    void fetch(address('/keys/bulk'), { method: 'POST', body, headers, credentials: 'same-origin', keepalive: true });
  }
  due.clear();
  tell();
}

window.addEventListener('pagehide', sendAll);
