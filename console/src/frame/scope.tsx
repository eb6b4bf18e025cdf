// Which pool, and since when: chosen at the same place on every page, kept in the address.

import { usePools } from '../api/queries.ts';
import { useText, type TextKey } from '../i18n/index.tsx';
import { useParam } from '../ui/address.ts';
import { Select } from '../ui/field.tsx';
import { mayLeave } from './location.ts';

const HOUR = 3_600_000;
const RANGES = { '1h': HOUR, '6h': 6 * HOUR, '24h': 24 * HOUR, '7d': 168 * HOUR, '30d': 720 * HOUR } as const;

export type RangeName = keyof typeof RANGES;
export type Range = { name: RangeName; milliseconds: number };

/** The pool that the page is about, or null for all. */
export function usePoolScope(): number | null {
  const [pool] = useParam('pool');
  return pool ? Number(pool) : null;
}

/** How far back the page looks. */
export function useRange(otherwise: RangeName = '1h'): Range {
  const [name] = useParam('range', otherwise);
  const known = (name in RANGES ? name : otherwise) as RangeName;
  return { name: known, milliseconds: RANGES[known] };
}

export function PoolScope() {
  const t = useText();
  const pools = usePools();
  const [pool, setPool] = useParam('pool');
  const choices = (pools.data ?? []).map((it) => ({ value: String(it.id), label: it.name }));
  return (
    <Select
      aria-label={t('frame.pool')}
      className="w-auto max-w-40"
      value={pool}
      choices={[{ value: '', label: t('frame.all_pools') }, ...choices]}
      onChange={(event) => mayLeave() && setPool(event.target.value || null)}
    />
  );
}

export function RangeScope({ otherwise = '1h' }: { otherwise?: RangeName }) {
  const t = useText();
  const [name, setName] = useParam('range', otherwise);
  const choices = Object.keys(RANGES).map((value) => ({ value, label: t(`frame.range.${value}` as TextKey) }));
  return <Select aria-label={t('frame.range')} className="w-auto max-w-40" value={name} choices={choices} onChange={(event) => setName(event.target.value)} />;
}
