// How much of something is used, and of what parts something is.

import type { ReactNode } from 'react';

export type Fill = 'good' | 'warn' | 'bad' | 'off' | 'accent';

type MeterProps = { used: number; limit: number; label: string; children?: ReactNode };

/** A bar of what is used of a limit; `label` says it in words. */
export function Meter({ used, limit, label, children }: MeterProps) {
  const share = limit > 0 ? Math.min(used / limit, 1) : 1;
  const fill: Fill = share >= 1 ? 'bad' : share >= 0.8 ? 'warn' : 'accent';
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <div
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={limit}
        aria-valuenow={Math.min(used, limit)}
        className="h-2 overflow-hidden rounded-full bg-sunken"
      >
        <div className={`h-full rounded-full fill-${fill}`} style={{ width: `${share * 100}%` }} />
      </div>
      {children}
    </div>
  );
}

export type Part = { name: string; count: number; fill: Fill };

/** Parts of a whole side by side; `label` says them in words. */
export function Parts({ parts, label }: { parts: Part[]; label: string }) {
  const total = parts.reduce((sum, part) => sum + part.count, 0);
  return (
    <div role="img" aria-label={label} title={label} className="flex h-2 w-full gap-px overflow-hidden rounded-full bg-sunken">
      {parts
        .filter((part) => part.count > 0)
        .map((part) => (
          <div key={part.name} className={`fill-${part.fill} min-w-1`} style={{ width: `${(part.count / total) * 100}%` }} />
        ))}
    </div>
  );
}

/** How far long work is. */
export function Progress({ done, total, label }: { done: number; total: number; label: string }) {
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={done}
      className="h-2 overflow-hidden rounded-full bg-sunken"
    >
      <div className="fill-accent h-full transition-[width]" style={{ width: `${total > 0 ? (done / total) * 100 : 0}%` }} />
    </div>
  );
}
