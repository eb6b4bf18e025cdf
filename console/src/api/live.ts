// One stream of events for the whole console: requests that end, keys that change, how all stands.

import { useEffect, useSyncExternalStore } from 'react';
import { queries } from './queries.ts';
import type { CooldownView, HealthView, Overview, RequestSummary } from './schema.ts';

export type KeyChange = { id: number; pool: number; health: HealthView; cooldowns: CooldownView[] };
type Heard = { request: RequestSummary; key: KeyChange; missed: { missed: number } };
type Listeners = { [Name in keyof Heard]: Set<(event: Heard[Name]) => void> };

const HIDDEN_MS = 60_000;
const AGAIN_MS = 5_000;

const listeners: Listeners = { request: new Set(), key: new Set(), missed: new Set() };
const watchers = new Set<() => void>();
let source: EventSource | null = null;
let connected = false;

function tell<Name extends keyof Heard>(name: Name, event: MessageEvent<string>) {
  const heard = JSON.parse(event.data) as Heard[Name];
  for (const listener of listeners[name]) listener(heard);
}

function set(value: boolean) {
  connected = value;
  for (const watcher of watchers) watcher();
}

function open() {
  if (source) return;
  source = new EventSource('/admin/api/events');
  source.onopen = () => set(true);
  source.onerror = () => {
    set(false);
    // The browser tries again by itself, unless it was answered with an error.
    if (source?.readyState === EventSource.CLOSED) {
      close();
      setTimeout(reopen, AGAIN_MS);
    }
  };
  source.addEventListener('overview', (event: MessageEvent<string>) => {
    queries.setQueryData<Overview>(['overview'], JSON.parse(event.data) as Overview);
  });
  source.addEventListener('request', (event: MessageEvent<string>) => tell('request', event));
  source.addEventListener('key', (event: MessageEvent<string>) => tell('key', event));
  source.addEventListener('missed', (event: MessageEvent<string>) => tell('missed', event));
}

function close() {
  source?.close();
  source = null;
  set(false);
}

let isWanted = false;
const reopen = () => {
  if (isWanted && !document.hidden) open();
};

/**
 * Keeps the stream open while `wanted`. A page that nobody looks at gives it up after a while: over HTTP/1.1 a browser
 * has six connections to a server, whatever the number of its tabs.
 */
export function useStream(wanted: boolean) {
  useEffect(() => {
    if (!wanted) return;
    isWanted = true;
    open();
    let hidden: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      clearTimeout(hidden);
      if (document.hidden) {
        hidden = setTimeout(close, HIDDEN_MS);
      } else if (!source) {
        open();
        void queries.invalidateQueries();
      }
    };
    document.addEventListener('visibilitychange', look);
    return () => {
      isWanted = false;
      clearTimeout(hidden);
      document.removeEventListener('visibilitychange', look);
      close();
    };
  }, [wanted]);
}

/** Whether events come. */
export function useConnected(): boolean {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => connected,
  );
}

/** Calls `listener` at each event of a name. */
export function useEvent<Name extends keyof Heard>(name: Name, listener: (event: Heard[Name]) => void) {
  useEffect(() => {
    const all: Set<(event: Heard[Name]) => void> = listeners[name];
    all.add(listener);
    return () => {
      all.delete(listener);
    };
  }, [name, listener]);
}
