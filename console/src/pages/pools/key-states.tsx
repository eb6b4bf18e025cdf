// How the keys of a pool stand: a bar of parts, and the same in words.

import type { Pool } from '../../api/schema.ts';
import { useFormat, useText } from '../../i18n/index.tsx';
import { Parts, type Fill } from '../../ui/meter.tsx';
import { standingOf } from './data.ts';

const FILLS: Record<keyof ReturnType<typeof standingOf>, Fill> = { serving: 'good', cooling: 'warn', revoked: 'bad', off: 'off' };
const STATES = ['serving', 'cooling', 'revoked', 'off'] as const;

export function KeyStates({ pool }: { pool: Pool }) {
  const t = useText();
  const format = useFormat();
  if (pool.keys.total === 0) return <span className="text-muted">{t('pools.keys.none')}</span>;
  const standing = standingOf(pool);
  const counted = STATES.filter((state) => standing[state] > 0 || state === 'serving');
  const words = counted.map((state) => t(`pools.keys.${state}`, { count: format.number(standing[state]) })).join(', ');
  const parts = STATES.map((state) => ({ name: state, count: standing[state], fill: FILLS[state] }));
  return (
    <span className="flex w-full min-w-40 flex-col gap-1">
      <Parts parts={parts} label={words} />
      <span className="text-xs text-muted">{words}</span>
    </span>
  );
}
