// What is looked for: a bar with the common filters, the others behind a button, each that is on as a chip.

import { useEffect, useId, useState } from 'react';
import { useKeyName, useUserNames } from '../../api/names.ts';
import { usePools } from '../../api/queries.ts';
import { useText } from '../../i18n/index.tsx';
import { Button, TextLink } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Field, Input, Select } from '../../ui/field.tsx';
import { useModels } from './models.ts';
import { BEHIND, OUTCOMES, REASONS, useFilter, type Filter, type Name } from './filter.ts';

const PAUSE_MS = 300;

type Put = (name: Name | 'since' | 'until', value: string) => void;

/** What is being typed, told once the typing pauses. */
function useTyped(value: string, tell: (value: string) => void): [string, (value: string) => void] {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    if (typed === value) return;
    // A page that is left stays until the next one is loaded: it may not lead back.
    const place = window.location.pathname;
    const timer = setTimeout(() => window.location.pathname === place && tell(typed), PAUSE_MS);
    return () => clearTimeout(timer);
    // What is told is told for what was typed, whatever else changes.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [typed]);
  return [typed, setTyped];
}

export function Filters({ isLog }: { isLog: boolean }) {
  const t = useText();
  const [filter, change] = useFilter();
  const [open, setOpen] = useState(false);
  const id = useId();
  const put: Put = (name, value) => change({ [name]: value || null });
  const [search, setSearch] = useTyped(filter.search, (value) => put('search', value));
  const label = t(isLog ? 'requests.search_error' : 'requests.search');
  const behind = BEHIND.filter((name) => filter[name] !== '').length;
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <Input
          type="search"
          aria-label={label}
          placeholder={label}
          className="max-w-80 min-w-40 flex-1"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <Select
          aria-label={t('requests.filter.outcome')}
          className="max-w-40"
          value={filter.outcome}
          choices={[{ value: '', label: t('requests.any_outcome') }, ...OUTCOMES.map((value) => ({ value, label: t.of('requests.outcome', value) }))]}
          onChange={(event) => put('outcome', event.target.value)}
        />
        <Button aria-expanded={open} aria-controls={id} icon={open ? 'up' : 'down'} onClick={() => setOpen(!open)}>
          {behind > 0 ? t('requests.filters_on', { count: behind }) : t('requests.filters')}
        </Button>
      </div>
      {isRequestId(search) && <TextLink to={`/requests/${search.trim()}`}>{t('requests.open_id')}</TextLink>}
      <div id={id} hidden={!open}>
        {open && <Behind filter={filter} put={put} isLog={isLog} />}
      </div>
      <Chips filter={filter} put={put} clear={() => change(Object.fromEntries(Object.keys(filter).map((name) => [name, null])))} />
    </div>
  );
}

function Behind({ filter, put, isLog }: { filter: Filter; put: Put; isLog: boolean }) {
  const t = useText();
  const users = useUserNames().data ?? [];
  const models = useModels();
  const list = useId();
  const [status, setStatus] = useTyped(filter.status, (value) => isStatus(value) && put('status', value));
  const [model, setModel] = useTyped(filter.model, (value) => put('model', value.trim()));
  const [key, setKey] = useTyped(filter.key, (value) => isNumber(value) && put('key', value));
  const any = { value: '', label: t('requests.any') };
  return (
    <div className="card grid grid-cols-[repeat(auto-fill,minmax(180px,1fr))] gap-4 p-4">
      <Field label={t('requests.filter.model')}>
        <Input list={list} value={model} placeholder={t('requests.any')} onChange={(event) => setModel(event.target.value)} />
      </Field>
      <datalist id={list}>
        {models.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <Field label={t('requests.filter.user')}>
        <Select
          value={filter.user}
          choices={[any, ...users.map((user) => ({ value: String(user.id), label: user.name }))]}
          onChange={(event) => put('user', event.target.value)}
        />
      </Field>
      <Field
        label={t('requests.filter.key')}
        help={t(isLog ? 'requests.filter.key_last' : 'requests.filter.key_any')}
        error={isNumber(key) ? null : t('requests.filter.key_wrong')}
      >
        <Input inputMode="numeric" value={key} placeholder={t('requests.any')} onChange={(event) => setKey(event.target.value)} />
      </Field>
      <Field label={t('requests.filter.status')} error={isStatus(status) || status.length < 3 ? null : t('requests.filter.status_wrong')}>
        <Input inputMode="numeric" value={status} placeholder={t('requests.any')} onChange={(event) => setStatus(event.target.value)} />
      </Field>
      {isLog && (
        <Field label={t('requests.filter.reason')}>
          <Select
            value={filter.reason}
            choices={[any, ...REASONS.map((value) => ({ value, label: t.of('requests.reason', value) }))]}
            onChange={(event) => put('reason', event.target.value)}
          />
        </Field>
      )}
    </div>
  );
}

const isRequestId = (text: string) => /^[0-9a-f]{32}$/.test(text.trim());
const isStatus = (text: string) => text === '' || /^[1-5]\d\d$/.test(text);
const isNumber = (text: string) => /^\d*$/.test(text);

type ChipsProps = { filter: Filter; put: Put; clear: () => void };

/** What is on, each to be taken away by a press. */
function Chips({ filter, put, clear }: ChipsProps) {
  const t = useText();
  const pools = usePools().data;
  const users = useUserNames().data;
  const keyName = useKeyName();
  const on = (Object.keys(filter) as Name[]).filter((name) => filter[name] !== '');
  if (on.length === 0) return null;
  const shown = (name: Name, value: string): string => {
    if (name === 'outcome' || name === 'reason') return t.of(`requests.${name}`, value);
    if (name === 'pool') return pools?.find((pool) => String(pool.id) === value)?.name ?? value;
    if (name === 'user') return users?.find((user) => String(user.id) === value)?.name ?? value;
    return name === 'key' ? keyName(Number(value)) : value;
  };
  return (
    <div role="group" aria-label={t('requests.filters_active')} className="flex flex-wrap items-center gap-2">
      {on.map((name) => (
        <Chip key={name} name={t(`requests.filter.${name}`)} value={shown(name, filter[name])} onRemove={() => put(name, '')} />
      ))}
      <Button look="quiet" onClick={clear}>
        {t('requests.filters_clear')}
      </Button>
    </div>
  );
}
