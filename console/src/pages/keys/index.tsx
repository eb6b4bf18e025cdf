// The list of keys: any number of them, found, selected and changed.

import { useCallback, useState } from 'react';
import { useLocation } from 'wouter';
import { useMayChange } from '../../api/queries.ts';
import { Page } from '../../frame/page.tsx';
import { PoolScope } from '../../frame/scope.tsx';
import { useText } from '../../i18n/index.tsx';
import { useParams } from '../../ui/address.ts';
import { Button, TextLink } from '../../ui/button.tsx';
import { Menu } from '../../ui/menu.tsx';
import { Empty, Failed } from '../../ui/state.tsx';
import { ColumnChoice, Table, useSelection, type Selection } from '../../ui/table/index.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useActs, type Acts } from './acts.ts';
import { AddKeys } from './add.tsx';
import { SelectionBar, type Opened } from './bar.tsx';
import { OrderCheck } from './check-order.tsx';
import { CheckPage } from './check.tsx';
import { useRunning } from './checks.ts';
import { useKeyColumns } from './columns.tsx';
import { FILTERS, allIds, nameOf, useFacets, useFilters, type Filters } from './data.ts';
import { EditMany } from './edit.tsx';
import { useRows } from './rows.ts';
import { FilterSelects, Search, StateLinks, Working } from './toolbar.tsx';
import { ExportKeys, ImportKeys } from './transfer.tsx';

export default function Keys() {
  const [read] = useParams();
  const selection = useSelection();
  const acts = useActsOn(selection);
  const check = Number(read('check'));
  if (check) return <CheckPage key={check} id={check} select={selection.only} remove={acts.remove} />;
  return <List selection={selection} acts={acts} />;
}

/** What is deleted is not selected any more. */
function useActsOn(selection: Selection): Acts {
  const acts = useActs();
  const remove = async (ids: number[]) => {
    const willBe = await acts.remove(ids);
    if (willBe) selection.put(ids, false);
    return willBe;
  };
  return { ...acts, remove };
}

/** What is open over the list; those that have an address of their own are told by it. */
function useOpened() {
  const [read, change] = useParams();
  const [opened, open] = useState<{ what: Opened; isAll: boolean } | null>(null);
  const named = read('add') !== null ? ('add' as const) : read('import') !== null ? ('import' as const) : null;
  return { named, opened, open, close: () => (named ? change({ add: null, import: null }) : open(null)), change };
}

function List({ selection, acts }: { selection: Selection; acts: Acts }) {
  const t = useText();
  const mayChange = useMayChange();
  const filters = useFilters();
  const [read, change] = useParams();
  const sort = read('sort') ?? 'id';
  const rows = useRows(filters, sort);
  const columns = useKeyColumns();
  const [, go] = useLocation();
  const { named, opened, open, close } = useOpened();
  const chosen = selection.ids.size > 0 && mayChange;
  const ids = opened?.isAll ? null : [...selection.ids];
  const row = rows.row;
  return (
    <Page
      full
      title={t('keys.title')}
      scope={<PoolScope />}
      actions={mayChange && <Actions filters={filters} acts={acts} selection={selection} open={(what) => open({ what, isAll: true })} />}
    >
      <div className="flex flex-wrap items-center gap-2">
        <Search />
        <FilterSelects filters={filters} />
        <span className="min-[900px]:ml-auto">
          <ColumnChoice name="keys" columns={columns} />
        </span>
      </div>
      <div className="flex min-h-10 flex-col justify-center">
        {chosen && <SelectionBar selection={selection} acts={acts} filters={filters} total={rows.total ?? 0} open={(what) => open({ what, isAll: false })} />}
        {!chosen && acts.work ? (
          <Working work={acts.work} cancel={acts.cancel} />
        ) : (
          // Where it is narrow the bar floats, and the counts stay.
          <div className={chosen ? 'min-[900px]:hidden' : ''}>
            <StateLinks filters={filters} />
          </div>
        )}
      </div>
      <Running />
      {rows.error && rows.total === undefined ? (
        <Failed error={rows.error} again={rows.again} />
      ) : (
        <div className={`${rows.isOld ? 'opacity-60' : ''} ${chosen ? 'max-[899px]:pb-36' : ''}`} aria-busy={rows.isOld || rows.total === undefined}>
          <Table
            key={JSON.stringify(filters)}
            name="keys"
            label={t('keys.title')}
            columns={columns}
            count={rows.total ?? 12}
            row={rows.total === undefined ? () => undefined : row}
            id={(key) => key.id}
            rowName={(key) => nameOf(t, key)}
            onView={rows.view}
            sort={sort}
            onSort={(next) => change({ sort: next === 'id' ? null : next })}
            onOpen={(key) => go(`/keys/${key.id}`)}
            empty={<None filters={filters} />}
            height="max(280px, calc(100dvh - 200px))"
            {...(mayChange ? { selection } : {})}
          />
        </div>
      )}
      {named === 'add' && mayChange && <AddKeys onClose={close} />}
      {named === 'import' && mayChange && <ImportKeys onClose={close} />}
      {opened?.what === 'edit' && <EditMany ids={[...selection.ids]} acts={acts} onClose={close} />}
      {opened?.what === 'check' && <OrderCheck ids={ids} onClose={close} />}
      {opened?.what === 'export' && <ExportKeys ids={ids} onClose={close} />}
    </Page>
  );
}

