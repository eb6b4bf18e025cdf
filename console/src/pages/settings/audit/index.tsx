// The audit log: who changed what, when, from where, what it was and what it is.

import type { ReactNode } from 'react';
import type { ChangeView } from '../../../api/schema.ts';
import { useText, type Text } from '../../../i18n/index.tsx';
import { useParam } from '../../../ui/address.ts';
import { Button, TextLink } from '../../../ui/button.tsx';
import { Select } from '../../../ui/field.tsx';
import { Empty, Shown } from '../../../ui/state.tsx';
import { Ago } from '../../../ui/time.tsx';
import { differences, useChanges } from './data.ts';

const KINDS = ['pool', 'key', 'user', 'setting', 'admin', 'token', 'session', 'master_key'] as const;

export function Audit() {
  const t = useText();
  const [subject, setSubject] = useParam('subject');
  const changes = useChanges(subject);
  const isOne = subject !== '' && !KINDS.some((kind) => kind === subject);
  const choices = [
    { value: '', label: t('settings.audit.all') },
    ...KINDS.map((value) => ({ value, label: t(`settings.audit.kind.${value}`) })),
    ...(isOne ? [{ value: subject, label: named(t, subject) }] : []),
  ];
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <div role="search" className="flex flex-wrap items-center gap-2">
        <Select aria-label={t('settings.audit.subject')} className="max-w-60" value={subject} choices={choices} onChange={(event) => setSubject(event.target.value || null)} />
        <Button icon="refresh" onClick={() => void changes.refetch()} busy={changes.isRefetching}>{t('settings.audit.refresh')}</Button>
      </div>
      <Shown of={changes} lines={8}>
        {({ pages }) => {
          const rows = pages.flatMap((page) => page.changes);
          if (rows.length === 0) return <div className="card"><Empty title={t('settings.audit.none')} text={t('settings.audit.none_text')} /></div>;
          return (
            <>
              <ol aria-label={t('settings.part.audit')} className="card flex flex-col">
                {rows.map((change) => (
                  <Row key={change.id} change={change} onSubject={setSubject} />
                ))}
              </ol>
              {changes.hasNextPage && (
                <div className="flex justify-center">
                  <Button busy={changes.isFetchingNextPage} onClick={() => void changes.fetchNextPage()}>
                    {t('settings.audit.more')}
                  </Button>
                </div>
              )}
            </>
          );
        }}
      </Shown>
    </div>
  );
}

/** What a subject is called: "pool 3". */
function named(t: Text, subject: string): string {
  const at = subject.indexOf(' ');
  return at < 0 ? t.of('settings.audit.kind', subject) : `${t.of('settings.audit.one', subject.slice(0, at))} ${subject.slice(at + 1)}`;
}

const PLACES: Record<string, (name: string) => string> = {
  pool: (id) => `/pools/${id}`,
  user: (id) => `/users/${id}`,
  key: (id) => `/keys/${id}`,
  setting: (name) => `/settings#${name}`,
};

function Row({ change, onSubject }: { change: ChangeView; onSubject: (subject: string) => void }) {
  const t = useText();
  const { action, actor, address, at, subject } = change;
  const [kind = '', name = ''] = subject.split(' ', 2);
  const place = name && !action.endsWith('.remove') ? PLACES[kind]?.(name) : undefined;
  return (
    <li className="grid gap-x-6 gap-y-1 border-b border-line px-4 py-3 last:border-b-0 min-[1000px]:grid-cols-[minmax(0,1fr)_minmax(0,1.4fr)_260px]">
      <div className="min-w-0">
        <span className="font-medium">{t.of('settings.action', action)}</span>
        <div className="flex flex-wrap items-center gap-x-3 text-muted">
          {place ? <TextLink to={place}>{named(t, subject)}</TextLink> : <span className="break-all">{named(t, subject)}</span>}
          {name && (
            <button type="button" className="min-h-6 text-xs underline underline-offset-2 hover:text-ink" aria-label={`${t('settings.audit.only')}: ${named(t, subject)}`} onClick={() => onSubject(subject)}>
              {t('settings.audit.only')}
            </button>
          )}
        </div>
      </div>
      <Differences of={change} />
      <div className="text-muted min-[1000px]:text-right">
        <Ago at={at} />
        <div className="text-xs break-all">{t('settings.audit.by', { actor, address: address || '–' })}</div>
      </div>
    </li>
  );
}

const LONG = 4;

function Differences({ of }: { of: ChangeView }) {
  const t = useText();
  const all = differences(of.old, of.new);
  const line = ({ name, old, new: present }: (typeof all)[number]): ReactNode => (
    <li key={name} className="min-w-0 break-words">
      {name && <span className="text-muted">{`${name}: `}</span>}
      {old !== null && <del className="break-all text-muted">{old || '""'}</del>}
      {old !== null && present !== null && ' → '}
      {present !== null ? <ins className="break-all no-underline">{present || '""'}</ins> : <span className="text-muted">{` → ${t('settings.audit.unset')}`}</span>}
    </li>
  );
  return (
    <div className="min-w-0 font-mono text-xs leading-5">
      <ul>{all.slice(0, LONG).map(line)}</ul>
      {all.length > LONG && (
        <details>
          <summary className="font-sans text-muted">{t('settings.audit.rest', { count: all.length - LONG })}</summary>
          <ul>{all.slice(LONG).map(line)}</ul>
        </details>
      )}
    </div>
  );
}
