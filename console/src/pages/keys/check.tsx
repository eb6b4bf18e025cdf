// How a check goes: how far it is, how many keys had which result, and each as it comes.

import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo, type ReactNode } from 'react';
import { Link, useLocation, useSearchParams } from 'wouter';
import { get } from '../../api/client.ts';
import { useMayChange } from '../../api/queries.ts';
import type { Check, CheckResult, KeyView } from '../../api/schema.ts';
import { Page } from '../../frame/page.tsx';
import { useFormat, useText } from '../../i18n/index.tsx';
import { useParam } from '../../ui/address.ts';
import { Button } from '../../ui/button.tsx';
import { Progress } from '../../ui/meter.tsx';
import { Pill, type Tone } from '../../ui/pill.tsx';
import { Empty, Shown } from '../../ui/state.tsx';
import { Table, type Column } from '../../ui/table/index.tsx';
import { Ago } from '../../ui/time.tsx';
import { useToast } from '../../ui/toast.tsx';
import { RESULTS, cancelCheck, useCheck } from './checks.ts';
import { KeyLink } from './columns.tsx';
import { useChanges } from './data.ts';

const TONES: Record<string, Tone> = { good: 'good', rate_limited: 'warn', unserved: 'warn', revoked: 'bad', unknown: 'off' };

type CheckPageProps = {
  id: number;
  /** Selects keys in the list. */
  select: (ids: number[]) => void;
  remove: (ids: number[]) => Promise<boolean>;
};

export function CheckPage({ id, select, remove }: CheckPageProps) {
  const t = useText();
  const toast = useToast();
  const mayChange = useMayChange();
  const check = useCheck(id);
  useChanges();
  const cancel = () => cancelCheck(id).catch(toast.failed);
  const actions = check.data?.state === 'running' && mayChange && (
    <Button icon="stop" onClick={() => void cancel()}>
      {t('keys.check_cancel')}
    </Button>
  );
  const title = check.data ? t('keys.check_of', { count: check.data.total }) : t('keys.check');
  return (
    <Page full title={title} above={{ to: '/keys', label: t('keys.title') }} actions={actions}>
      <Shown of={check}>
        {(data) => (
          <>
            <Course of={data} />
            <Findings of={data}>
              {mayChange && data.state !== 'running' && <Revoked of={data} select={select} remove={remove} />}
            </Findings>
          </>
        )}
      </Shown>
    </Page>
  );
}

/** Where it stands, in words and as a bar. */
function Course({ of: check }: { of: Check }) {
  const t = useText();
  const far = t('keys.check_far', { done: check.done, total: check.total });
  return (
    <div className="flex flex-col gap-2">
      <p role="status" className="flex flex-wrap gap-x-4 gap-y-1">
        <span className="font-medium">{t.of('keys.check_state', check.state)}</span>
        <span>{far}</span>
        <span className="text-muted">
          {check.generate ? t('keys.check_by_generate', { model: check.generate }) : t('keys.check_by_list')}
        </span>
        <span className="text-muted">
          <Ago at={check.at} />
        </span>
      </p>
      <Progress done={check.done} total={check.total} label={far} />
    </div>
  );
}

function Revoked({ of: check, select, remove }: { of: Check } & Omit<CheckPageProps, 'id'>) {
  const t = useText();
  const [, go] = useLocation();
  const ids = (check.results ?? []).filter((it) => it.result === 'revoked').map((it) => it.key);
  if (ids.length === 0) return null;
  return (
    <div className="flex flex-wrap items-center justify-between gap-3 rounded-md border border-bad bg-bad-soft px-4 py-2">
      <span className="text-bad">{t('keys.found_revoked', { count: ids.length })}</span>
      <span className="flex flex-wrap gap-2">
        <Button
          onClick={() => {
            select(ids);
            go('/keys?state=revoked');
          }}
        >
          {t('keys.select_them')}
        </Button>
        <Button icon="trash" onClick={() => void remove(ids)}>
          {t('keys.delete_them')}
        </Button>
      </span>
    </div>
  );
}

