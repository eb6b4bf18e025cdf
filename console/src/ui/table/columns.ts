// Which columns of a table are shown: its user chooses, and the browser remembers.

import { useSyncExternalStore, type ReactNode } from 'react';
import { keep, kept } from '../kept.ts';

export type Column<Row> = {
  id: string;
  /** The heading; a word, so that the choice of columns can name it. */
  head: string;
  cell: (row: Row) => ReactNode;
  /** The width in pixels; one column without takes what is left. */
  width?: number;
  /** Numbers stand at the end. */
  numeric?: boolean;
  /** The word by which the server sorts. */
  sort?: string;
  /** Whether it is only shown when asked for. */
  extra?: boolean;
  /** Whether it cannot be taken away. */
  fixed?: boolean;
};

type Changed = Record<string, boolean>;
const tables = new Map<string, Changed>();
const watchers = new Set<() => void>();

function read(table: string): Changed {
  const known = tables.get(table);
  if (known) return known;
  let changed: Changed = {};
  try {
    changed = JSON.parse(kept(`columns.${table}`) ?? '{}') as Changed;
  } catch {
    // Whatever stood there is no choice of columns.
  }
  tables.set(table, changed);
  return changed;
}

function watch(watcher: () => void) {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

type Chosen = { isShown: (id: string) => boolean; toggle: (id: string) => void };

export function useColumns<Row>(table: string, columns: Column<Row>[]): Chosen {
  const changed = useSyncExternalStore(watch, () => read(table));
  const isShown = (id: string) => changed[id] ?? !columns.find((column) => column.id === id)?.extra;
  const toggle = (id: string) => {
    const after = { ...changed, [id]: !isShown(id) };
    tables.set(table, after);
    keep(`columns.${table}`, JSON.stringify(after));
    for (const watcher of watchers) watcher();
  };
  return { isShown, toggle };
}
