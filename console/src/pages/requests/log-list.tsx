// The log of requests: pages of it as they are scrolled to, and files of all that fits.

import { useCallback, useEffect, useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { address } from '../../api/client.ts';
import { useRange } from '../../frame/scope.tsx';
import { useText } from '../../i18n/index.tsx';
import { FileLink, IconButton } from '../../ui/button.tsx';
import { Empty, Failed, Shown } from '../../ui/state.tsx';
import { ColumnChoice, Table } from '../../ui/table/index.tsx';
import { addressOf, useRequestColumns } from './columns.tsx';
import { useLog } from './data.ts';
import { isAny, ofLog, useFilter } from './filter.ts';
import { NothingFits } from './live-list.tsx';
import { ofLogged } from './row.ts';

/** Rows that are shown as awaited below those that are here. */
const AWAITED = 10;
const FORMATS = ['csv', 'json'] as const;

export function LogList({ poolName }: { poolName: (id: number) => string }) {
  const t = useText();
  const [, go] = useLocation();
  const [filter] = useFilter();
  const range = useRange('24h');
  const [asked, setAsked] = useState(() => Date.now());
  const query = useMemo(
    () => ({ ...ofLog(filter), since: new Date(asked - range.milliseconds).toISOString() }),
    [filter, asked, range.milliseconds],
  );
  const log = useLog(query);
  const pages = log.data?.pages;
  const rows = useMemo(() => (pages ?? []).flatMap((page) => page.requests.map(ofLogged)), [pages]);
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = log;
  const [to, setTo] = useState(0);
  const mayFetch = hasNextPage && !log.isPlaceholderData && !isFetchingNextPage && !isFetchNextPageError;
  useEffect(() => {
    if (mayFetch && to >= rows.length) void fetchNextPage();
  }, [mayFetch, to, rows.length, fetchNextPage]);
  const view = useCallback((_: number, last: number) => setTo(last), []);
  const columns = useRequestColumns(true, poolName);
  const dropped = pages?.at(0)?.dropped ?? 0;
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <div className="flex min-h-8 flex-wrap items-center gap-x-3 gap-y-2">
        <span role="status" className="text-xs text-muted">
          {pages && (hasNextPage ? t('requests.shown_of_more', { count: rows.length }) : t('requests.shown', { count: rows.length }))}
        </span>
        {dropped > 0 && <span className="text-xs text-warn">{t('requests.dropped', { count: dropped })}</span>}
        <span className="ml-auto flex flex-wrap items-center gap-2">
          {FORMATS.map((format) => (
            <FileLink key={format} href={address('/request-log', { ...query, format })} file={`requests.${format}`}>
              {t(`requests.file.${format}`)}
            </FileLink>
          ))}
          <IconButton icon="refresh" label={t('requests.refresh')} onClick={() => setAsked(Date.now())} />
          <ColumnChoice name="request-log" columns={columns} />
        </span>
      </div>
      {isFetchNextPageError && <Failed error={log.error} again={() => void fetchNextPage()} />}
      <Shown of={log} lines={8}>
        {() => (
          <Table
            name="request-log"
            label={t('requests.source.log')}
            columns={columns}
            count={rows.length + (hasNextPage ? AWAITED : 0)}
            row={(index) => rows[index]}
            id={(row) => row.id}
            onView={view}
            onOpen={(row) => go(addressOf(row, true))}
            height="calc(100dvh - 280px)"
            empty={isAny(filter) ? <NothingFits /> : <Empty title={t('requests.log_empty')} text={t('requests.log_empty_text')} />}
          />
        )}
      </Shown>
    </div>
  );
}
