// What became of a key: the last day as a ribbon, and each change and failure with Google's words.

import { useMemo } from 'react';
import type { KeyEvent, KeyView } from '../../api/schema.ts';
import { Section } from '../../frame/page.tsx';
import { useFormat, useText, type Text } from '../../i18n/index.tsx';
import type { Format } from '../../i18n/format.ts';
import { useParam } from '../../ui/address.ts';
import { Button } from '../../ui/button.tsx';
import { Select } from '../../ui/field.tsx';
import { Pill, type Tone } from '../../ui/pill.tsx';
import { Shown, Skeleton } from '../../ui/state.tsx';
import { Ago, useNow } from '../../ui/time.tsx';
import { DAY_MS, spansOf, useDay, useEvents, type Span } from './history.ts';
import { Nothing } from './nothing.tsx';
import { bothTimes } from './standing.tsx';

const FILLS: Record<Span['state'], string> = { active: 'fill-good', cooling: 'fill-warn', revoked: 'fill-bad', disabled: 'fill-off', absent: '' };
const TONES: Record<string, Tone> = { active: 'good', enabled: 'good', cooling: 'warn', revoked: 'bad', disabled: 'off', error: 'bad' };
const TICKS = [24, 18, 12, 6, 0];
const HOUR_MS = 3_600_000;
/** What is longer is opened by who wants all of it. */
const SHORT = 140;

export function History({ of: key }: { of: KeyView }) {
  const t = useText();
  const [kind, setKind] = useParam('events');
  const events = useEvents(key.id);
  const all = useMemo(() => events.data?.pages.flatMap((page) => page.events) ?? [], [events.data]);
  const shown = kind ? all.filter((it) => (it.what === 'error') === (kind === 'errors')) : all;
  return (
    <Section
      title={t('keys.history')}
      note={t('keys.history_note')}
      actions={
        <Select
          aria-label={t('keys.history_kind')}
          value={kind}
          choices={['', 'states', 'errors'].map((value) => ({ value, label: t.of('keys.history_kinds', value || 'all') }))}
          onChange={(event) => setKind(event.target.value)}
        />
      }
    >
      <Ribbon of={key} />
      <Shown of={events} lines={3}>
        {() =>
          shown.length === 0 ? (
            <Nothing>{t(kind === 'errors' ? 'keys.no_errors' : 'keys.no_events')}</Nothing>
          ) : (
            <ol className="card divide-y divide-line" aria-label={t('keys.history')}>
              {shown.map((event) => (
                <Happened key={event.id} event={event} />
              ))}
            </ol>
          )
        }
      </Shown>
      {events.hasNextPage && (
        <div>
          <Button busy={events.isFetchingNextPage} onClick={() => void events.fetchNextPage()}>
            {t('keys.older')}
          </Button>
        </div>
      )}
    </Section>
  );
}

function Ribbon({ of: key }: { of: KeyView }) {
  const t = useText();
  const format = useFormat();
  const now = useNow();
  const day = useDay(key.id);
  if (!day.data) return <Skeleton className="h-12 w-full" />;
  const spans = spansOf(key, day.data, now - DAY_MS, now);
  const label = sharesInWords(t, format, spans);
  return (
    <div className="flex flex-col gap-1">
      <div role="img" aria-label={label} className="flex h-4 overflow-hidden rounded-md bg-sunken">
        {spans.map((span) => (
          <div
            key={span.from}
            title={`${t.of('ui.state', span.state)} ${format.clock(span.from)}–${format.clock(span.to)}`}
            className={FILLS[span.state]}
            style={{ width: `${((span.to - span.from) / DAY_MS) * 100}%`, minWidth: span.state === 'absent' ? 0 : 2 }}
          />
        ))}
      </div>
      <div className="flex justify-between text-xs text-muted">
        {TICKS.map((hours) => (
          <span key={hours}>{hours === 0 ? t('keys.now') : format.clock(now - hours * HOUR_MS)}</span>
        ))}
      </div>
      <p className="text-xs text-muted">{label}</p>
    </div>
  );
}

function sharesInWords(t: Text, format: Format, spans: Span[]): string {
  const times = new Map<string, number>();
  for (const { state, from, to } of spans) if (state !== 'absent') times.set(state, (times.get(state) ?? 0) + to - from);
  const whole = [...times.values()].reduce((sum, time) => sum + time, 0);
  const shares = [...times].map(([state, time]) => `${t.of('ui.state', state)} ${format.percent(time / (whole || 1))}`);
  return t('keys.shares', { time: format.duration(whole), shares: shares.join(t('keys.comma')) });
}

function Happened({ event }: { event: KeyEvent }) {
  const t = useText();
  const format = useFormat();
  const { what, model, until, reason, http, message, count } = event;
  const told = [
    model,
    reason && t.of(what === 'revoked' ? 'keys.sentence' : 'keys.reason', reason),
    until && t('keys.until', { until: bothTimes(t, format, until) }),
  ];
  return (
    <li className="grid gap-x-4 gap-y-1 px-3 py-2 min-[600px]:grid-cols-[136px_120px_1fr]">
      <span className="text-muted">
        <Ago at={event.at} />
      </span>
      <span>
        <Pill tone={TONES[what] ?? 'off'}>
          {t.of('keys.event', what)}
          {count > 1 && <span className="text-muted">{t('keys.times', { count })}</span>}
        </Pill>
      </span>
      <span className="flex min-w-0 flex-col">
        <span className="break-words">{told.filter(Boolean).join(' · ')}</span>
        <Said text={[http && t('keys.http', { status: String(http) }), message].filter(Boolean).join(' ')} />
      </span>
    </li>
  );
}

/** Google's words. */
function Said({ text }: { text: string }) {
  if (!text) return null;
  if (text.length <= SHORT) return <span className="text-xs break-words text-muted">{text}</span>;
  return (
    <details className="group text-xs text-muted">
      <summary className="line-clamp-1 break-words group-open:line-clamp-none">{text}</summary>
    </details>
  );
}
