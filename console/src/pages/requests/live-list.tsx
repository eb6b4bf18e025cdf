// Requests as they end, the newest on top.

import { useMemo, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { useConnected } from '../../api/live.ts';
import { useText } from '../../i18n/index.tsx';
import { Button, LinkButton } from '../../ui/button.tsx';
import { Pill, type Tone } from '../../ui/pill.tsx';
import { Empty, Shown } from '../../ui/state.tsx';
import { ColumnChoice, Table } from '../../ui/table/index.tsx';
import { addressOf, useRequestColumns } from './columns.tsx';
import { useTried } from './data.ts';
import { fits, isAny, useFilter } from './filter.ts';
import { useHold, useLive } from './live.ts';

export function LiveList({ poolName }: { poolName: (id: number) => string }) {
  const t = useText();
  const [, go] = useLocation();
  const [filter] = useFilter();
  const [isPaused, setPaused] = useState(false);
  const { isHeld, handlers, hover, letGo } = useHold();
  const { tail, last, release } = useLive(filter, isHeld || isPaused);
  const tried = useTried(filter.key);
  const columns = useRequestColumns(false, poolName);
  const place = useRef<HTMLDivElement>(null);
  const shown = useMemo(() => tail.shown.filter((row) => fits(row, filter, tried)), [tail.shown, filter, tried]);
  const waiting = useMemo(() => tail.waiting.filter((row) => fits(row, filter, tried)).length, [tail.waiting, filter, tried]);
  const show = () => {
    release();
    // The button goes from under the pointer, which nobody tells it.
    letGo();
    place.current?.querySelector('.overflow-auto')?.scrollTo({ top: 0 });
  };
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <div className="flex min-h-8 flex-wrap items-center gap-x-3 gap-y-2">
        <Standing isHeld={isHeld} isPaused={isPaused} />
        <span className="text-xs text-muted">{t('requests.shown', { count: shown.length })}</span>
        {waiting > 0 && (
          <Button icon="up" onClick={show} {...hover}>
            {t('requests.new', { count: waiting })}
          </Button>
        )}
        <span role="status" className="sr-only">
          {waiting > 0 ? t('requests.new', { count: waiting }) : ''}
        </span>
        <span className="ml-auto flex items-center gap-2">
          <Button icon={isPaused ? 'play' : 'stop'} aria-pressed={isPaused} onClick={() => setPaused(!isPaused)}>
            {t(isPaused ? 'requests.resume' : 'requests.pause')}
          </Button>
          <ColumnChoice name="requests" columns={columns} />
        </span>
      </div>
      <Shown of={last} lines={8}>
        {() => (
          <div ref={place} {...handlers}>
            <Table
              name="requests"
              label={t('requests.title')}
              columns={columns}
              count={shown.length}
              row={(index) => shown[index]}
              id={(row) => row.id}
              onOpen={(row) => go(addressOf(row, false))}
              height="calc(100dvh - 280px)"
              empty={isAny(filter) ? <NothingFits /> : <NoneYet />}
            />
          </div>
        )}
      </Shown>
    </div>
  );
}

/** Whether what happens is shown as it happens. */
function Standing({ isHeld, isPaused }: { isHeld: boolean; isPaused: boolean }) {
  const t = useText();
  const isConnected = useConnected();
  const word = !isConnected ? 'cut' : isPaused ? 'paused' : isHeld ? 'held' : 'live';
  const tones: Record<typeof word, Tone> = { cut: 'bad', paused: 'off', held: 'warn', live: 'good' };
  return <Pill tone={tones[word]}>{t(`requests.standing.${word}`)}</Pill>;
}

export function NothingFits() {
  const t = useText();
  return <Empty title={t('requests.nothing_fits')} text={t('requests.nothing_fits_text')} />;
}

function NoneYet() {
  const t = useText();
  return (
    <Empty title={t('requests.none')} text={t('requests.none_text')}>
      <LinkButton to="/connect">{t('requests.none_connect')}</LinkButton>
      <LinkButton to="/playground">{t('requests.none_playground')}</LinkButton>
    </Empty>
  );
}
