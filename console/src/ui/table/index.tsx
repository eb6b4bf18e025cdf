// A table of any length: only the rows in view are drawn, and those that are not here yet are awaited.

import { useEffect, useId, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useText } from '../../i18n/index.tsx';
import { Checkbox } from '../field.tsx';
import { Icon } from '../icon.tsx';
import { Menu } from '../menu.tsx';
import { Skeleton } from '../state.tsx';
import { useColumns, type Column } from './columns.ts';
import type { Selection } from './selection.ts';

export type { Column } from './columns.ts';
export { useSelection, type Selection } from './selection.ts';

const ROW = 40;
const AROUND = 8;
const CHOICE_WIDTH = 40;
/** What a column without a width needs at least. */
const REST = 160;

export type TableProps<Row> = {
  /** What it is called, and what its choice of columns is kept under. */
  name: string;
  label: string;
  columns: Column<Row>[];
  count: number;
  /** The row at an index, or nothing while it is not here. */
  row: (index: number) => Row | undefined;
  id: (row: Row) => number | string;
  /** Which indices are in view, as [from, to). */
  onView?: (from: number, to: number) => void;
  sort?: string;
  onSort?: (sort: string) => void;
  selection?: Selection;
  /** What a row is called to those who cannot see it. */
  rowName?: (row: Row) => string;
  onOpen?: (row: Row) => void;
  empty?: ReactNode;
  /** Of the rows in view, as a CSS length; the table is no higher than its rows. */
  height?: string;
};

export function Table<Row>(props: TableProps<Row>) {
  const { columns, count, row, id, selection, onOpen, height = 'calc(100dvh - 260px)' } = props;
  const t = useText();
  const shown = useColumns(props.name, columns);
  const visible = columns.filter((column) => column.fixed || shown.isShown(column.id));
  const { box, from, to, scrolled } = useWindow(count, props.onView);
  const [active, setActive] = useState(-1);
  const rowIds = useId();
  const moved = useRef(false);
  useEffect(() => {
    if (!moved.current || active < 0) return;
    moved.current = false;
    box.current?.querySelector<HTMLElement>(`[data-index="${active}"]`)?.focus({ preventScroll: true });
  }, [active, box, from]);
  const keys = (event: KeyboardEvent) => {
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
    const current = row(active);
    if (event.target instanceof HTMLInputElement && event.key !== 'x') return;
    if (step) {
      event.preventDefault();
      moved.current = true;
      const next = Math.min(Math.max(active + step, 0), count - 1);
      setActive(next);
      reveal(box.current, next);
    } else if (event.key === 'x' && current && selection) selection.toggle(Number(id(current)));
    else if (event.key === 'Enter' && current && event.target === event.currentTarget.querySelector(`[data-index="${active}"]`)) onOpen?.(current);
  };
  if (count === 0 && props.empty) return <div className="card">{props.empty}</div>;
  const width = visible.reduce((sum, column) => sum + (column.width ?? REST), selection ? CHOICE_WIDTH : 0);
  const present = Array.from({ length: to - from }, (_, offset) => row(from + offset)).filter((it) => it !== undefined);
  return (
    <div className="card flex min-w-0 flex-col">
      <div ref={box} onScroll={scrolled} className="relative overflow-auto rounded-md" style={{ maxHeight: height }} tabIndex={-1}>
        <table
          aria-label={props.label}
          aria-rowcount={count + 1}
          className="w-full table-fixed border-separate border-spacing-0"
          style={{ minWidth: width }}
          onKeyDown={keys}
        >
          <colgroup>
            {selection && <col style={{ width: CHOICE_WIDTH }} />}
            {visible.map((column) => (
              <col key={column.id} style={column.width ? { width: column.width } : {}} />
            ))}
          </colgroup>
          <thead className="sticky top-0 z-10">
            <tr aria-rowindex={1}>
              {selection && (
                <th scope="col" className="border-b border-line bg-surface px-3 text-left">
                  <Checkbox
                    hideLabel
                    label={t('ui.table.choose_shown')}
                    checked={chosenOf(present.map((it) => Number(id(it))), selection)}
                    onChange={(chosen) => selection.put(present.map((it) => Number(id(it))), chosen)}
                  />
                </th>
              )}
              {visible.map((column) => (
                <Head key={column.id} column={column} sort={props.sort} onSort={props.onSort} />
              ))}
            </tr>
          </thead>
          <tbody>
            {from > 0 && <tr aria-hidden="true" style={{ height: from * ROW }} />}
            {Array.from({ length: to - from }, (_, offset) => {
              const index = from + offset;
              const data = row(index);
              return (
                <tr
                  key={data ? id(data) : `${rowIds}${index}`}
                  data-index={index}
                  aria-rowindex={index + 2}
                  aria-selected={selection && data ? selection.has(Number(id(data))) : undefined}
                  tabIndex={index === Math.max(active, 0) ? 0 : -1}
                  onFocus={() => setActive(index)}
                  onClick={(event) => {
                    if (data && onOpen && !(event.target as HTMLElement).closest('button,a,input,label')) onOpen(data);
                  }}
                  className={`h-10 -outline-offset-2 hover:bg-sunken ${onOpen ? 'cursor-pointer' : ''} ${
                    selection && data && selection.has(Number(id(data))) ? 'bg-accent-soft' : ''
                  }`}
                >
                  {selection && (
                    <td className="border-b border-line px-3">
                      {data && (
                        <Checkbox
                          hideLabel
                          label={t('ui.table.choose', { name: props.rowName?.(data) ?? String(id(data)) })}
                          checked={selection.has(Number(id(data)))}
                          onChange={() => selection.toggle(Number(id(data)))}
                        />
                      )}
                    </td>
                  )}
                  {visible.map((column) => (
                    <td key={column.id} className={`truncate border-b border-line px-3 ${column.numeric ? 'text-right' : ''}`}>
                      {data ? column.cell(data) : <Skeleton className="h-4 w-2/3" />}
                    </td>
                  ))}
                </tr>
              );
            })}
            {to < count && <tr aria-hidden="true" style={{ height: (count - to) * ROW }} />}
          </tbody>
        </table>
      </div>
    </div>
  );
}

