// The requests as they end, on the page: gathered in small parts, held while somebody looks.

import { useCallback, useEffect, useReducer, useRef, useState } from 'react';
import { useConnected, useEvent } from '../../api/live.ts';
import { queries } from '../../api/queries.ts';
import type { RequestSummary } from '../../api/schema.ts';
import { useLast } from './data.ts';
import { ofLast, type Filter } from './filter.ts';
import { ofSummary, type Row } from './row.ts';
import { filled, NOTHING, received, released, type Tail } from './tail.ts';

/** Requests that end within this time are shown together. */
const GATHER_MS = 200;

type Act = { of: 'received' | 'filled'; rows: Row[]; isHeld: boolean } | { of: 'released' };

function reduce(tail: Tail, act: Act): Tail {
  if (act.of === 'released') return released(tail);
  return act.of === 'received' ? received(tail, act.rows, act.isHeld) : filled(tail, act.rows, act.isHeld);
}

const again = () => void queries.invalidateQueries({ queryKey: ['requests', 'last'] });

/** The tail of requests; nothing is added to what is shown while it `isHeld`. */
export function useLive(filter: Filter, isHeld: boolean) {
  const [tail, act] = useReducer(reduce, NOTHING);
  const last = useLast(ofLast(filter));
  const held = useRef(isHeld);
  const gathered = useRef<Row[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    held.current = isHeld;
    if (!isHeld) act({ of: 'released' });
  }, [isHeld]);
  useEffect(() => {
    if (last.data) act({ of: 'filled', rows: last.data, isHeld: held.current });
  }, [last.data]);
  const hear = useCallback((event: RequestSummary) => {
    gathered.current.push(ofSummary(event));
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      act({ of: 'received', rows: gathered.current.splice(0), isHeld: held.current });
    }, GATHER_MS);
  }, []);
  useEvent('request', hear);
  useEvent('missed', again);
  useAgainWhenConnected();
  useEffect(() => () => clearTimeout(timer.current), []);
  const release = useCallback(() => act({ of: 'released' }), []);
  return { tail, last, release };
}

/** What happened while the stream was cut is asked for. */
function useAgainWhenConnected() {
  const isConnected = useConnected();
  const before = useRef(isConnected);
  useEffect(() => {
    if (isConnected && !before.current) again();
    before.current = isConnected;
  }, [isConnected]);
}

/** So long the list is still held after the pointer has left it, as on its way to what waits. */
const LEAVE_MS = 500;

/** Whether somebody is at the list: the pointer or the focus is in it, or it is scrolled. */
export function useHold() {
  const [at, setAt] = useState({ pointer: false, focus: false, scrolled: false });
  const leaving = useRef<ReturnType<typeof setTimeout>>(undefined);
  const put = (part: Partial<typeof at>) => setAt((before) => ({ ...before, ...part }));
  const letGo = () => {
    clearTimeout(leaving.current);
    put({ pointer: false });
  };
  useEffect(() => () => clearTimeout(leaving.current), []);
  /** For what belongs to the list and stands beside it. */
  const hover = {
    onPointerEnter: (event: React.PointerEvent) => {
      if (event.pointerType === 'touch') return;
      clearTimeout(leaving.current);
      put({ pointer: true });
    },
    onPointerLeave: () => {
      clearTimeout(leaving.current);
      leaving.current = setTimeout(letGo, LEAVE_MS);
    },
  };
  const handlers = {
    ...hover,
    onFocus: () => put({ focus: true }),
    onBlur: (event: React.FocusEvent) => put({ focus: event.currentTarget.contains(event.relatedTarget) }),
    onScrollCapture: (event: React.UIEvent) => put({ scrolled: (event.target as HTMLElement).scrollTop > 0 }),
  };
  return { isHeld: at.pointer || at.focus || at.scrolled, handlers, hover, letGo };
}
