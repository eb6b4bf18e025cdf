// A part of a page that has nothing to show says so in one line.

import type { ReactNode } from 'react';

export function Nothing({ children }: { children: ReactNode }) {
  return <p className="card px-4 py-3 text-muted">{children}</p>;
}
