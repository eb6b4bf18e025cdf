// Where one is, and the question before one leaves what is not saved.

import { useBrowserLocation, type BrowserLocationHook } from 'wouter/use-browser-location';
import { hasUnsaved } from '../ui/form.ts';

/** The words of the question; the frame puts them here in its language. */
export const leaving = { question: '' };

/** Whether nothing is unsaved, or its user leaves it all the same. */
export const mayLeave = (): boolean => !hasUnsaved() || window.confirm(leaving.question);

/** The browser's location, left only on purpose while something is not saved. */
export const useGuardedLocation: BrowserLocationHook = (options) => {
  const [location, navigate] = useBrowserLocation(options);
  const guarded: typeof navigate = (to, settings) => {
    const isElsewhere = new URL(to, window.location.href).pathname !== window.location.pathname;
    if (isElsewhere && !mayLeave()) return;
    navigate(to, settings);
    if (isElsewhere) window.scrollTo(0, 0);
  };
  return [location, guarded];
};
