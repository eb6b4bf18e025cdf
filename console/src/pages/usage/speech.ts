// What is measured, and of what, in words and numbers.

import type { By, UsageView } from '../../api/schema.ts';
import { useFormat, useText } from '../../i18n/index.tsx';
import type { Measure } from './choice.ts';
import type { Entry } from './data.ts';

/** How a value of a measure is written; nothing known is said so. */
export function useWrite(measure: Measure): (value: number | null) => string {
  const t = useText();
  const format = useFormat();
  return (value) => {
    if (value === null) return t(measure === 'cost' ? 'usage.no_price' : 'usage.unknown');
    if (measure === 'cost') return format.money(value);
    return /_p\d+$/.test(measure) ? format.duration(value) : format.short(value);
  };
}

/** How much more or less it is than before: "+12 %"; nothing where there was nothing. */
export function useChange(): (now: number | null, before: number | null) => string | null {
  const format = useFormat();
  return (now, before) => {
    if (now === null || !before) return null;
    const change = (now - before) / before;
    return `${change < 0 ? '−' : '+'}${format.percent(Math.abs(change))}`;
  };
}

/** What a row is called. */
export function useEntryName(by: By): (entry: Entry) => string {
  const t = useText();
  return ({ id, row }) => {
    if (by === 'all') return t('usage.by.all');
    if (id === '') return t(`usage.none.${by === 'reason' || by === 'outcome' ? 'other' : by}`);
    if (by === 'reason' || by === 'outcome') return t.of('requests.reason', id);
    return called(row) ?? (by === 'key' ? t('ui.key_number', { id }) : id);
  };
}

/** The API writes `..` before the end of a key. */
const called = ({ name }: UsageView): string | null => (name ? name.replace(/^\.\./, '…') : null);

/** Where more of a row is to be seen. */
export function placeOf(by: By, id: string): string | null {
  if (id === '') return null;
  if (by === 'pool' || by === 'key' || by === 'user') return `/${by}s/${id}`;
  if (by === 'reason') return `/requests?source=log&reason=${encodeURIComponent(id)}`;
  return by === 'model' ? `/requests?source=log&model=${encodeURIComponent(id)}` : null;
}
