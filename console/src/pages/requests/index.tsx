// The requests: those that end now, and the log of those before. A list never moves under whoever looks at it.

import { useCallback } from 'react';
import { Page } from '../../frame/page.tsx';
import { PoolScope, RangeScope } from '../../frame/scope.tsx';
import { useText } from '../../i18n/index.tsx';
import { useParam } from '../../ui/address.ts';
import { usePools } from '../../api/queries.ts';
import { Filters } from './filters.tsx';
import { LiveList } from './live-list.tsx';
import { LogList } from './log-list.tsx';
import { Sources } from './sources.tsx';

export default function RequestsPage() {
  const t = useText();
  const [source] = useParam('source', 'live');
  const isLog = source === 'log';
  const pools = usePools().data;
  const poolName = useCallback((id: number) => pools?.find((pool) => pool.id === id)?.name ?? String(id), [pools]);
  return (
    <Page full title={t('requests.title')} scope={<><PoolScope />{isLog && <RangeScope otherwise="24h" />}</>}>
      <Sources />
      <Filters isLog={isLog} />
      {isLog ? <LogList poolName={poolName} /> : <LiveList poolName={poolName} />}
    </Page>
  );
}
