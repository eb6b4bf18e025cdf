// Is all well? One sentence, five figures, the pools, and what failed lately.

import { useEffect, useMemo, useRef, useState } from 'react';
import { useConnected } from '../../api/live.ts';
import { queries, useForecasts, useOverview, usePools } from '../../api/queries.ts';
import type { Overview } from '../../api/schema.ts';
import { Page, Section } from '../../frame/page.tsx';
import { useText } from '../../i18n/index.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Failed, Skeleton } from '../../ui/state.tsx';
import { useHour, useQuotas } from './data.ts';
import { Figures } from './figures.tsx';
import { Lately } from './lately.tsx';
import { PoolRows } from './pools.tsx';
import { Sentence } from './sentence.tsx';
import { verdict } from './verdict.ts';

/** A stream that opens within this time was never cut. */
const PATIENCE_MS = 3_000;

export default function OverviewPage() {
  const t = useText();
  const overview = useOverview();
  return (
    <Page title={t('overview.title')} actions={<NotLive />}>
      {overview.data ? (
        <Standing overview={overview.data} />
      ) : overview.error ? (
        <Failed error={overview.error} again={() => void overview.refetch()} />
      ) : (
        <Coming />
      )}
    </Page>
  );
}

function Standing({ overview }: { overview: Overview }) {
  const t = useText();
  const hour = useHour();
  const pools = usePools();
  const forecasts = useForecasts();
  const quotas = useQuotas(Boolean(forecasts.data?.length));
  useNewCounts(overview);
  const off = useMemo(
    () => new Map((pools.data ?? []).map(({ id, keys }) => [id, Math.max(keys.total - (overview.pools.find((it) => it.id === id)?.keys.total ?? keys.total), 0)])),
    [pools.data, overview],
  );
  // Without all three the sentence could say that all is well where it is not.
  const isKnown = pools.data !== undefined && forecasts.data !== undefined;
  const said = isKnown ? verdict({ pools: overview.pools, off, forecasts: forecasts.data }) : null;
  const trouble = pools.error ?? forecasts.error;
  return (
    <>
      {said ? <Sentence all={said} /> : trouble ? <Failed error={trouble} again={() => void forecasts.refetch()} /> : <Skeleton className="h-14 w-full" />}
      <Figures overview={overview} hour={hour.data} />
      <Section title={t('overview.pools')} note={t('overview.pools_note')}>
        <PoolRows pools={overview.pools} off={off} courses={hour.data?.pools ?? new Map()} forecasts={forecasts.data ?? []} quotas={quotas.data ?? []} />
      </Section>
      <Section title={t('overview.lately')} note={t('overview.lately_note')}>
        <Lately pools={overview.pools} />
      </Section>
    </>
  );
}

/** How many keys are switched off is told with the pools alone: they are asked for anew when keys come or go. */
function useNewCounts({ pools }: Overview) {
  const totals = pools.map((pool) => `${pool.id}:${pool.keys.total}`).join();
  const before = useRef(totals);
  useEffect(() => {
    if (before.current !== totals) void queries.invalidateQueries({ queryKey: ['pools'] });
    before.current = totals;
  }, [totals]);
}

/** The page before anything is known of it, of the size that it will have. */
function Coming() {
  const t = useText();
  return (
    <div role="status" aria-label={t('ui.loading')} className="flex flex-col gap-4">
      <Skeleton className="h-14 w-full" />
      <div className="grid grid-cols-2 gap-3 min-[900px]:grid-cols-3 min-[1100px]:grid-cols-5">
        {Array.from({ length: 5 }, (_, place) => (
          <Skeleton key={place} className="h-36 w-full" />
        ))}
      </div>
      <Skeleton className="h-28 w-full" />
      <Skeleton className="h-12 w-full" />
    </div>
  );
}

/** Says that what is shown does not move by itself. */
function NotLive() {
  const t = useText();
  const isConnected = useConnected();
  const [isCut, setCut] = useState(false);
  useEffect(() => {
    if (isConnected) return setCut(false);
    const timer = setTimeout(() => setCut(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [isConnected]);
  return (
    <p role="status" className="flex min-h-5 items-center gap-2 text-warn">
      {isCut && (
        <>
          <Icon name="warning" />
          {t('overview.not_live')}
        </>
      )}
    </p>
  );
}
