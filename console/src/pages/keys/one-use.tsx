// What one key did in the last day, and its latest requests.

import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useCallback, useMemo, useRef } from 'react';
import { Link, useLocation } from 'wouter';
import { get } from '../../api/client.ts';
import { useEvent } from '../../api/live.ts';
import { queries } from '../../api/queries.ts';
import type { KeyView, Requests, RequestSummary, UsageSeries, UsageView } from '../../api/schema.ts';
import { Section } from '../../frame/page.tsx';
import { useFormat, useText } from '../../i18n/index.tsx';
import { TextLink } from '../../ui/button.tsx';
import { Legend } from '../../ui/over-time/legend.tsx';
import { Pill, type Tone } from '../../ui/pill.tsx';
import { Shown, Skeleton } from '../../ui/state.tsx';
import { Table, type Column } from '../../ui/table/index.tsx';
import { Ago } from '../../ui/time.tsx';
import { DAY_MS } from './history.ts';
import { Nothing } from './nothing.tsx';

const Chart = lazy(() => import('../../ui/chart.tsx'));
const HOUR_MS = 3_600_000;
const HOURS = 24;
const FRESH_MS = 30_000;
const PAUSE_MS = 2_000;
const LATEST = 20;
const HEIGHT = 180;

const failedOf = (step: UsageView): number => Object.values(step.tried).reduce((sum, count) => sum + count, 0);

function useUsage(id: number) {
  return useQuery<UsageView[]>({
    queryKey: ['usage', 'key', id],
    queryFn: async ({ signal }) => {
      const since = new Date(Date.now() - DAY_MS + HOUR_MS).toISOString();
      return (await get<UsageSeries>('/usage', { key: id, step: 'hour', since }, signal)).usage;
    },
    refetchInterval: FRESH_MS,
  });
}

export function Usage({ of: key }: { of: KeyView }) {
  const t = useText();
  const usage = useUsage(key.id);
  return (
    <Section title={t('keys.use')} actions={<TextLink to={`/usage?key=${key.id}&range=24h`}>{t('keys.more_use')}</TextLink>}>
      <div className="card flex flex-col gap-3 p-4">
        <Shown of={usage} lines={5}>
          {(steps) => <Course steps={steps} />}
        </Shown>
      </div>
    </Section>
  );
}

function Course({ steps }: { steps: UsageView[] }) {
  const t = useText();
  const format = useFormat();
  const sum = (of: (step: UsageView) => number) => steps.reduce((all, step) => all + of(step), 0);
  const [attempts, failed, tokens, cost] = [sum((it) => it.attempts), sum(failedOf), sum((it) => it.tokens.total), sum((it) => it.cost ?? 0)];
  const { times, asked, lost } = useMemo(() => {
    const now = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
    const times = Array.from({ length: HOURS }, (_, hour) => now - (HOURS - 1 - hour) * HOUR_MS);
    const found = new Map(steps.map((step) => [Date.parse(step.at ?? ''), step]));
    const of = (what: (step: UsageView) => number) =>
      times.map((time) => {
        const step = found.get(time);
        return step ? what(step) : 0;
      });
    return { times, asked: of((it) => it.attempts), lost: of(failedOf) };
  }, [steps]);
  const series = [
    { name: t('keys.attempts'), values: asked },
    { name: t('keys.failed_attempts'), values: lost },
  ];
  if (attempts === 0) return <p className="text-muted">{t('keys.no_use')}</p>;
  const label = t('keys.use_sum', { attempts, rate: format.percent(1 - failed / attempts), tokens: format.short(tokens) });
  return (
    <>
      <p>
        {label}
        {cost > 0 && <span>{t('keys.comma')}{format.money(cost)}</span>}
      </p>
      <Suspense fallback={<Skeleton className="h-45 w-full" />}>
        <Chart label={label} times={times} height={HEIGHT} series={series} />
      </Suspense>
      <Legend isShown names={series.map((it) => it.name)} />
    </>
  );
}

const OUTCOMES: Record<string, Tone> = { complete: 'good', failed: 'bad', client_gone: 'off' };

export function LatestRequests({ of: key }: { of: KeyView }) {
  const t = useText();
  const [, go] = useLocation();
  const requests = useLatest(key.id);
  const columns = useRequestColumns();
  return (
    <Section title={t('keys.requests')} actions={<TextLink to={`/requests?key=${key.id}`}>{t('keys.all_requests')}</TextLink>}>
      <Shown of={requests} lines={3}>
        {(all) =>
          all.length === 0 ? (
            <Nothing>{t('keys.no_requests')}</Nothing>
          ) : (
            <Table
              name="key-requests"
              label={t('keys.requests')}
              columns={columns}
              count={all.length}
              row={(index) => all[index]}
              id={(it) => it.id}
              onOpen={(it) => go(`/requests/${it.id}`)}
              height="420px"
            />
          )
        }
      </Shown>
    </Section>
  );
}

/** The last requests for which the key was asked; anew when one ends, but not for each of many. */
function useLatest(id: number) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const heard = useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void queries.invalidateQueries({ queryKey: ['requests', 'key', id] });
    }, PAUSE_MS);
  }, [id]);
  useEvent('request', heard);
  return useQuery<RequestSummary[]>({
    queryKey: ['requests', 'key', id],
    queryFn: async ({ signal }) => (await get<Requests>('/requests', { key: id, limit: LATEST }, signal)).requests,
  });
}

function useRequestColumns(): Column<RequestSummary>[] {
  const t = useText();
  const format = useFormat();
  const at = useCallback(
    (it: RequestSummary) => (
      <Link href={`/requests/${it.id}`} className="hover:underline">
        <Ago at={it.at} />
      </Link>
    ),
    [],
  );
  return useMemo(
    () => [
      { id: 'at', head: t('keys.when'), width: 136, fixed: true, cell: at },
      { id: 'outcome', head: t('keys.result'), width: 120, cell: (it) => <Pill tone={OUTCOMES[it.outcome] ?? 'off'}>{t.of('keys.outcome', it.outcome)}</Pill> },
      { id: 'status', head: t('keys.status'), width: 76, numeric: true, cell: (it) => it.status ?? '–' },
      { id: 'model', head: t('keys.model'), cell: (it) => it.model ?? '–' },
      { id: 'attempts', head: t('keys.attempts'), width: 96, numeric: true, extra: true, cell: (it) => format.number(it.attempts) },
      { id: 'tokens', head: t('keys.tokens'), width: 80, numeric: true, cell: (it) => format.short(it.tokens.total) },
      { id: 'total', head: t('keys.took'), width: 84, numeric: true, cell: (it) => format.duration(it.total_ms) },
    ],
    [t, format, at],
  );
}
