// The chart: a stack of what adds up, lines of what does not; what it is at the pointer is written above it.

import { lazy, Suspense, useState } from 'react';
import { useFormat, useText } from '../../i18n/index.tsx';
import type { Series } from '../../ui/chart.tsx';
import { Skeleton } from '../../ui/state.tsx';
import { isSum, type Choice } from './choice.ts';
import { useWrite } from './speech.ts';

const Chart = lazy(() => import('../../ui/chart.tsx'));
const HEIGHT = 260;

type CourseProps = { choice: Choice; times: number[]; series: Series[] };

export function CourseChart({ choice, times, series }: CourseProps) {
  const t = useText();
  const write = useWrite(choice.measure);
  const [index, setIndex] = useState<number | null>(null);
  const label = t('usage.chart', {
    measure: t(`usage.measure.${choice.measure}`),
    by: t(`usage.by.${choice.by}`),
    range: t(`frame.range.${choice.range}`),
    step: t(`usage.step.${choice.step}`),
  });
  return (
    <figure className="card flex min-w-0 flex-col gap-2 p-4">
      <figcaption className="flex min-h-5 flex-wrap gap-x-4 text-xs text-muted">
        {index === null ? label : <AtPointer choice={choice} time={times[index]} series={series} index={index} />}
      </figcaption>
      <Suspense fallback={<div style={{ height: HEIGHT }}><Skeleton className="h-full w-full" /></div>}>
        <Chart label={label} times={times} series={series} stacked={isSum(choice.measure)} show={write} height={HEIGHT} onPoint={setIndex} />
      </Suspense>
    </figure>
  );
}

type AtPointerProps = { choice: Choice; time: number | undefined; series: Series[]; index: number };

function AtPointer({ choice, time, series, index }: AtPointerProps) {
  const format = useFormat();
  const write = useWrite(choice.measure);
  const values = series.map(({ name, values }) => ({ name, value: values[index] ?? null })).filter(({ value }) => value !== null && value > 0);
  const moment = time === undefined ? '' : choice.step === 'day' ? format.day(time) : `${format.day(time)} ${format.clock(time)}`;
  return (
    <>
      <span className="font-medium text-ink">{moment}</span>
      {values.map(({ name, value }) => (
        <span key={name} className="truncate">
          {`${name} ${write(value)}`}
        </span>
      ))}
    </>
  );
}
