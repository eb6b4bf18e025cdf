// A pool at a glance: its state in words, its keys, its access key, and what it did over time.

import type { Pool } from '../../api/schema.ts';
import { Section } from '../../frame/page.tsx';
import { useRange } from '../../frame/scope.tsx';
import { useFormat, useText } from '../../i18n/index.tsx';
import { LinkButton } from '../../ui/button.tsx';
import { Standings } from '../../ui/limits/standing.tsx';
import { OverTime } from '../../ui/over-time/index.tsx';
import { Pill, type Tone } from '../../ui/pill.tsx';
import { AccessKey } from './access-key.tsx';
import { standingOf } from './data.ts';
import { KeyStates } from './key-states.tsx';

export function PoolOverview({ pool }: { pool: Pool }) {
  const t = useText();
  const range = useRange('24h');
  return (
    <div className="flex min-w-0 flex-col gap-8">
      <div className="flex flex-col gap-1">
        <p className="text-base"><State pool={pool} /></p>
        {pool.description && <p className="max-w-[72ch] break-words text-muted">{pool.description}</p>}
      </div>
      <div className="grid gap-8 min-[1000px]:grid-cols-2">
        <Section
          title={t('pools.keys')}
          actions={<><LinkButton to={`/keys?pool=${pool.id}`}>{t('pools.keys.see')}</LinkButton><LinkButton to={`/requests?pool=${pool.id}`}>{t('pools.requests_see')}</LinkButton></>}
        >
          <div className="card flex min-h-20 flex-1 items-center p-4"><KeyStates pool={pool} /></div>
        </Section>
        <AccessKey pool={pool} />
      </div>
      {pool.standing.length > 0 && (
        <Section title={t('pools.limits')}>
          <div className="card p-4"><Standings standing={pool.standing} /></div>
        </Section>
      )}
      <Section title={t('pools.over_time')}>
        <OverTime of={{ pool: pool.id }} range={range} />
      </Section>
    </div>
  );
}

/** What matters most of it, in a sentence. */
function State({ pool }: { pool: Pool }) {
  const t = useText();
  const format = useFormat();
  const { serving, cooling } = standingOf(pool);
  const count = format.number(serving);
  const [tone, text]: [Tone, string] = !pool.enabled
    ? ['off', t('pools.state.off')]
    : pool.keys.total === 0
      ? ['bad', t('pools.state.empty')]
      : serving > 0
        ? ['good', t('pools.state.serving', { count, total: format.number(pool.keys.total) })]
        : cooling > 0
          ? ['warn', t('pools.state.cooling', { count: format.number(cooling) })]
          : ['bad', t('pools.state.none')];
  return (
    <>
      <Pill tone={tone}>{t.of('pools.tone', tone)}</Pill>: {text} {pool.waiting > 0 && t('pools.state.waiting', { count: pool.waiting })}
    </>
  );
}