/** The menu by which columns are chosen, for the bar above a table. */
export function ColumnChoice<Row>({ name, columns }: { name: string; columns: Column<Row>[] }) {
  const t = useText();
  const shown = useColumns(name, columns);
  const items = columns
    .filter((column) => !column.fixed)
    .map((column) => ({ name: column.head, checked: shown.isShown(column.id), act: () => shown.toggle(column.id) }));
  return <Menu bare icon="columns" label={t('ui.table.columns')} items={items} />;
}

type HeadProps<Row> = { column: Column<Row>; sort: string | undefined; onSort: ((sort: string) => void) | undefined };

function Head<Row>({ column, sort, onSort }: HeadProps<Row>) {
  const isUp = sort === column.sort;
  const isDown = sort === `-${column.sort}`;
  const order = column.sort && (isUp ? 'ascending' : isDown ? 'descending' : 'none');
  return (
    <th
      scope="col"
      aria-sort={order || undefined}
      className={`h-9 border-b border-line bg-surface px-3 text-xs text-muted ${column.numeric ? 'text-right' : 'text-left'}`}
    >
      {column.sort && onSort ? (
        <button
          type="button"
          onClick={() => onSort(isUp ? `-${column.sort}` : (column.sort ?? ''))}
          className={`inline-flex max-w-full items-center gap-1 ${isUp || isDown ? 'text-ink' : ''}`}
        >
          <span className="truncate">{column.head}</span>
          {isUp && <Icon name="up" size={12} />}
          {isDown && <Icon name="down" size={12} />}
        </button>
      ) : (
        <span className="block truncate">{column.head}</span>
      )}
    </th>
  );
}

function chosenOf(ids: number[], selection: Selection): boolean | 'some' {
  const count = ids.filter((id) => selection.has(id)).length;
  return count === 0 ? false : count === ids.length ? true : 'some';
}

/** Which rows are in view of a box that scrolls. */
function useWindow(count: number, onView: ((from: number, to: number) => void) | undefined) {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ from: 0, to: 0 });
  const measure = () => {
    const { scrollTop = 0, clientHeight = 0 } = box.current ?? {};
    const height = Math.max(clientHeight, window.innerHeight);
    const from = Math.max(0, Math.floor(scrollTop / ROW) - AROUND);
    const to = Math.min(count, Math.ceil((scrollTop + height) / ROW) + AROUND);
    setView((before) => (before.from === from && before.to === to ? before : { from, to }));
  };
  useLayoutEffect(measure);
  useEffect(() => {
    window.addEventListener('resize', measure);
    return () => window.removeEventListener('resize', measure);
  });
  const from = Math.min(view.from, count);
  const to = Math.min(Math.max(view.to, from), count);
  useEffect(() => onView?.(from, to), [from, to, onView]);
  return { box, from, to, scrolled: measure };
}

/** Scrolls so that a row can be seen below the heading. */
function reveal(box: HTMLElement | null, index: number) {
  if (!box) return;
  const top = index * ROW;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (top + 2 * ROW > box.scrollTop + box.clientHeight) box.scrollTop = top + 2 * ROW - box.clientHeight;
}
