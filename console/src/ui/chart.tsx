// A chart over time: lines or a stack, drawn by uPlot in the colours of the theme.

import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useFormat } from '../i18n/index.tsx';
import { colour } from './colours.ts';

const DAY_S = 86_400;

export type Series = {
  name: string;
  values: (number | null)[];
  /** Which colour it has; that of its place where it is absent. */
  tint?: number;
};

type ChartProps = {
  /** What it shows, for those who cannot see it. */
  label: string;
  /** Moments, in milliseconds. */
  times: number[];
  series: Series[];
  stacked?: boolean;
  /** How a value is written. */
  show?: (value: number) => string;
  /** Is told which moment the pointer is at, by its index; null when it leaves. */
  onPoint?: (index: number | null) => void;
  height?: number;
};

export default function Chart({ label, times, series, stacked = false, show, onPoint, height = 240 }: ChartProps) {
  const format = useFormat();
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const write = show ?? ((value: number) => format.short(value));
  const pointed = useRef(onPoint);
  useEffect(() => {
    pointed.current = onPoint;
  }, [onPoint]);
  const shape = JSON.stringify([series.map((it) => [it.name, it.tint]), stacked, height]);
  const lines = stacked ? piled(series) : series;
  const moment = (at: number, step: number) => (step >= DAY_S || isMidnight(at) ? format.day(at) : format.clock(at));
  const data = [times.map((time) => time / 1_000), ...lines.map((it) => it.values)] as uPlot.AlignedData;
  useEffect(() => {
    const host = place.current;
    if (!host) return;
    const style = getComputedStyle(document.documentElement);
    const ink = style.getPropertyValue('--muted');
    const line = { stroke: style.getPropertyValue('--line'), width: 1 };
    const axis = { stroke: ink, grid: line, ticks: line, font: '12px system-ui' };
    const made = new uPlot(
      {
        width: host.clientWidth || 600,
        height,
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false } },
        scales: { y: { range: (_, __, top) => [0, top > 0 ? top * 1.05 : 1] } },
        axes: [{ ...axis, size: 32, values: (_, splits, __, ___, step) => splits.map((at) => moment(at * 1_000, step)) }, { ...axis, size: 64, values: (_, splits) => splits.map((value) => (value === null ? '' : write(value))) }],
        series: [{}, ...lines.map((it, index) => drawn(it.tint ?? index, stacked))],
        hooks: { setCursor: [(self) => pointed.current?.(self.cursor.idx ?? null)] },
        bands: stacked ? lines.slice(1).map((_, index) => ({ series: [index + 2, index + 1] as [number, number] })) : [],
      },
      data,
      host,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: host.clientWidth, height }));
    observer.observe(host);
    const theme = new MutationObserver(() => made.redraw());
    theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      observer.disconnect();
      theme.disconnect();
      made.destroy();
      plot.current = null;
    };
    // The shape alone asks for another plot; new data goes into the one that is there.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [shape]);
  useEffect(() => plot.current?.setData(data));
  return <div ref={place} role="img" aria-label={label} className="w-full min-w-0 overflow-hidden" style={{ height }} />;
}

function drawn(tint: number, stacked: boolean): uPlot.Series {
  const stroke = colour(tint);
  const points: uPlot.Series.Points = stacked ? { show: false } : { show: true, size: 5, fill: stroke, filter: (plot, series) => lone(plot.data[series] ?? []) };
  return { stroke, width: 1.5, points, spanGaps: false, ...(stacked ? { fill: `${stroke}66` } : {}) };
}

/** Those between two gaps, which no line leads to. */
function lone(values: ArrayLike<number | null | undefined>): number[] {
  return Array.from(values, (_, index) => index).filter((index) => {
    const isGap = (at: number) => values[at] === null || values[at] === undefined;
    return !isGap(index) && isGap(index - 1) && isGap(index + 1);
  });
}

function isMidnight(at: number): boolean {
  const time = new Date(at);
  return time.getHours() === 0 && time.getMinutes() === 0;
}

/** Each series on top of those before it. */
function piled(series: Series[]): Series[] {
  const sums: number[] = [];
  return series.map((it) => {
    const values = it.values.map((value, index) => (sums[index] = (sums[index] ?? 0) + (value ?? 0)));
    return { ...it, values: [...values] };
  });
}
