// What is being edited: whether it changed, and a question before it is left.

import { useCallback, useEffect, useMemo, useState } from 'react';

type Leaving = { isDirty: boolean };
const open = new Set<Leaving>();

/** Whether something on the page has changes that are not saved. */
export const hasUnsaved = (): boolean => [...open].some((it) => it.isDirty);

/** Asks before the page is left while there are changes. */
export function useUnsaved(isDirty: boolean) {
  const state = useMemo<Leaving>(() => ({ isDirty: false }), []);
  state.isDirty = isDirty;
  useEffect(() => {
    open.add(state);
    const ask = (event: BeforeUnloadEvent) => {
      if (state.isDirty) event.preventDefault();
    };
    window.addEventListener('beforeunload', ask);
    return () => {
      state.isDirty = false;
      open.delete(state);
      window.removeEventListener('beforeunload', ask);
    };
  }, [state]);
}

type Draft<Values> = {
  values: Values;
  set: (change: Partial<Values>) => void;
  /** What differs from what is saved. */
  changes: Partial<Values>;
  isDirty: boolean;
  reset: () => void;
};

/** A draft over what is saved: what comes anew changes only what was not touched. */
export function useDraft<Values extends object>(saved: Values): Draft<Values> {
  const [touched, setTouched] = useState<Partial<Values>>({});
  const values = useMemo(() => ({ ...saved, ...touched }), [saved, touched]);
  const changes = useMemo(() => {
    const differs = (name: keyof Values) => JSON.stringify(touched[name]) !== JSON.stringify(saved[name]);
    const names = (Object.keys(touched) as (keyof Values)[]).filter(differs);
    return Object.fromEntries(names.map((name) => [name, touched[name]])) as Partial<Values>;
  }, [saved, touched]);
  const isDirty = Object.keys(changes).length > 0;
  useUnsaved(isDirty);
  const set = useCallback((change: Partial<Values>) => setTouched((before) => ({ ...before, ...change })), []);
  const reset = useCallback(() => setTouched({}), []);
  return { values, set, changes, isDirty, reset };
}
