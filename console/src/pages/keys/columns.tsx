// The columns of the list.

import { useMemo } from 'react';
import { Link } from 'wouter';
import { usePools } from '../../api/queries.ts';
import type { KeyView } from '../../api/schema.ts';
import { useFormat, useText } from '../../i18n/index.tsx';
import { Tag } from '../../ui/pill.tsx';
import type { Column } from '../../ui/table/index.tsx';
import { Ago } from '../../ui/time.tsx';
import { Standing } from './standing.tsx';

export function KeyLink({ of: key }: { of: Pick<KeyView, 'id' | 'name' | 'last4'> }) {
  const t = useText();
  return (
    <span className="flex min-w-0 items-baseline gap-2">
      <Link href={`/keys/${key.id}`} className="truncate font-medium hover:underline">
        {key.name || t('keys.number', { id: String(key.id) })}
      </Link>
      <code className="shrink-0 font-mono text-xs text-muted">…{key.last4}</code>
    </span>
  );
}

export function useKeyColumns(): Column<KeyView>[] {
  const t = useText();
  const format = useFormat();
  const pools = usePools().data;
  return useMemo<Column<KeyView>[]>(() => {
    const nameOfPool = (id: number) => pools?.find((pool) => pool.id === id)?.name ?? '';
    const none = <span className="text-muted">–</span>;
    return [
      { id: 'name', head: t('keys.key'), sort: 'name', fixed: true, cell: (key) => <KeyLink of={key} /> },
      { id: 'number', head: t('keys.id'), sort: 'id', width: 88, numeric: true, extra: true, cell: (key) => String(key.id) },
      { id: 'state', head: t('keys.state'), sort: 'state', width: 280, cell: (key) => <Standing of={key} /> },
      { id: 'pool', head: t('keys.pool'), sort: 'pool', width: 104, extra: (pools?.length ?? 1) < 2, cell: (key) => nameOfPool(key.pool) },
      { id: 'project', head: t('keys.project'), sort: 'project', width: 112, cell: (key) => key.project ?? none },
      { id: 'tier', head: t('keys.tier'), sort: 'tier', width: 64, cell: (key) => t.of('keys.tiers', key.tier) },
      { id: 'weight', head: t('keys.weight'), sort: 'weight', width: 76, numeric: true, cell: (key) => format.number(key.weight) },
      {
        id: 'tags',
        head: t('keys.tags'),
        width: 128,
        cell: (key) => (
          <span className="flex gap-1 overflow-hidden" title={key.tags.join(', ')}>
            {key.tags.length === 0 ? none : key.tags.map((tag) => <Tag key={tag}>{tag}</Tag>)}
          </span>
        ),
      },
      { id: 'served', head: t('keys.served'), sort: 'served', width: 76, numeric: true, cell: (key) => format.short(key.served) },
      { id: 'in_flight', extra: true, head: t('keys.in_flight'), sort: 'in_flight', width: 88, numeric: true, cell: (key) => format.number(key.in_flight) },
      { id: 'added', head: t('keys.added'), sort: 'created_at', width: 128, cell: (key) => <Ago at={key.created_at} /> },
      { id: 'last4', head: t('keys.last4'), sort: 'last4', width: 96, extra: true, cell: (key) => <code className="font-mono">…{key.last4}</code> },
      { id: 'notes', head: t('keys.notes'), width: 200, extra: true, cell: (key) => <span title={key.notes}>{key.notes || none}</span> },
      { id: 'proxy', head: t('keys.proxy'), width: 200, extra: true, cell: (key) => key.proxy ?? none },
    ];
  }, [t, format, pools]);
}
