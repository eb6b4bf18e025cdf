// The pools: how each stands at a glance, and making another.

import { useState } from 'react';
import { useMayChange, useOverview, usePools } from '../../api/queries.ts';
import type { Pool } from '../../api/schema.ts';
import { Page } from '../../frame/page.tsx';
import { useFormat, useText } from '../../i18n/index.tsx';
import { Button, TextLink } from '../../ui/button.tsx';
import { Pill } from '../../ui/pill.tsx';
import { Rows } from '../../ui/rows.tsx';
import { Shown } from '../../ui/state.tsx';
import { KeyStates } from './key-states.tsx';
import { NewPoolDialog } from './new.tsx';

export default function Pools() {
  const t = useText();
  const pools = usePools();
  const mayChange = useMayChange();
  const [isOpen, setOpen] = useState(false);
  return (
    <Page
      title={t('pools.title')}
      actions={mayChange && <Button look="primary" icon="plus" onClick={() => setOpen(true)}>{t('pools.new')}</Button>}
    >
      <p className="max-w-[72ch] text-muted">{t('pools.note')}</p>
      <Shown of={pools} lines={3}>
        {(rows) => (
          <Rows
            label={t('pools.title')}
            rows={rows}
            id={(it) => it.id}
            columns={[
              { head: t('pools.name'), cell: (it) => <Name pool={it} /> },
              { head: t('pools.keys'), cell: (it) => <KeyStates pool={it} /> },
              { head: t('pools.last_hour'), cell: (it) => <LastHour pool={it} /> },
              { head: t('pools.limits'), cell: (it) => <Count of={it.limits} word="pools.limit_count" /> },
              { head: t('pools.settings'), cell: (it) => <Count of={it.settings} word="pools.setting_count" /> },
            ]}
          />
        )}
      </Shown>
      {isOpen && <NewPoolDialog onClose={() => setOpen(false)} />}
    </Page>
  );
}

function Name({ pool }: { pool: Pool }) {
  const t = useText();
  return (
    <span className="flex min-w-0 flex-col">
      <span className="flex flex-wrap items-center gap-2">
        <TextLink to={`/pools/${pool.id}`}>{pool.name}</TextLink>
        {!pool.enabled && <Pill tone="off">{t('ui.state.disabled')}</Pill>}
      </span>
      {pool.description && <span className="max-w-80 text-xs break-words text-muted">{pool.description}</span>}
    </span>
  );
}

function Count({ of, word }: { of: object; word: 'pools.limit_count' | 'pools.setting_count' }) {
  const t = useText();
  const count = Object.keys(of).length;
  return count > 0 ? t(word, { count }) : <span className="text-muted">{t('ui.none')}</span>;
}

function LastHour({ pool }: { pool: Pool }) {
  const t = useText();
  const format = useFormat();
  const overview = useOverview();
  const hour = overview.data?.pools.find((it) => it.id === pool.id)?.last_hour;
  if (!hour || hour.requests === 0) return <span className="text-muted">{t('pools.no_requests')}</span>;
  return (
    <span className="flex flex-col">
      <span>{t('pools.requests', { count: hour.requests })}</span>
      <span className="text-xs text-muted">
        {t('pools.success', { share: format.percent(hour.success_rate ?? 0) })}
        {pool.waiting > 0 && `, ${t('pools.waiting', { count: pool.waiting })}`}
      </span>
    </span>
  );
}
