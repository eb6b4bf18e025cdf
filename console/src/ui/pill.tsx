// A state as a word beside a shape: never by colour alone.

import type { ReactNode } from 'react';

export type Tone = 'good' | 'warn' | 'bad' | 'off';

const TONES: Record<Tone, string> = { good: 'text-good', warn: 'text-warn', bad: 'text-bad', off: 'text-off' };

/** Full circle: serving. Half: cooling. Cross: revoked or failed. Ring: off. */
function Shape({ tone }: { tone: Tone }) {
  return (
    <svg aria-hidden="true" width="10" height="10" viewBox="0 0 10 10" className="shrink-0">
      {tone === 'good' && <circle cx="5" cy="5" r="4.5" fill="currentColor" />}
      {tone === 'warn' && (
        <>
          <circle cx="5" cy="5" r="4" fill="none" stroke="currentColor" />
          <path d="M5 .5a4.5 4.5 0 0 1 0 9z" fill="currentColor" />
        </>
      )}
      {tone === 'bad' && <path d="M1.5 1.500l7 7m0-7l-7 7" stroke="currentColor" strokeWidth="2" />}
      {tone === 'off' && <circle cx="5" cy="5" r="4" fill="none" stroke="currentColor" />}
    </svg>
  );
}

export function Pill({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span className={`inline-flex items-center gap-1.5 whitespace-nowrap ${TONES[tone]}`}>
      <Shape tone={tone} />
      {children}
    </span>
  );
}

/** A label without a meaning of its own, such as a tag. */
export function Tag({ children }: { children: ReactNode }) {
  return <span className="inline-block max-w-full truncate rounded-md bg-sunken px-1.5 text-xs leading-5">{children}</span>;
}
