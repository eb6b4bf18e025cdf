// How words of the server look.

import type { Tone } from '../../ui/pill.tsx';

/** An end that was no failure of anybody's is neither good nor bad. */
export function toneOf(outcome: string): Tone {
  return outcome === 'complete' ? 'good' : outcome === 'client_gone' ? 'off' : 'bad';
}