type ActionsProps = { filters: Filters; acts: Acts; selection: Selection; open: (what: Opened) => void };

/** What is done to no selection: to all, or to all that stand in some way. */
function Actions({ filters, acts, selection, open }: ActionsProps) {
  const t = useText();
  const toast = useToast();
  const [, change] = useParams();
  const { pool } = filters;
  const states = useFacets(pool).data?.states;
  const withIds = useCallback(
    (state: string, act: (ids: number[]) => void) => allIds({ pool, state }).then(({ ids }) => act(ids), toast.failed),
    [pool, toast],
  );
  const [revoked, off] = [states?.revoked ?? 0, states?.disabled ?? 0];
  return (
    <>
      <Menu
        label={t('keys.more')}
        items={[
          { name: t('keys.check_all'), act: () => open('check') },
          { name: t('keys.select_revoked', { count: revoked }), disabled: revoked === 0, act: () => void withIds('revoked', selection.only) },
          { name: t('keys.import'), act: () => change({ import: 1 }, true) },
          { name: t('keys.export'), act: () => open('export') },
          {
            name: t('keys.delete_revoked', { count: revoked }),
            danger: true,
            disabled: revoked === 0,
            act: () => void withIds('revoked', (ids) => void acts.remove(ids)),
          },
          {
            name: t('keys.delete_off', { count: off }),
            danger: true,
            disabled: off === 0,
            act: () => void withIds('disabled', (ids) => void acts.remove(ids)),
          },
        ]}
      />
      <Button look="primary" icon="plus" onClick={() => change({ add: 1 }, true)}>
        {t('keys.add')}
      </Button>
    </>
  );
}

/** A check that was left is found again here. */
function Running() {
  const t = useText();
  const check = useRunning();
  if (!check) return null;
  return (
    <p role="status" className="rounded-md bg-sunken px-3 py-2">
      <TextLink to={`/keys?check=${check.id}`}>{t('keys.check_under_way', { done: check.done, total: check.total })}</TextLink>
    </p>
  );
}

function None({ filters }: { filters: Filters }) {
  const t = useText();
  const mayChange = useMayChange();
  const [, change] = useParams();
  const isFiltered = FILTERS.some((name) => filters[name]);
  if (isFiltered) {
    return (
      <Empty title={t('keys.none_fit')} text={t('keys.none_fit_text')}>
        <Button onClick={() => change(Object.fromEntries(FILTERS.map((name) => [name, null])))}>{t('keys.show_all')}</Button>
      </Empty>
    );
  }
  return (
    <Empty title={t('keys.none')} text={t('keys.none_text')}>
      {mayChange && (
        <Button look="primary" icon="plus" onClick={() => change({ add: 1 }, true)}>
          {t('keys.add')}
        </Button>
      )}
    </Empty>
  );
}
