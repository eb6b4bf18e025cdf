// All limits as a small grid: what they bound down, their time across.

import { useId, useState } from 'react';
import type { LimitStanding } from '../../api/schema.ts';
import { useFormat, useText } from '../../i18n/index.tsx';
import { Input } from '../field.tsx';
import { amount, called, isMoney, isThere, limitOf, typedOf, UNITS, WINDOWS, type Limits } from './words.ts';

type GridProps = {
  limits: Limits;
  onChange: (limits: Limits) => void;
  /** What is used now, of limits that are in force. */
  standing?: LimitStanding[];
  /** Tells whether something is typed that is no limit. */
  onWrong?: (isWrong: boolean) => void;
  /** What the server says of one. */
  refused?: { what: string; message: string } | null;
  disabled?: boolean;
};

export function LimitsGrid({ limits, onChange, standing = [], onWrong, refused, disabled = false }: GridProps) {
  const t = useText();
  const [typed, setTyped] = useState<Record<string, string>>({});
  const cell = (what: string) => (
    <Cell
      what={what}
      text={typed[what] ?? typedOf(what, limits[what])}
      standing={standing.find((it) => it.what === what)}
      refusal={refused?.what === what ? refused.message : null}
      disabled={disabled}
      onText={(text) => {
        const all = { ...typed, [what]: text };
        setTyped(all);
        onWrong?.(Object.entries(all).some(([name, each]) => limitOf(name, each) === undefined));
        const value = limitOf(what, text);
        const { [what]: _, ...others } = limits;
        if (value !== undefined) onChange(value === null ? others : sorted({ ...limits, [what]: value }));
      }}
      onLeave={() => {
        if (limitOf(what, typed[what] ?? '') === undefined) return;
        const { [what]: _, ...others } = typed;
        setTyped(others);
      }}
    />
  );
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <table className="block w-full min-[700px]:table">
        <thead className="hidden min-[700px]:table-header-group">
          <tr>
            <td className="w-40" />
            {WINDOWS.map((window) => (
              <th key={window} scope="col" className="pb-2 pl-3 text-left text-xs text-muted">
                {t(`ui.limit.window.${window}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="block min-[700px]:table-row-group">
          {UNITS.map((unit) => (
            <tr key={unit} className="mb-4 block align-top min-[700px]:table-row">
              <th scope="row" className="block pt-1.5 pb-1 text-left min-[700px]:table-cell min-[700px]:pb-4">
                {t(`ui.limit.unit.${unit}`)}
              </th>
              {WINDOWS.map((window) => (
                <td key={window} className="block pb-2 min-[700px]:table-cell min-[700px]:pb-4 min-[700px]:pl-3">
                  {isThere(unit, window) && cell(`${unit}/${window}`)}
                </td>
              ))}
            </tr>
          ))}
          <tr className="block align-top min-[700px]:table-row">
            <th scope="row" className="block pt-1.5 pb-1 text-left min-[700px]:table-cell">
              {t('ui.limit.unit.concurrency')}
            </th>
            <td className="block min-[700px]:table-cell min-[700px]:pl-3">{cell('concurrency')}</td>
            <td className="hidden min-[700px]:table-cell" colSpan={2} />
          </tr>
        </tbody>
      </table>
      <p className="text-xs text-muted">{t('ui.limit.help')}</p>
    </div>
  );
}

/** In the order in which the server tells them: the same limits are the same text. */
const sorted = (limits: Limits): Limits => Object.fromEntries(Object.entries(limits).sort(([one], [other]) => (one < other ? -1 : 1)));

type CellProps = {
  what: string;
  text: string;
  standing: LimitStanding | undefined;
  refusal: string | null;
  disabled: boolean;
  onText: (text: string) => void;
  onLeave: () => void;
};

function Cell({ what, text, standing, refusal, disabled, onText, onLeave }: CellProps) {
  const t = useText();
  const format = useFormat();
  const id = useId();
  const isWrong = limitOf(what, text) === undefined;
  const error = isWrong ? t(isMoney(what) ? 'ui.limit.wrong_money' : 'ui.limit.wrong') : refusal;
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <div className="flex items-center gap-2">
        <span aria-hidden="true" className="w-20 shrink-0 text-xs text-muted min-[700px]:hidden">
          {what.includes('/') ? t.of('ui.limit.window', what.slice(what.indexOf('/') + 1)) : ''}
        </span>
        {isMoney(what) && (
          <span aria-hidden="true" className="text-muted">
            {'$'}
          </span>
        )}
        <Input
          aria-label={called(t, what)}
          aria-invalid={error ? true : undefined}
          aria-describedby={`${id}-note`}
          inputMode="decimal"
          placeholder={t('ui.limit.none')}
          disabled={disabled}
          value={text}
          onChange={(event) => onText(event.target.value)}
          onBlur={onLeave}
        />
      </div>
      <span id={`${id}-note`} role={error ? 'alert' : undefined} className={`text-xs break-words ${error ? 'text-bad' : 'text-muted'}`}>
        {error ?? (standing && t('ui.limit.used', { used: amount(format, what, standing.used) }))}
      </span>
    </div>
  );
}
