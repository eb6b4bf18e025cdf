// The live list as check-boxes, beside patterns that also allow what is yet to come.

import { useRef, useState } from 'react';
import type { Model } from '../../../api/schema.ts';
import { useText } from '../../../i18n/index.tsx';
import { Button } from '../../../ui/button.tsx';
import { Field, Input } from '../../../ui/field.tsx';
import { isLike, isPattern } from '../../../ui/models/data.ts';
import { Several } from '../../../ui/several.tsx';

type PickerProps = {
  models: Model[];
  /** Names and patterns; none is any. */
  allowed: string[];
  isOpen: boolean;
  onChange: (allowed: string[]) => void;
};

export function Picker({ models, allowed, isOpen, onChange }: PickerProps) {
  const t = useText();
  const [search, setSearch] = useState('');
  const patterns = allowed.filter(isPattern);
  const names = allowed.filter((name) => !isPattern(name));
  const unlisted = names.filter((name) => !models.some((it) => it.id === name));
  // What is ticked when typing begins: a name on the way to a longer one is none of it.
  const ticked = useRef<string[]>([]);
  const shown = models.filter((it) => `${it.id} ${it.display_name}`.toLowerCase().includes(search.toLowerCase()));
  const isAllowed = (id: string) => (allowed.length === 0 && !isOpen) || allowed.some((pattern) => isLike(id, pattern));
  const put = (ids: string[], isChosen: boolean) => {
    const others = names.filter((name) => !ids.includes(name));
    onChange([...patterns, ...others, ...(isChosen ? ids : [])]);
  };
  const free = shown.map((it) => it.id).filter((id) => !patterns.some((pattern) => isLike(id, pattern)));
  return (
    <div className="flex min-w-0 flex-col gap-4">
      {isOpen && (
        <Field label={t('pools.models.patterns')} help={t('pools.models.patterns_help')}>
          <Several
            values={[...patterns, ...unlisted]}
            placeholder="gemini-2.5-*"
            onFocus={() => {
              ticked.current = names.filter((name) => !unlisted.includes(name));
            }}
            onChange={(typed) => onChange([...new Set([...typed, ...ticked.current])])}
          />
        </Field>
      )}
      {models.length > 0 && (
        <div className="flex flex-wrap items-center gap-2">
          <Input type="search" aria-label={t('models.search')} placeholder={t('models.search')} className="max-w-80" value={search} onChange={(event) => setSearch(event.target.value)} />
          {isOpen && (
            <>
              <Button look="quiet" onClick={() => put(free, true)}>{t('pools.models.all_shown')}</Button>
              <Button look="quiet" onClick={() => put(free, false)}>{t('pools.models.none_shown')}</Button>
            </>
          )}
          <span role="status" className="text-muted">
            {t('pools.models.count', { count: models.filter((it) => isAllowed(it.id)).length, total: models.length })}
          </span>
        </div>
      )}
      <ul aria-label={t('pools.models.list')} tabIndex={0} className="grid max-h-[480px] grid-cols-[repeat(auto-fill,minmax(min(100%,300px),1fr))] gap-x-6 overflow-y-auto">
        {shown.map((model) => {
          const pattern = patterns.find((it) => isLike(model.id, it));
          return (
            <li key={model.id} className="min-w-0">
              <label className="flex min-h-8 items-center gap-2">
                <input
                  type="checkbox"
                  className="size-4 shrink-0 accent-button"
                  checked={isAllowed(model.id)}
                  disabled={!isOpen || pattern !== undefined}
                  onChange={(event) => put([model.id], event.target.checked)}
                />
                <span className="min-w-0 truncate" title={model.id}>{model.id}</span>
                {isOpen && pattern && <span className="shrink-0 text-xs text-muted">{t('pools.models.by', { pattern })}</span>}
              </label>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
