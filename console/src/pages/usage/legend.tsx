// The table that is the legend of the chart: its rows show, hide and single out what is drawn.

import { useMemo } from 'react';
import { useFormat, useText } from '../../i18n/index.tsx';
import { useParam } from '../../ui/address.ts';
import { Button, TextLink } from '../../ui/button.tsx';
import { colour } from '../../ui/colours.ts';
import { ColumnChoice, Table, type Column } from '../../ui/table/index.tsx';
import { Section } from '../../frame/page.tsx';
import { isSum, valueOf } from './choice.ts';
import { DRAWN, type Account } from './data.ts';
import { OTHERS, type useHidden } from './hidden.ts';
import { sorted, summedUp, type Line } from './lines.ts';
import { placeOf, useChange, useEntryName, useWrite } from './speech.ts';

type LegendProps = { account: Account; hidden: ReturnType<typeof useHidden>; tint: (id: string) => number };

export function Legend({ account, hidden, tint }: LegendProps) {
  const { choice } = account;
  const t = useText();
  const name = useEntryName(choice.by);
  const [sort, setSort] = useParam('sort', '-value');
  const [all, setAll] = useParam('rows');
  const isMany = account.entries.length > DRAWN;
  const lines = useMemo((): Line[] => {
    const drawn = account.entries.slice(0, DRAWN).map((entry): Line => ({ ...entry, name: name(entry), kind: 'drawn' }));
    const rest = account.entries.slice(DRAWN);
    const others = rest.length > 0 ? [summedUp(rest, t('usage.others', { count: rest.length }))] : [];
    const listed = all === 'all' ? rest.map((entry): Line => ({ ...entry, name: name(entry), kind: 'rest' })) : [];
    return [...sorted(drawn, sort, choice.measure), ...others, ...sorted(listed, sort, choice.measure)];
    // `name` speaks the language of `t`, of the dimension that the account is of.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [account, sort, all, choice.measure, t]);
  const columns = useLegendColumns(account, hidden, tint);
  return (
    <Section
      title={t('usage.table', { measure: t(`usage.measure.${choice.measure}`), by: t(`usage.by.${choice.by}`) })}
      note={isMany ? t('usage.table_many', { count: DRAWN }) : undefined}
      actions={
        <>
          {isMany && (
            <Button aria-pressed={all === 'all'} onClick={() => setAll(all === 'all' ? null : 'all')}>
              {all === 'all' ? t('usage.show_few', { count: DRAWN }) : t('usage.show_all', { count: account.entries.length })}
            </Button>
          )}
          <ColumnChoice name="usage" columns={columns} />
        </>
      }
    >
      <Table
        name="usage"
        label={t('usage.table', { measure: t(`usage.measure.${choice.measure}`), by: t(`usage.by.${choice.by}`) })}
        columns={columns}
        count={lines.length}
        row={(index) => lines[index]}
        id={(line) => line.id}
        sort={sort}
        onSort={(chosen) => setSort(chosen)}
        height="600px"
      />
    </Section>
  );
}

function useLegendColumns(account: Account, hidden: LegendProps['hidden'], tint: LegendProps['tint']): Column<Line>[] {
  const t = useText();
  const format = useFormat();
  const write = useWrite(account.choice.measure);
  const change = useChange();
  const { measure, by } = account.choice;
  const whole = account.entries.reduce((sum, { row }) => sum + (valueOf(row, measure) ?? 0), 0);
  const drawn = [...account.entries.slice(0, DRAWN).map(({ id }) => id), ...(account.others ? [OTHERS] : [])];
  const value = ({ row, kind }: Line) => (kind === 'others' && !isSum(measure) ? null : valueOf(row, measure));
  const share = (line: Line) => (whole > 0 ? format.percent((value(line) ?? 0) / whole) : '');
  const columns: (Column<Line> | false)[] = [
    {
      id: 'name',
      head: capital(t(`usage.by.${by}`)),
      fixed: true,
      sort: 'name',
      cell: (line) => {
        const isDrawn = line.kind === 'drawn' || (line.kind === 'others' && account.others !== null);
        const place = placeOf(by, line.id === OTHERS ? '' : line.id);
        return (
          <span className="flex items-center gap-2">
            {isDrawn ? <Swatch line={line} tint={line.kind === 'others' ? DRAWN : tint(line.id)} hidden={hidden} all={drawn} /> : <span className="w-6" />}
            <span className={`min-w-0 truncate ${hidden.has(line.id) ? 'text-muted line-through' : ''}`} title={line.name}>
              {place ? <TextLink to={place}>{line.name}</TextLink> : line.name}
            </span>
          </span>
        );
      },
    },
    { id: 'value', head: t(`usage.measure.${measure}`), width: 152, numeric: true, fixed: true, sort: 'value', cell: (line) => write(value(line)) },
    isSum(measure) && { id: 'share', head: t('usage.share'), width: 80, numeric: true, cell: share },
    {
      id: 'change',
      head: t('usage.change'),
      width: 100,
      numeric: true,
      cell: (line) => (line.before ? change(value(line), valueOf(line.before, measure)) : null) ?? (account.wholeBefore?.requests ? <span className="text-muted">{t('usage.new')}</span> : null),
    },
    by !== 'reason' && by !== 'outcome' && measure !== 'requests' && {
      id: 'requests', head: t('usage.measure.requests'), width: 96, numeric: true, sort: 'requests', cell: ({ row }) => format.short(row.requests),
    },
    by !== 'reason' && by !== 'outcome' && {
      id: 'success',
      head: t('usage.success'),
      width: 96,
      numeric: true,
      sort: 'success',
      cell: ({ row }) => (typeof row.success_rate === 'number' ? format.percent(row.success_rate) : ''),
    },
    by !== 'reason' && by !== 'outcome' && measure !== 'tokens' && {
      id: 'tokens', head: t('usage.measure.tokens'), width: 96, numeric: true, sort: 'tokens', cell: ({ row }) => format.short(row.tokens.total),
    },
    by !== 'reason' && by !== 'outcome' && measure !== 'cost' && {
      id: 'cost', head: t('usage.measure.cost'), width: 96, numeric: true, sort: 'cost', cell: ({ row }) => (typeof row.cost === 'number' ? format.money(row.cost) : ''),
    },
    { id: 'only', head: t('usage.only_head'), width: 72, fixed: true, cell: (line) => <Only line={line} hidden={hidden} all={drawn} /> },
  ];
  return columns.filter((column) => column !== false);
}

const capital = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1);

type MarkProps = { line: Line; hidden: LegendProps['hidden']; all: string[] };

/** The colour of a row; pressing it hides or shows what it stands for. */
function Swatch({ line, tint, hidden }: MarkProps & { tint: number }) {
  const t = useText();
  const isShown = !hidden.has(line.id);
  return (
    <button
      type="button"
      role="switch"
      aria-checked={isShown}
      aria-label={t('usage.draw', { name: line.name })}
      title={t(isShown ? 'usage.hide' : 'usage.show', { name: line.name })}
      onClick={() => hidden.toggle(line.id)}
      className="inline-flex size-6 shrink-0 items-center justify-center rounded-md hover:bg-sunken"
    >
      <span className="size-3 rounded-full border" style={{ borderColor: colour(tint), background: isShown ? colour(tint) : 'transparent' }} />
    </button>
  );
}

function Only({ line, hidden, all }: MarkProps) {
  const t = useText();
  if (!all.includes(line.id) || all.length < 2) return null;
  return (
    <button type="button" aria-label={t('usage.only', { name: line.name })} className="text-accent hover:underline" onClick={() => hidden.only(line.id, all)}>
      {t('usage.only_act')}
    </button>
  );
}
