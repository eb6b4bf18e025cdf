// Above the list: the search and filters, how many keys stand how, and what is being done.

import { useEffect, useRef, useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import type { Facets } from '../../api/schema.ts';
import { useFormat, useText } from '../../i18n/index.tsx';
import { useParams } from '../../ui/address.ts';
import { Button } from '../../ui/button.tsx';
import { Input, Select } from '../../ui/field.tsx';
import { Progress } from '../../ui/meter.tsx';
import { Pill } from '../../ui/pill.tsx';
import { STATES, useFacets, type Filters } from './data.ts';
import { TONES } from './standing.tsx';
import type { Work } from './work.ts';

const TYPING_MS = 200;
const SELECT = 'min-w-28 flex-1 min-[900px]:w-36 min-[900px]:flex-none';

/** A search that is in the address as soon as its user pauses. */
export function Search() {
  const t = useText();
  const [read, change] = useParams();
  const inAddress = read('search') ?? '';
  const [text, setText] = useState(inAddress);
  const sent = useRef(inAddress);
  useEffect(() => {
    // Back, or a link, says otherwise than what was typed here.
    if (inAddress !== sent.current) {
      sent.current = inAddress;
      setText(inAddress);
    }
  }, [inAddress]);
  useEffect(() => {
    if (text === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = text;
      change({ search: text });
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, change]);
  return (
    <Input
      type="search"
      name="search"
      aria-label={t('keys.search')}
      placeholder={t('keys.search')}
      className="min-[900px]:w-72"
      value={text}
      onChange={(event) => setText(event.target.value)}
    />
  );
}

export function FilterSelects({ filters }: { filters: Filters }) {
  const t = useText();
  const format = useFormat();
  const [, change] = useParams();
  const facets = useFacets(filters.pool).data;
  const choices = (all: string, known: Facets['tags'] | undefined, chosen: string | undefined) => {
    const missing = chosen && !known?.some((it) => it.name === chosen) ? [{ value: chosen, label: chosen }] : [];
    const listed = (known ?? []).map(({ name, count }) => ({ value: name, label: `${name} (${format.number(count)})` }));
    return [{ value: '', label: all }, ...missing, ...listed];
  };
  const tiers = ['free', 'paid'].map((tier) => ({ value: tier, label: t.of('keys.tiers', tier) }));
  return (
    <>
      <Select
        aria-label={t('keys.project')}
        className={SELECT}
        value={filters.project ?? ''}
        choices={choices(t('keys.all_projects'), facets?.projects, filters.project)}
        onChange={(event) => change({ project: event.target.value })}
      />
      <Select
        aria-label={t('keys.tag')}
        className={SELECT}
        value={filters.tag ?? ''}
        choices={choices(t('keys.all_tags'), facets?.tags, filters.tag)}
        onChange={(event) => change({ tag: event.target.value })}
      />
      <Select
        aria-label={t('keys.tier')}
        className={SELECT}
        value={filters.tier ?? ''}
        choices={[{ value: '', label: t('keys.all_tiers') }, ...tiers]}
        onChange={(event) => change({ tier: event.target.value })}
      />
    </>
  );
}

/** How many keys stand how, each a link to them. */
export function StateLinks({ filters }: { filters: Filters }) {
  const t = useText();
  const format = useFormat();
  const facets = useFacets(filters.pool).data;
  const [params] = useSearchParams();
  const to = (state: string | null) => {
    const after = new URLSearchParams(params);
    if (state) after.set('state', state);
    else after.delete('state');
    const text = after.toString();
    return `/keys${text && `?${text}`}`;
  };
  const count = (value: number | undefined) => (value === undefined ? '–' : format.number(value));
  const look = (isHere: boolean) =>
    `inline-flex h-8 items-center gap-2 rounded-md px-2 whitespace-nowrap ${isHere ? 'bg-accent-soft font-medium' : 'hover:bg-sunken'}`;
  return (
    <nav aria-label={t('keys.by_state')} className="-mx-2 flex flex-wrap items-center gap-1">
      <Link href={to(null)} aria-current={filters.state ? undefined : 'true'} className={look(!filters.state)}>
        {t('keys.total', { count: facets?.total ?? 0, number: count(facets?.total) })}
      </Link>
      {STATES.map((state) => (
        <Link key={state} href={to(state)} aria-current={filters.state === state ? 'true' : undefined} className={look(filters.state === state)}>
          <Pill tone={TONES[state]}>{t.of('ui.state', state)}</Pill>
          {count(facets?.states[state])}
        </Link>
      ))}
    </nav>
  );
}

/** What is being done, how far it is, and a way to end it. */
export function Working({ work, cancel }: { work: Work; cancel: () => void }) {
  const t = useText();
  const label = t('keys.progress', { what: work.what, done: work.done, total: work.total });
  return (
    <div role="status" className="flex min-w-0 flex-1 flex-wrap items-center gap-3">
      <span className="whitespace-nowrap">{label}</span>
      <div className="min-w-24 flex-1">
        <Progress done={work.done} total={work.total} label={work.what} />
      </div>
      <Button onClick={cancel}>{t('ui.cancel')}</Button>
    </div>
  );
}
