// What is known of a request beside its course: who, which way, what it used.

import type { ReactNode } from 'react';
import { usePools } from '../../api/queries.ts';
import { useFormat, useText } from '../../i18n/index.tsx';
import { TextLink } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy.tsx';
import { Ago } from '../../ui/time.tsx';
import { useKeyName } from '../../api/names.ts';
import type { Row } from './row.ts';

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex min-w-0 flex-col">
      <dt className="text-xs text-muted">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </div>
  );
}

export function Facts({ row }: { row: Row }) {
  const t = useText();
  const format = useFormat();
  const keyName = useKeyName();
  const pool = usePools().data?.find((it) => it.id === row.pool);
  const { tokens } = row;
  const ways = (['stream', 'hedged', 'joined'] as const).filter((name) => row[name]).map((name) => t(`requests.way.${name}`));
  const time = (value: number | null) => (value === null ? t('requests.never') : format.duration(value));
  return (
    <dl className="card grid grid-cols-[repeat(auto-fill,minmax(160px,1fr))] gap-4 p-4">
      <Fact name={t('requests.fact.at')}>
        <Ago at={row.at} />
        <span className="block text-xs text-muted">{format.exact(row.at)}</span>
      </Fact>
      <Fact name={t('requests.column.model')}>{row.model ?? t('requests.no_model')}</Fact>
      <Fact name={t('requests.column.user')}>{row.user ? <TextLink to={`/users/${row.user.id}`}>{row.user.name}</TextLink> : t('ui.none')}</Fact>
      {row.pool !== null && (
        <Fact name={t('requests.column.pool')}>
          <TextLink to={`/pools/${row.pool}`}>{pool?.name ?? String(row.pool)}</TextLink>
        </Fact>
      )}
      <Fact name={t('requests.fact.key')}>
        {row.key === null ? t('ui.none') : <TextLink to={`/keys/${row.key}`}>{row.last4 ? `…${row.last4}` : keyName(row.key)}</TextLink>}
      </Fact>
      <Fact name={t('requests.fact.times')}>
        {t('requests.fact.times_text', { first: time(row.firstByte), total: format.duration(row.total), waited: format.duration(row.waited) })}
      </Fact>
      <Fact name={t('requests.fact.tokens')}>
        {t('requests.fact.tokens_text', { total: tokens.total, prompt: tokens.prompt, output: tokens.output })}
        <span className="block text-xs text-muted">{t('requests.fact.tokens_more', { cached: tokens.cached, thoughts: tokens.thoughts })}</span>
      </Fact>
      <Fact name={t('requests.fact.cost')}>{row.cost === null ? t('requests.no_price') : format.money(row.cost)}</Fact>
      <Fact name={t('requests.column.route')}>
        <span className="font-mono text-xs break-all">{`${row.method} ${row.path}`}</span>
        {ways.length > 0 && <span className="block text-xs text-muted">{ways.join(' · ')}</span>}
      </Fact>
      <Fact name={t('requests.fact.id')}>
        <span className="flex items-center">
          <span className="min-w-0 font-mono text-xs break-all">{row.id}</span>
          <CopyButton bare text={row.id} label={t('requests.copy_id')} />
        </span>
      </Fact>
    </dl>
  );
}