function Findings({ of: check, children }: { of: Check; children: ReactNode }) {
  const t = useText();
  const [, go] = useLocation();
  const [wanted] = useParam('result');
  const results = check.results ?? [];
  const shown = wanted ? results.filter((it) => it.result === wanted) : results;
  const columns = useFindingColumns();
  return (
    <>
      <Counts of={check} wanted={wanted} />
      {children}
      <Table
        name="findings"
        label={t('keys.findings')}
        columns={columns}
        count={shown.length}
        row={(index) => shown[index]}
        id={(it) => it.key}
        onOpen={(it) => go(`/keys/${it.key}`)}
        empty={<Empty title={t(wanted ? 'keys.no_such_finding' : 'keys.no_findings')} />}
      />
    </>
  );
}

function Counts({ of: check, wanted }: { of: Check; wanted: string }) {
  const t = useText();
  const format = useFormat();
  const [params] = useSearchParams();
  const to = (result: string) => {
    const after = new URLSearchParams(params);
    if (result) after.set('result', result);
    else after.delete('result');
    return `/keys?${after.toString()}`;
  };
  const look = (isHere: boolean) =>
    `inline-flex h-8 items-center gap-2 rounded-md px-2 whitespace-nowrap ${isHere ? 'bg-accent-soft font-medium' : 'hover:bg-sunken'}`;
  return (
    <nav aria-label={t('keys.by_result')} className="-mx-2 flex flex-wrap items-center gap-1">
      <Link href={to('')} aria-current={wanted ? undefined : 'true'} className={look(!wanted)}>
        {t('keys.all_results', { count: check.done })}
      </Link>
      {RESULTS.map((result) => (
        <Link key={result} href={to(result)} aria-current={wanted === result ? 'true' : undefined} className={look(wanted === result)}>
          <Pill tone={TONES[result] ?? 'off'}>{t.of('keys.verdict', result)}</Pill>
          {format.number(check.counts[result] ?? 0)}
        </Link>
      ))}
    </nav>
  );
}

/** A result has only the id of its key; what it is called is asked for the rows in view. */
function useKeyOf(id: number) {
  const { data } = useQuery<KeyView>({
    queryKey: ['keys', 'one', id],
    queryFn: ({ signal }) => get<KeyView>(`/keys/${id}`, {}, signal),
    staleTime: 60_000,
    retry: false,
  });
  return data;
}

function Named({ id }: { id: number }) {
  return <KeyLink of={useKeyOf(id) ?? { id, name: '', last4: '    ' }} />;
}

function Meaning({ of: found }: { of: CheckResult }) {
  const t = useText();
  const health = useKeyOf(found.key)?.health;
  const text =
    found.result === 'revoked' && health?.state === 'revoked'
      ? t.of('keys.sentence', health.reason)
      : found.result === 'revoked'
        ? found.sentence
        : t.of('keys.meaning', found.result);
  return <span title={text}>{text}</span>;
}

function useFindingColumns(): Column<CheckResult>[] {
  const t = useText();
  const name = useCallback((it: CheckResult) => <Named id={it.key} />, []);
  const meaning = useCallback((it: CheckResult) => <Meaning of={it} />, []);
  return useMemo(
    () => [
      { id: 'key', head: t('keys.key'), width: 200, fixed: true, cell: name },
      { id: 'result', head: t('keys.result'), width: 160, cell: (it) => <Pill tone={TONES[it.result] ?? 'off'}>{t.of('keys.verdict', it.result)}</Pill> },
      { id: 'meaning', head: t('keys.means'), width: 400, cell: meaning },
      { id: 'message', head: t('keys.google_says'), cell: (it) => <span title={it.message ?? ''}>{it.message ?? ''}</span> },
    ],
    [t, name, meaning],
  );
}
