// The columns of the lists of requests.

import { Link } from 'wouter';
import { useKeyName } from '../../api/names.ts';
import { useFormat, useText } from '../../i18n/index.tsx';
import { Pill } from '../../ui/pill.tsx';
import type { Column } from '../../ui/table/index.tsx';
import type { Row } from './row.ts';
import { toneOf } from './tone.ts';

const DAY_MS = 86_400_000;

/** The address of one request; what the log has is found by its moment. */
export const addressOf = (row: Row, isLogged: boolean) =>
  `/requests/${row.id}${isLogged ? `?at=${encodeURIComponent(row.at)}` : ''}`;

function Time({ at }: { at: string }) {
  const format = useFormat();
  const isOld = Date.now() - Date.parse(at) > DAY_MS;
  return (
    <time dateTime={at} title={format.exact(at)} className="whitespace-nowrap">
      {isOld && `${format.day(at)} `}
      {format.clock(at, true)}
    </time>
  );
}

/** How it ended, and in words why it failed. */
export function Happened({ row }: { row: Row }) {
  const t = useText();
  const why = row.reason ? t.of('requests.reason', row.reason) : null;
  const told = why && row.error ? t('ui.chip', { name: why, value: row.error }) : (why ?? row.error ?? '');
  // What failed says why; its cross and its status say that it did.
  const hasFailed = row.outcome === 'failed' && row.status !== null;
  return (
    <span className="flex items-center gap-2" title={told}>
      <Pill tone={toneOf(row.outcome)}>
        <span className={hasFailed ? 'sr-only' : ''}>{t.of('requests.outcome', row.outcome)}</span>
        {hasFailed && row.status}
      </Pill>
      {!hasFailed && row.status !== null && <span className="text-muted">{String(row.status)}</span>}
      {told && <span className="min-w-0 truncate text-muted">{told}</span>}
    </span>
  );
}

export function useRequestColumns(isLogged: boolean, poolName: (id: number) => string): Column<Row>[] {
  const t = useText();
  const format = useFormat();
  const keyName = useKeyName();
  const duration = (value: number | null) => (value === null ? '' : format.duration(value));
  // Most did not wait: where there is little room, those that did say so on their own page.
  const isNarrow = !matchMedia('(min-width: 1400px)').matches;
  return [
    {
      id: 'at',
      head: t('requests.column.at'),
      width: isLogged ? 116 : 92,
      fixed: true,
      cell: (row) => (
        <Link href={addressOf(row, isLogged)} className="text-accent hover:underline">
          <Time at={row.at} />
        </Link>
      ),
    },
    { id: 'happened', head: t('requests.column.happened'), fixed: true, cell: (row) => <Happened row={row} /> },
    { id: 'model', head: t('requests.column.model'), width: 140, cell: (row) => <span title={row.model ?? ''}>{row.model}</span> },
    { id: 'user', head: t('requests.column.user'), width: 80, cell: (row) => row.user?.name },
    {
      id: 'key',
      head: t('requests.column.key'),
      width: 76,
      cell: (row) => row.key !== null && <span className="font-mono text-xs">{row.last4 ? `…${row.last4}` : keyName(row.key)}</span>,
    },
    { id: 'attempts', head: t('requests.column.attempts'), width: 72, numeric: true, cell: (row) => format.number(row.attempts) },
    { id: 'waited', head: t('requests.column.waited'), width: 80, numeric: true, extra: isNarrow, cell: (row) => (row.waited > 0 ? duration(row.waited) : '') },
    { id: 'first', head: t('requests.column.first'), width: 92, numeric: true, cell: (row) => duration(row.firstByte) },
    { id: 'total', head: t('requests.column.total'), width: 80, numeric: true, cell: (row) => duration(row.total) },
    { id: 'tokens', head: t('requests.column.tokens'), width: 72, numeric: true, cell: (row) => format.short(row.tokens.total) },
    { id: 'cost', head: t('requests.column.cost'), width: 80, numeric: true, cell: (row) => (row.cost === null ? '' : format.money(row.cost)) },
    { id: 'pool', head: t('requests.column.pool'), width: 112, extra: true, cell: (row) => row.pool !== null && poolName(row.pool) },
    {
      id: 'route',
      head: t('requests.column.route'),
      width: 240,
      extra: true,
      cell: (row) => <span className="font-mono text-xs">{`${row.method} ${row.path}`}</span>,
    },
  ];
}
