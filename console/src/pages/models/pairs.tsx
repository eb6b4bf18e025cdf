// A setting of several entries, `a=b,c=d`, as a table whose order counts.

import { useId, useState } from 'react';
import { useMayChange } from '../../api/queries.ts';
import { useText } from '../../i18n/index.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { Input } from '../../ui/field.tsx';
import { isBroken, isUsable, read, write, type Format, type Row } from './entries.ts';

export type PairColumn = { head: string; placeholder: string; numeric?: boolean; choices?: string[] };

type PairsProps = {
  label: string;
  format: Format;
  columns: PairColumn[];
  text: string;
  onText: (text: string) => void;
  onWrong: (isWrong: boolean) => void;
};

export function Pairs({ label, format, columns, text, onText, onWrong }: PairsProps) {
  const t = useText();
  const mayChange = useMayChange();
  const lists = useId();
  const [rows, setRows] = useState<Row[]>(() => read(format, text));
  // What came anew from elsewhere takes the place of what stands here.
  const present = write(format, rows.filter(isUsable)) === write(format, read(format, text)) ? rows : read(format, text);
  const put = (changed: Row[]) => {
    setRows(changed);
    onWrong(!changed.every(isUsable));
    onText(write(format, changed.filter(isUsable)));
  };
  const swap = (one: number, other: number) =>
    put(present.map((row, index) => (index === one ? (present[other] ?? row) : index === other ? (present[one] ?? row) : row)));
  return (
    <div className="flex min-w-0 flex-col gap-3">
      {present.length === 0 && <p className="text-muted">{t('models.row.none')}</p>}
      <ol aria-label={label} className="flex flex-col gap-2">
        {present.length > 0 && (
          <li aria-hidden="true" className="hidden gap-2 text-xs text-muted min-[700px]:flex">
            {columns.map((column) => (
              <span key={column.head} className={column.numeric ? 'w-28' : 'min-w-0 flex-1'}>{column.head}</span>
            ))}
            {mayChange && <span className="w-28" />}
          </li>
        )}
        {present.map((row, index) => (
          <li key={index} className="flex flex-wrap items-center gap-2 min-[700px]:flex-nowrap">
            {columns.map((column, at) => (
              <label key={column.head} className={`flex min-w-0 flex-col gap-1 ${column.numeric ? 'flex-1 basis-20 min-[700px]:w-28 min-[700px]:flex-none' : 'flex-1 basis-full min-[700px]:basis-40'}`}>
                <span className="text-xs text-muted min-[700px]:hidden">{column.head}</span>
                <Input
                  aria-label={t('models.row.cell', { name: column.head, row: index + 1 })}
                  aria-invalid={isBroken(row[at] ?? '') || undefined}
                  className="font-mono"
                  placeholder={column.placeholder}
                  inputMode={column.numeric ? 'decimal' : 'text'}
                  list={column.choices ? `${lists}-${at}` : undefined}
                  disabled={!mayChange}
                  value={row[at] ?? ''}
                  onChange={(event) => put(present.map((it, place) => (place === index ? it.map((cell, part) => (part === at ? event.target.value : cell)) : it)))}
                />
              </label>
            ))}
            {mayChange && (
              <span className="ml-auto flex w-28 shrink-0 justify-end gap-1">
                <IconButton icon="up" label={t('models.row.up', { row: index + 1 })} disabled={index === 0} onClick={() => swap(index, index - 1)} />
                <IconButton icon="down" label={t('models.row.down', { row: index + 1 })} disabled={index === present.length - 1} onClick={() => swap(index, index + 1)} />
                <IconButton icon="trash" label={t('models.row.remove', { row: index + 1 })} onClick={() => put(present.filter((_, place) => place !== index))} />
              </span>
            )}
          </li>
        ))}
      </ol>
      {!present.every(isUsable) && <p role="status" className="text-xs text-muted">{t('models.row.unfinished')}</p>}
      {mayChange && (
        <div>
          <Button icon="plus" onClick={() => put([...present, columns.map(() => '')])}>{t('models.row.add')}</Button>
        </div>
      )}
      {columns.map((column, at) => column.choices && (
        <datalist key={column.head} id={`${lists}-${at}`}>
          {column.choices.map((choice) => <option key={choice} value={choice} />)}
        </datalist>
      ))}
    </div>
  );
}
