// How one key stands, in words, and the key itself for who may see it.

import type { KeyView, Quota } from '../../api/schema.ts';
import { useMayChange } from '../../api/queries.ts';
import { useFormat, useText } from '../../i18n/index.tsx';
import { Pill } from '../../ui/pill.tsx';
import { Secret } from '../../ui/secret.tsx';
import { Ago } from '../../ui/time.tsx';
import { secrets, stateOf } from './data.ts';
import { useEvents } from './history.ts';
import { TONES, cooldownInWords } from './standing.tsx';

export function StateCard({ of: key, quotas }: { of: KeyView; quotas: Quota[] }) {
  const t = useText();
  const format = useFormat();
  const mayChange = useMayChange();
  const state = stateOf(key);
  const reveal = async () => (await secrets([key.id]))[0] ?? '';
  return (
    <section aria-label={t('keys.state')} className="card flex flex-col gap-3 p-4">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div role="status" className="flex min-w-0 flex-col gap-1 text-base">
          {state === 'cooling' ? (
            key.cooldowns.map((cooldown) => (
              <Pill key={cooldown.model} tone="warn">
                <span className="whitespace-normal">{cooldownInWords(t, format, cooldown, quotas.find((it) => it.model === cooldown.model)?.meters)}</span>
              </Pill>
            ))
          ) : (
            <Pill tone={TONES[state]}>
              <span className="font-medium whitespace-normal">{t.of('keys.stands', state)}</span>
            </Pill>
          )}
          {state === 'cooling' && <span className="text-sm text-muted">{t('keys.others_served')}</span>}
          {state === 'revoked' && <Refused of={key} />}
        </div>
        <Secret last4={key.last4} reveal={mayChange ? reveal : undefined} />
      </div>
      <p className="flex flex-wrap gap-x-4 gap-y-1 text-muted">
        <span>{t('keys.served_now', { served: key.served, flying: key.in_flight })}</span>
        <span>
          {t('keys.added_at')} <Ago at={key.created_at} />
        </span>
        <span>{t.of('keys.from', key.source)}</span>
      </p>
    </section>
  );
}

function Refused({ of: key }: { of: KeyView }) {
  const t = useText();
  const events = useEvents(key.id).data?.pages[0]?.events;
  const health = key.health;
  if (health?.state !== 'revoked') return null;
  const said = events?.find((it) => it.what === 'revoked')?.message;
  return (
    <div className="flex flex-col gap-1 text-sm">
      <span>{t.of('keys.sentence', health.reason)}</span>
      {said && (
        <span className="break-words">
          {t('keys.google_says')}
          {t('keys.colon')}
          <q className="before:content-none after:content-none">{said}</q>
        </span>
      )}
      <span className="flex flex-wrap gap-x-4 text-muted">
        <span>
          {t('keys.since')} <Ago at={health.since} />
        </span>
        <span>{t('keys.refusals', { count: health.refusals })}</span>
        <span>
          {t('keys.next_check')} <Ago at={health.next_check} />
        </span>
      </span>
    </div>
  );
}
