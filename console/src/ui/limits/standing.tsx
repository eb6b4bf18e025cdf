// How limits stand: a bar each, with what is left and when it begins anew.

import type { LimitStanding } from '../../api/schema.ts';
import { useFormat, useText } from '../../i18n/index.tsx';
import { Meter } from '../meter.tsx';
import { Ago } from '../time.tsx';
import { amount, called } from './words.ts';

export function Standings({ standing }: { standing: LimitStanding[] }) {
  const t = useText();
  const format = useFormat();
  if (standing.length === 0) return <p className="text-muted">{t('ui.limit.no_limits')}</p>;
  return (
    <ul className="grid grid-cols-[repeat(auto-fill,minmax(240px,1fr))] gap-x-8 gap-y-4">
      {standing.map(({ what, limit, used, resets_at }) => {
        const values = { used: amount(format, what, used), limit: amount(format, what, limit) };
        return (
          <li key={what} className="flex min-w-0 flex-col gap-1">
            <span className="flex flex-wrap justify-between gap-x-2">
              <span className="font-medium">{called(t, what)}</span>
              <span>{t('ui.limit.of', values)}</span>
            </span>
            <Meter used={used} limit={limit} label={t('ui.limit.meter', { what: called(t, what), ...values })} />
            <span className="text-xs text-muted">
              {what.endsWith('/ever') ? t('ui.limit.never') : what === 'concurrency' ? t('ui.limit.now') : resets_at ? <Resets at={resets_at} isOfDay={what.endsWith('/day')} /> : t('ui.limit.rolling')}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

/** What is about days says both times: Google's days end in Los Angeles. */
function Resets({ at, isOfDay }: { at: string; isOfDay: boolean }) {
  const t = useText();
  const format = useFormat();
  return (
    <>
      {t('ui.limit.resets')} <Ago at={at} /> {isOfDay && t('ui.limit.resets_times', { local: format.clock(at), pacific: format.pacific(at) })}
    </>
  );
}
