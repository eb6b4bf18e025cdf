// The users: found by name, label or pool, and adding another.

import { useState, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import { useMayChange } from '../../api/queries.ts';
import type { User } from '../../api/schema.ts';
import { Page } from '../../frame/page.tsx';
import { PoolScope } from '../../frame/scope.tsx';
import { useText } from '../../i18n/index.tsx';
import { useParams } from '../../ui/address.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Input, Select } from '../../ui/field.tsx';
import { Empty, Shown } from '../../ui/state.tsx';
import { ColumnChoice, Table } from '../../ui/table/index.tsx';
import { useUserColumns } from './columns.tsx';
import { PAGE_SIZE, useUsers, type Filter } from './data.ts';
import { NewUserDialog } from './new.tsx';

export default function Users() {
  const t = useText();
  const mayChange = useMayChange();
  const [, navigate] = useLocation();
  const [read, change] = useParams();
  const [isOpen, setOpen] = useState(read('new') !== null && mayChange);
  const filter: Filter = { search: read('search') ?? '', pool: read('pool') ?? '', label: read('label') ?? '', enabled: read('enabled') ?? '' };
  const page = Math.max(1, Number(read('page') ?? 1));
  const users = useUsers(filter, page);
  const columns = useUserColumns((label) => change({ label, page: null }));
  const isFiltered = Object.values(filter).some(Boolean);
  const close = () => {
    setOpen(false);
    change({ new: null });
  };
  const add = mayChange && <Button look="primary" icon="plus" onClick={() => setOpen(true)}>{t('users.new')}</Button>;
  return (
    <Page title={t('users.title')} scope={<PoolScope />} actions={add} full>
      <Filters filter={filter} change={(name, value) => change({ [name]: value, page: null })}>
        <ColumnChoice name="users" columns={columns} />
      </Filters>
      <Shown of={users} lines={8}>
        {({ users: rows, total }) => (
          <>
            <Table<User>
              name="users"
              label={t('users.title')}
              columns={columns}
              count={rows.length}
              row={(index) => rows[index]}
              id={(it) => it.id}
              onOpen={(it) => navigate(`/users/${it.id}`)}
              empty={
                isFiltered ? (
                  <Empty title={t('users.nothing')} text={t('users.nothing_text')}>
                    <Button onClick={() => change({ search: null, pool: null, label: null, enabled: null, page: null })}>{t('users.clear')}</Button>
                  </Empty>
                ) : (
                  <Empty title={t('users.none')} text={t('users.none_text')}>{add}</Empty>
                )
              }
            />
            <Paging page={page} total={total} onPage={(to) => change({ page: to === 1 ? null : to }, true)} />
          </>
        )}
      </Shown>
      {isOpen && mayChange && <NewUserDialog onClose={close} />}
    </Page>
  );
}

type FiltersProps = { filter: Filter; change: (name: keyof Filter, value: string | null) => void; children: ReactNode };

function Filters({ filter, change, children }: FiltersProps) {
  const t = useText();
  const choices = [
    { value: '', label: t('users.all') },
    { value: 'true', label: t('users.only_on') },
    { value: 'false', label: t('users.only_off') },
  ];
  return (
    <div role="search" className="flex flex-wrap items-center gap-2">
      <Input type="search" aria-label={t('users.search')} placeholder={t('users.search')} className="max-w-72" value={filter.search} onChange={(event) => change('search', event.target.value)} />
      <Select aria-label={t('users.state')} className="max-w-40" value={filter.enabled} choices={choices} onChange={(event) => change('enabled', event.target.value)} />
      {filter.label && (
        <Button icon="close" onClick={() => change('label', null)}>
          {t('users.label_is', { label: filter.label })}
        </Button>
      )}
      {children}
    </div>
  );
}

function Paging({ page, total, onPage }: { page: number; total: number; onPage: (page: number) => void }) {
  const t = useText();
  const last = Math.max(1, Math.ceil(total / PAGE_SIZE));
  return (
    <div className="flex flex-wrap items-center justify-between gap-2 text-muted">
      <span role="status">{t('users.count', { count: total })}</span>
      {last > 1 && (
        <nav aria-label={t('users.pages')} className="flex items-center gap-1">
          <IconButton icon="left" label={t('users.before')} disabled={page <= 1} onClick={() => onPage(page - 1)} />
          {t('users.page_of', { page, last })}
          <IconButton icon="right" label={t('users.after')} disabled={page >= last} onClick={() => onPage(page + 1)} />
        </nav>
      )}
    </div>
  );
}
