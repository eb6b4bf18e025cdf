// How much there is to do, how well it goes, how fast, and what it costs.

import type { Overview, UsageView } from '../../api/schema.ts';
import { useFormat, useText } from '../../i18n/index.tsx';
import { Skeleton } from '../../ui/state.tsx';
import { Spark } from '../../ui/spark.tsx';
import type { Hour } from './data.ts';

const CARD = 'card flex min-w-0 flex-col gap-1 p-4 last:col-span-2 min-[900px]:last:col-span-1';

type Figure = { name: string; text: string; note: string; course: (number | null)[]; label: string };

function FigureCard({ name, text, note, course, label }: Figure) {
  return (
    <div className={CARD}>
      <dt className="text-xs text-muted">{name}</dt>
      <dd className="truncate text-xl">{text}</dd>
      <dd className="min-h-8 text-xs text-muted">{note}</dd>
      <dd className="mt-auto pt-1">
        <Spark values={course} label={label} />
      </dd>
    </div>
  );
}

export function Figures({ overview, hour }: { overview: Overview; hour: Hour | undefined }) {
  const t = useText();
  const figures = useFigures(overview, hour);
  return (
    <dl aria-label={t('overview.figures')} className="grid grid-cols-2 gap-3 min-[900px]:grid-cols-3 min-[1100px]:grid-cols-5">
      {figures.map((figure) =>
        hour ? (
          <FigureCard key={figure.name} {...figure} />
        ) : (
          <div key={figure.name} className={CARD}>
            <dt className="text-xs text-muted">{figure.name}</dt>
            <dd className="flex flex-col gap-1">
              <Skeleton className="h-8 w-20" />
              <Skeleton className="h-8 w-32" />
              <Skeleton className="mt-1 h-7 w-full" />
            </dd>
          </div>
        ),
      )}
    </dl>
  );
}

function useFigures({ pools }: Overview, hour: Hour | undefined): Figure[] {
  const t = useText();
  const format = useFormat();
  const rpm = pools.reduce((sum, pool) => sum + pool.now.rpm, 0);
  const tpm = pools.reduce((sum, pool) => sum + pool.now.tpm, 0);
  const requests = pools.reduce((sum, pool) => sum + pool.last_hour.requests, 0);
  const failures = pools.reduce((sum, pool) => sum + pool.last_hour.failures, 0);
  const costs = pools.map((pool) => pool.last_hour.cost).filter((cost) => typeof cost === 'number');
  const whole = hour?.whole ?? null;
  const [first, total] = [whole?.first_byte_ms ?? {}, whole?.total_ms ?? {}];
  const time = (value: number | null | undefined) => (typeof value === 'number' ? format.duration(value) : t('overview.unknown'));
  const course = (of: (row: UsageView) => number | null | undefined, none: number | null = 0) =>
    (hour?.all ?? []).map((row) => (row ? (of(row) ?? none) : none));
  const success = requests > 0 ? (requests - failures) / requests : null;
  const label = (name: string) => t('overview.course', { name });
  return [
    {
      name: t('overview.per_second'),
      text: format.number(rpm / 60, rpm < 600 ? 2 : 0),
      note: t('overview.per_second_note', { minute: rpm, hour: requests }),
      course: course((row) => row.requests),
      label: label(t('overview.per_second')),
    },
    {
      name: t('overview.success'),
      text: success === null ? t('overview.unknown') : format.percent(success),
      note: requests > 0 ? t('overview.success_note', { failures, requests }) : t('overview.quiet'),
      course: course((row) => row.success_rate, null),
      label: label(t('overview.success')),
    },
    {
      name: t('overview.first_byte'),
      text: time(first.p50),
      note: typeof first.p50 === 'number' ? t('overview.first_byte_note', { p95: time(first.p95), total50: time(total.p50), total95: time(total.p95) }) : t('overview.quiet'),
      course: course((row) => row.first_byte_ms.p50, null),
      label: label(t('overview.first_byte')),
    },
    {
      name: t('overview.tokens'),
      text: format.short(tpm),
      note: t('overview.tokens_note', { count: format.short(whole?.tokens.total ?? 0) }),
      course: course((row) => row.tokens.total),
      label: label(t('overview.tokens')),
    },
    {
      name: t('overview.cost'),
      text: costs.length > 0 ? format.money(costs.reduce((sum, cost) => sum + cost, 0)) : t('overview.no_price'),
      note: whole && whole.unpriced > 0 ? t('overview.unpriced', { count: whole.unpriced }) : t(requests > 0 ? 'overview.cost_note' : 'overview.quiet'),
      course: course((row) => row.cost),
      label: label(t('overview.cost')),
    },
  ];
}
