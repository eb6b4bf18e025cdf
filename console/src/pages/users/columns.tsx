// The columns of the table of users.

import { Link } from 'wouter';
import { usePools } from '../../api/queries.ts';
import type { LimitStanding, User } from '../../api/schema.ts';
import { useFormat, useText } from '../../i18n/index.tsx';
import { amount, called } from '../../ui/limits/words.ts';
import { Meter } from '../../ui/meter.tsx';
import { Tag } from '../../ui/pill.tsx';
import type { Column } from '../../ui/table/index.tsx';
import { Ago } from '../../ui/time.tsx';
import { UserState } from './state.tsx';

export function useUserColumns(onLabel: (label: string) => void): Column<User>[] {
  const t = useText();
  const pools = usePools();
  const poolName = (id: number) => pools.data?.find((it) => it.id === id)?.name ?? String(id);
  return [
    {
      id: 'name',
      head: t('users.name'),
      fixed: true,
      cell: (it) => (
        <Link href={it.of_pool ? `/pools/${it.of_pool}` : `/users/${it.id}`} className="text-accent underline underline-offset-2">
          {it.of_pool ? t('users.of_pool', { name: it.name }) : it.name}
        </Link>
      ),
    },
    { id: 'state', head: t('users.state'), width: 96, cell: (it) => <UserState user={it} /> },
    {
      id: 'labels',
      head: t('users.labels'),
      width: 152,
      cell: (it) => (
        <span className="flex items-center gap-1">
          {it.labels.map((label) => (
            <button key={label} type="button" className="flex min-h-6 items-center" title={t('users.only_label', { label })} aria-label={t('users.only_label', { label })} onClick={() => onLabel(label)}>
              <Tag>{label}</Tag>
            </button>
          ))}
        </span>
      ),
    },
    { id: 'pools', head: t('users.pools'), width: 144, cell: (it) => it.pools.map(poolName).join(', ') || <span className="text-muted">{pools.data?.[0]?.name}</span> },
    { id: 'models', head: t('users.models'), width: 180, extra: true, cell: (it) => it.models.join(', ') || <span className="text-muted">{t('users.any')}</span> },
    { id: 'addresses', head: t('users.addresses'), width: 160, extra: true, cell: (it) => it.addresses.join(', ') || <span className="text-muted">{t('users.any')}</span> },
    { id: 'limits', head: t('users.nearest'), width: 192, cell: (it) => <Nearest standing={it.standing} /> },
    { id: 'key', head: t('users.access_key'), width: 104, cell: (it) => <code className="font-mono">{`…${it.last4}`}</code> },
    { id: 'expires', head: t('users.expires'), width: 112, cell: (it) => (it.expires_at ? <Ago at={it.expires_at} /> : <span className="text-muted">{t('users.never')}</span>) },
    { id: 'created', head: t('users.created'), width: 130, extra: true, cell: (it) => <Ago at={it.created_at} /> },
  ];
}

/** The limit of which the largest part is used. */
function Nearest({ standing }: { standing: LimitStanding[] }) {
  const t = useText();
  const format = useFormat();
  const [first] = [...standing].sort((one, other) => other.used / other.limit - one.used / one.limit);
  if (!first) return <span className="text-muted">{t('ui.limit.none')}</span>;
  const { what, used, limit } = first;
  const values = { used: amount(format, what, used), limit: amount(format, what, limit) };
  const told = t('ui.limit.meter', { what: called(t, what), ...values });
  return (
    <span title={told}>
      <Meter used={used} limit={limit} label={told}>
        <span className="truncate text-xs text-muted">{t('users.nearest_is', { what: called(t, what), share: format.percent(used / limit) })}</span>
      </Meter>
    </span>
  );
}
