// Why requests failed within the last hour, and which they were.

import { Link } from 'wouter';
import type { PoolOverview } from '../../api/schema.ts';
import { useFormat, useText } from '../../i18n/index.tsx';
import { Icon } from '../../ui/icon.tsx';

export function Lately({ pools }: { pools: PoolOverview[] }) {
  const t = useText();
  const format = useFormat();
  const requests = pools.reduce((sum, pool) => sum + pool.last_hour.requests, 0);
  const failed = new Map<string, number>();
  for (const pool of pools) {
    for (const [reason, count] of Object.entries(pool.last_hour.failed)) failed.set(reason, (failed.get(reason) ?? 0) + count);
  }
  const all = [...failed].sort(([, one], [, other]) => other - one);
  if (all.length === 0) return <p className="card p-4 text-muted">{t(requests > 0 ? 'overview.none_failed' : 'overview.none_asked')}</p>;
  return (
    <ul aria-label={t('overview.lately')} className="card divide-y divide-line">
      {all.map(([reason, count]) => (
        <li key={reason}>
          <Link href={`/requests?source=log&range=1h&reason=${reason}`} className="flex items-center gap-3 px-4 py-3 hover:bg-sunken">
            <span className="min-w-8 shrink-0 font-medium text-bad">{format.short(count)}</span>
            <span className="min-w-0 flex-1 truncate">{t.of('requests.reason', reason)}</span>
            <span className="text-xs text-muted">{t('overview.share_of_requests', { share: format.percent(count / Math.max(requests, 1)) })}</span>
            <Icon name="right" />
          </Link>
        </li>
      ))}
    </ul>
  );
}
