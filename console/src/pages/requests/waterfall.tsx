// When a request did what: one line a stage, read out as a list.

import type { ReactNode } from 'react';
import type { Explained, Tried } from '../../api/schema.ts';
import { useKeyName } from '../../api/names.ts';
import { useFormat, useText } from '../../i18n/index.tsx';
import { TextLink } from '../../ui/button.tsx';
import { stages, type Stage } from './stages.ts';

type Span = { from: number; to: number; total: number; fill: string };

/** Where on the whole time something was. */
function Bar({ from, to, total, fill }: Span) {
  return (
    <div aria-hidden="true" className="relative h-4 rounded-md bg-sunken">
      <div
        className={`absolute inset-y-0 min-w-1 rounded-md ${fill}`}
        style={{ left: `${Math.min((from / total) * 100, 99)}%`, width: `${Math.min(((to - from) / total) * 100, 100)}%` }}
      />
    </div>
  );
}

type LineProps = { name: ReactNode; time: string; bar: Span; children?: ReactNode };

function Line({ name, time, bar, children }: LineProps) {
  return (
    <li className="flex flex-col gap-1 border-b border-line px-4 py-3 last:border-0">
      <div className="grid items-center gap-x-4 gap-y-1 @xl:grid-cols-[minmax(0,240px)_1fr_96px]">
        <span className="min-w-0">{name}</span>
        <span className="order-last @xl:order-none">
          <Bar {...bar} />
        </span>
        <span className="text-muted @xl:text-right">{time}</span>
      </div>
      {children}
    </li>
  );
}

export function Waterfall({ request }: { request: Explained }) {
  const t = useText();
  const { all, total } = stages(request);
  return (
    <ol aria-label={t('requests.waterfall')} className="card">
      {all.map((stage, index) => (
        <StageLine key={index} stage={stage} total={total} request={request} />
      ))}
    </ol>
  );
}

function StageLine({ stage, total, request }: { stage: Stage; total: number; request: Explained }) {
  const t = useText();
  const format = useFormat();
  const time = format.duration(stage.to - stage.from);
  const bar = { from: stage.from, to: stage.to, total };
  if (stage.what === 'attempt') {
    const { number, tried } = stage;
    const isOver = typeof tried.took_ms === 'number';
    return (
      <Line name={<AttemptName number={number} tried={tried} />} time={isOver ? time : t('requests.not_over')} bar={{ ...bar, fill: fillOf(tried) }}>
        <Verdict tried={tried} />
      </Line>
    );
  }
  if (stage.what === 'before') {
    const waited = request.waited_ms > 0 ? t('requests.stage.waited', { time: format.duration(request.waited_ms) }) : null;
    return (
      <Line name={t('requests.stage.before')} time={time} bar={{ ...bar, fill: waited ? 'fill-warn' : 'fill-off' }}>
        {waited && <p className="text-xs text-muted">{waited}</p>}
      </Line>
    );
  }
  const moments = { first: format.duration(stage.from), last: format.duration(stage.to) };
  return (
    <Line name={t('requests.stage.answer')} time={time} bar={{ ...bar, fill: 'fill-accent' }}>
      <p className="text-xs text-muted">{t('requests.stage.bytes', moments)}</p>
    </Line>
  );
}

function AttemptName({ number, tried }: { number: number; tried: Tried }) {
  const t = useText();
  const keyName = useKeyName();
  return (
    <span className="flex flex-wrap items-baseline gap-x-2">
      <span className="font-medium">{t('requests.stage.attempt', { number })}</span>
      <TextLink to={`/keys/${tried.key}`}>{t('requests.key_named', { key: keyName(tried.key) })}</TextLink>
    </span>
  );
}

/** What an attempt taught, by what rule, and Google's words. */
function Verdict({ tried }: { tried: Tried }) {
  const t = useText();
  const { outcome, rule, http, message } = tried;
  const isGood = outcome === 'success';
  const parts = [t.of('requests.tried', outcome ?? 'left'), rule && t.of('requests.rule', rule), typeof http === 'number' && t('requests.http', { status: String(http) })];
  return (
    <>
      <p className={`text-xs ${isGood ? 'text-muted' : 'text-bad'}`}>{parts.filter(Boolean).join(' · ')}</p>
      {message && (
        <figure className="rounded-md bg-sunken p-3">
          <figcaption className="text-xs text-muted">{t('requests.google_said')}</figcaption>
          <blockquote className="text-xs break-words whitespace-pre-line">{message}</blockquote>
        </figure>
      )}
    </>
  );
}

function fillOf({ outcome }: Tried): string {
  if (outcome === 'success') return 'fill-good';
  return outcome === 'exhausted' || outcome === 'unserved' ? 'fill-warn' : outcome ? 'fill-bad' : 'fill-off';
}
