// Four small charts of one pool or user over the chosen time: requests, first byte, tokens, cost.

import { lazy, Suspense } from 'react';
import type { UsageView } from '../../api/schema.ts';
import { useFormat, useText } from '../../i18n/index.tsx';
import type { Series } from '../chart.tsx';
import { Shown, Skeleton } from '../state.tsx';
import { useCourse, type Back, type Course, type Of } from './data.ts';
import { Legend } from './legend.tsx';

const Chart = lazy(() => import('../chart.tsx'));
const HEIGHT = 160;

export function OverTime({ of, range }: { of: Of; range: Back }) {
  const course = useCourse(of, range);
  return <Shown of={course}>{(known) => <Charts course={known} />}</Shown>;
}

function Charts({ course: { times, steps, sum } }: { course: Course }) {
  const t = useText();
  const format = useFormat();
  const values = (read: (step: UsageView) => number | null | undefined, empty: number | null = 0) =>
    steps.map((step) => (step ? (read(step) ?? empty) : empty));
  const share = sum?.success_rate;
  const { p50, p95 } = sum?.first_byte_ms ?? {};
  const unpriced = sum?.unpriced ?? 0;
  return (
    <div className="grid grid-cols-[repeat(auto-fit,minmax(min(100%,360px),1fr))] gap-4">
      <Figure
        title={t('ui.chart.requests')}
        told={sum?.requests ? t('ui.chart.requests_sum', { count: sum.requests, share: format.percent(share ?? 0) }) : t('ui.chart.requests_none')}
        times={times}
        series={[
          { name: t('ui.chart.failed'), values: values((it) => it.failures) },
          { name: t('ui.chart.ok'), values: values((it) => it.requests - it.failures) },
        ]}
        stacked
      />
      <Figure
        title={t('ui.chart.latency')}
        told={typeof p50 === 'number' && typeof p95 === 'number' ? t('ui.chart.latency_sum', { p50: format.duration(p50), p95: format.duration(p95) }) : t('ui.chart.unknown')}
        times={times}
        series={[
          { name: t('ui.chart.p50'), values: values((it) => it.first_byte_ms.p50, null) },
          { name: t('ui.chart.p95'), values: values((it) => it.first_byte_ms.p95, null) },
        ]}
        show={(value) => format.duration(value)}
      />
      <Figure
        title={t('ui.chart.tokens')}
        told={t('ui.chart.tokens_sum', { count: format.short(sum?.tokens.total ?? 0) })}
        times={times}
        series={[
          { name: t('ui.chart.input'), values: values((it) => it.tokens.prompt) },
          { name: t('ui.chart.output'), values: values((it) => it.tokens.output) },
          { name: t('ui.chart.thoughts'), values: values((it) => it.tokens.thoughts) },
        ]}
        stacked
      />
      <Figure
        title={t('ui.chart.cost')}
        told={[typeof sum?.cost === 'number' ? format.money(sum.cost) : t('ui.chart.unknown'), unpriced > 0 ? t('ui.chart.unpriced', { count: unpriced }) : ''].filter(Boolean).join(', ')}
        times={times}
        series={[{ name: t('ui.chart.dollars'), values: values((it) => it.cost) }]}
        show={(value) => format.money(value)}
      />
    </div>
  );
}

type FigureProps = { title: string; told: string; times: number[]; series: Series[]; stacked?: boolean; show?: (value: number) => string };

function Figure({ title, told, times, series, stacked = false, show }: FigureProps) {
  const isEmpty = series.every((it) => it.values.every((value) => !value));
  const t = useText();
  return (
    <figure className="card flex min-w-0 flex-col gap-2 p-4">
      <figcaption className="flex flex-wrap items-baseline justify-between gap-x-4">
        <span className="font-medium">{title}</span>
        <span className="text-muted">{told}</span>
      </figcaption>
      {isEmpty ? (
        <p className="flex items-center justify-center text-muted" style={{ height: HEIGHT }}>
          {t('ui.chart.empty')}
        </p>
      ) : (
        <Suspense fallback={<div style={{ height: HEIGHT }}><Skeleton className="h-full w-full" /></div>}>
          <Chart label={`${title}: ${told}`} times={times} series={series} stacked={stacked} height={HEIGHT} {...(show ? { show } : {})} />
        </Suspense>
      )}
      <Legend names={series.map((it) => it.name)} isShown={series.length > 1} />
    </figure>
  );
}
