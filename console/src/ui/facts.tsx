// Facts of one thing: a word, and what it is.

import { Fragment, type ReactNode } from 'react';

export type Fact = { name: string; value: ReactNode };

export function Facts({ facts }: { facts: Fact[] }) {
  return (
    <dl className="grid grid-cols-1 gap-x-6 gap-y-1 min-[600px]:grid-cols-[max-content_minmax(0,1fr)] min-[600px]:gap-y-2">
      {facts.map(({ name, value }) => (
        <Fragment key={name}>
          <dt className="text-muted">{name}</dt>
          <dd className="min-w-0 pb-2 break-words min-[600px]:pb-0">{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
