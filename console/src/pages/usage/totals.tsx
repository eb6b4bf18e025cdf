// What all of it came to, each beside the same of the time before.

import { useFormat, useText } from '../../i18n/index.tsx';
import type { UsageView } from '../../api/schema.ts';
import type { RangeName } from '../../frame/scope.tsx';
import { useChange } from './speech.ts';

type TotalsProps = { now: UsageView | null; before: UsageView | null; range: RangeName };

export function Totals({ now, before, range }: TotalsProps) {
  const t = useText();
  const format = useFormat();
  const success = now?.success_rate ?? null;
  const figures = [
    { name: t('usage.measure.requests'), text: format.number(now?.requests ?? 0), now: now?.requests ?? 0, before: before?.requests ?? null },
    { name: t('usage.success'), text: success === null ? t('usage.unknown') : format.percent(success), was: before?.success_rate ?? null },
    { name: t('usage.measure.tokens'), text: format.short(now?.tokens.total ?? 0), now: now?.tokens.total ?? 0, before: before?.tokens.total ?? null },
    {
      name: t('usage.measure.cost'),
      text: typeof now?.cost === 'number' ? format.money(now.cost) : t('usage.no_price'),
      now: now?.cost ?? null,
      before: before?.cost ?? null,
      note: now && typeof now.cost === 'number' && now.unpriced > 0 ? t('usage.unpriced', { count: now.unpriced }) : null,
    },
  ];
  return (
    <dl className="grid grid-cols-2 gap-3 min-[900px]:grid-cols-4">
      {figures.map((figure) => (
        <div key={figure.name} className="card flex min-w-0 flex-col p-4">
          <dt className="text-xs text-muted">{figure.name}</dt>
          <dd className="truncate text-xl">{figure.text}</dd>
          <dd className="min-h-4 text-xs text-muted">
            {figure.was !== undefined ? <Was share={figure.was} /> : <Against now={figure.now ?? null} before={figure.before ?? null} range={range} />}
          </dd>
          {figure.note && <dd className="text-xs text-muted">{figure.note}</dd>}
        </div>
      ))}
    </dl>
  );
}

function Against({ now, before, range }: { now: number | null; before: number | null; range: RangeName }) {
  const t = useText();
  const change = useChange()(now, before);
  return change ? t('usage.against', { change, range: t(`usage.before.${range}`) }) : t('usage.nothing_before');
}

function Was({ share }: { share: number | null }) {
  const t = useText();
  const format = useFormat();
  return share === null ? t('usage.nothing_before') : t('usage.was', { share: format.percent(share) });
}
