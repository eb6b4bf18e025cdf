// One pool: how it stands, its models, its limits, its settings.

import { useLocation } from 'wouter';
import { useMayChange } from '../../api/queries.ts';
import type { Pool } from '../../api/schema.ts';
import { Page } from '../../frame/page.tsx';
import { RangeScope } from '../../frame/scope.tsx';
import { useText } from '../../i18n/index.tsx';
import { SettingsForm } from '../../ui/settings/form.tsx';
import { Shown } from '../../ui/state.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { PoolActs } from './acts.tsx';
import { usePool } from './data.ts';
import { PoolLimits } from './limits.tsx';
import { AllowedModels } from './models/index.tsx';
import { PoolOverview } from './overview.tsx';

const PARTS = ['overview', 'models', 'limits', 'settings'] as const;
type Part = (typeof PARTS)[number];

export default function PoolPage({ id }: { id: number }) {
  const t = useText();
  const pool = usePool(id);
  const mayChange = useMayChange();
  const [location] = useLocation();
  const address = (part: Part) => `/pools/${id}${part === 'overview' ? '' : `/${part}`}`;
  const part = PARTS.find((it) => address(it) === location) ?? 'overview';
  return (
    <Page
      title={pool.data?.name ?? t('pools.one', { id })}
      above={{ to: '/pools', label: t('pools.title') }}
      scope={part === 'overview' && <RangeScope otherwise="24h" />}
      actions={mayChange && pool.data && <PoolActs pool={pool.data} />}
    >
      <Tabs label={t('pools.parts')} items={PARTS.map((it) => ({ to: address(it), label: t(`pools.part.${it}`) }))} />
      <Shown of={pool} lines={6}>{(known) => <Parted part={part} pool={known} />}</Shown>
    </Page>
  );
}

function Parted({ part, pool }: { part: Part; pool: Pool }) {
  if (part === 'models') return <AllowedModels pool={pool} />;
  if (part === 'limits') return <PoolLimits pool={pool} />;
  if (part === 'settings') return <SettingsForm owner={pool.id} />;
  return <PoolOverview pool={pool} />;
}
