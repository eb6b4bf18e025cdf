// What is shown, and of which part: selects in a bar, filters behind a button.

import { useEffect, useId, useState } from 'react';
import { useKeyName, useUserNames } from '../../api/names.ts';
import { useText } from '../../i18n/index.tsx';
import type { Change } from '../../ui/address.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Field, Input, Select } from '../../ui/field.tsx';
import { DIMENSIONS, FILTERS, measuresOf, stepsOf, type Choice, type FilterName } from './choice.ts';

type ControlsProps = { choice: Choice; change: (change: Change) => void };

export function Controls({ choice, change }: ControlsProps) {
  const t = useText();
  const id = useId();
  const [open, setOpen] = useState(false);
  const behind = FILTERS.filter((name) => name !== 'pool' && choice.filters[name] !== '');
  return (
    <div className="flex flex-col gap-3">
      <div className="grid grid-cols-2 items-end gap-3 min-[600px]:flex min-[600px]:flex-wrap">
        <Field label={t('usage.control.measure')}>
          <Select
            value={choice.measure}
            choices={measuresOf(choice.by).map((value) => ({ value, label: t(`usage.measure.${value}`) }))}
            onChange={(event) => change({ measure: event.target.value })}
          />
        </Field>
        <Field label={t('usage.control.by')}>
          <Select
            value={choice.by}
            choices={DIMENSIONS.map((value) => ({ value, label: t(`usage.by.${value}`) }))}
            onChange={(event) => change({ by: event.target.value, measure: null, hide: null, rows: null })}
          />
        </Field>
        <Field label={t('usage.control.step')}>
          <Select
            value={choice.step}
            choices={stepsOf(choice.milliseconds).map((value) => ({ value, label: t(`usage.step.${value}`) }))}
            onChange={(event) => change({ step: event.target.value })}
          />
        </Field>
        <Button aria-expanded={open} aria-controls={id} icon={open ? 'up' : 'down'} onClick={() => setOpen(!open)}>
          {behind.length > 0 ? t('requests.filters_on', { count: behind.length }) : t('requests.filters')}
        </Button>
      </div>
      <div id={id} hidden={!open}>
        {open && <FilterFields choice={choice} change={change} />}
      </div>
      <Chips choice={choice} change={change} />
    </div>
  );
}

function FilterFields({ choice, change }: ControlsProps) {
  const t = useText();
  const users = useUserNames().data ?? [];
  const { filters } = choice;
  const text = (name: FilterName) => (
    <Field label={t(`usage.filter.${name}`)}>
      <Typed value={filters[name]} inputMode={name === 'key' ? 'numeric' : 'text'} put={(value) => change({ [name]: value || null })} />
    </Field>
  );
  return (
    <div className="card grid grid-cols-[repeat(auto-fill,minmax(180px,1fr))] gap-4 p-4">
      {text('model')}
      <Field label={t('usage.filter.user')}>
        <Select
          value={filters.user}
          choices={[{ value: '', label: t('requests.any') }, ...users.map((user) => ({ value: String(user.id), label: user.name }))]}
          onChange={(event) => change({ user: event.target.value || null })}
        />
      </Field>
      {text('key')}
      {text('project')}
    </div>
  );
}

type TypedProps = { value: string; inputMode: 'numeric' | 'text'; put: (value: string) => void };

/** A text that is taken when it is left or Enter is pressed: each letter would be another question. */
function Typed({ value, inputMode, put }: TypedProps) {
  const t = useText();
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  const take = () => typed.trim() !== value && put(typed.trim());
  return (
    <Input
      value={typed}
      placeholder={t('requests.any')}
      inputMode={inputMode}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={take}
      onKeyDown={(event) => event.key === 'Enter' && take()}
    />
  );
}

function Chips({ choice, change }: ControlsProps) {
  const t = useText();
  const keyName = useKeyName();
  const users = useUserNames().data;
  const on = FILTERS.filter((name) => name !== 'pool' && choice.filters[name] !== '');
  if (on.length === 0) return null;
  const shown = (name: FilterName, value: string) => {
    if (name === 'key') return keyName(Number(value));
    return name === 'user' ? (users?.find((user) => String(user.id) === value)?.name ?? value) : value;
  };
  return (
    <div role="group" aria-label={t('requests.filters_active')} className="flex flex-wrap gap-2">
      {on.map((name) => (
        <Chip key={name} name={t(`usage.filter.${name}`)} value={shown(name, choice.filters[name])} onRemove={() => change({ [name]: null })} />
      ))}
    </div>
  );
}
