// What the key's project may use of each model, and has used.

import { useQuery } from '@tanstack/react-query';
import { get } from '../../api/client.ts';
import type { KeyView, Meter as Measure, Quota, QuotaPage } from '../../api/schema.ts';
import { Section } from '../../frame/page.tsx';
import { useFormat, useText } from '../../i18n/index.tsx';
import { Meter } from '../../ui/meter.tsx';
import { Shown } from '../../ui/state.tsx';
import { Ago } from '../../ui/time.tsx';
import { Nothing } from './nothing.tsx';
import { bothTimes } from './standing.tsx';

const FRESH_MS = 5_000;
const MOST = 200;

/** A key of which no more is known is a project by itself. */
const projectOf = (key: KeyView): string => key.project ?? `key-${key.id}`;

export function useQuotas(key: KeyView | undefined) {
  return useQuery<Quota[]>({
    queryKey: ['quotas', key?.pool, key && projectOf(key)],
    queryFn: async ({ signal }) => {
      const query = { pool: key?.pool, project: key && projectOf(key), page_size: MOST };
      return (await get<QuotaPage>('/quotas', query, signal)).quotas;
    },
    enabled: Boolean(key),
    refetchInterval: FRESH_MS,
  });
}

export function Quotas({ of: key }: { of: KeyView }) {
  const t = useText();
  const quotas = useQuotas(key);
  return (
    <Section title={t('keys.quotas')} note={key.project ? t('keys.quotas_shared', { project: key.project }) : t('keys.quotas_note')}>
      <Shown of={quotas} lines={2}>
        {(all) =>
          all.length === 0 ? (
            <Nothing>{t('keys.no_quotas')}</Nothing>
          ) : (
            <ul className="card divide-y divide-line">
              {all.map((quota) => (
                <OfModel key={quota.model} quota={quota} />
              ))}
            </ul>
          )
        }
      </Shown>
    </Section>
  );
}

function OfModel({ quota }: { quota: Quota }) {
  const t = useText();
  const { model, meters, day, minute } = quota;
  return (
    <li className="grid gap-x-6 gap-y-3 p-4 min-[600px]:grid-cols-[200px_1fr]">
      <div className="flex min-w-0 flex-col gap-1">
        <span className="font-medium break-words">{model}</span>
        <span className="text-xs text-muted">{t('keys.used_today', { requests: day.requests, tokens: day.tokens })}</span>
        <span className="text-xs text-muted">{t('keys.used_minute', { requests: minute.requests, tokens: minute.tokens })}</span>
      </div>
      <div className="flex min-w-0 flex-col gap-3">
        {meters.length === 0 && <span className="text-muted">{t('keys.no_limit_known')}</span>}
        {meters.map((meter) => (
          <Known key={`${meter.unit} ${meter.window}`} meter={meter} model={model} />
        ))}
      </div>
    </li>
  );
}

function Known({ meter, model }: { meter: Measure; model: string }) {
  const t = useText();
  const format = useFormat();
  const { unit, window, limit, used, source, learned_at: learned, resets_at: resets } = meter;
  const what = t('keys.meter_unit', { unit: t.of('keys.unit', unit, { limit }), window: t.of('keys.per', window) });
  const numbers =
    used === null || used === undefined ? t('keys.meter_uncounted', { limit, what }) : t('keys.meter', { used, limit, what });
  return (
    <Meter used={used ?? 0} limit={limit} label={`${model}${t('keys.colon')}${numbers}`}>
      <p className="flex flex-wrap justify-between gap-x-4 text-xs">
        <span>{numbers}</span>
        <span className="flex flex-wrap gap-x-4 text-muted">
          {resets && <span>{t('keys.resets', { at: bothTimes(t, format, resets.utc) })}</span>}
          <span>
            {t.of('keys.source', source)} {learned && <Ago at={learned} />}
          </span>
        </span>
      </p>
    </Meter>
  );
}
