// Models: the live list, other names for them, how much they think, and what they cost; for the server or one pool.

import { useLocation } from 'wouter';
import { usePools } from '../../api/queries.ts';
import type { Pool } from '../../api/schema.ts';
import { Page } from '../../frame/page.tsx';
import { PoolScope, usePoolScope } from '../../frame/scope.tsx';
import { useText } from '../../i18n/index.tsx';
import { Empty, Shown } from '../../ui/state.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { Aliases } from './aliases.tsx';
import { Edited } from './edited.tsx';
import { ModelList } from './list.tsx';
import { Prices } from './prices.tsx';
import { Thinking } from './thinking.tsx';

const PARTS = ['list', 'aliases', 'thinking', 'prices'] as const;
type Part = (typeof PARTS)[number];

export default function Models() {
  const t = useText();
  const pools = usePools();
  const scope = usePoolScope();
  const [location] = useLocation();
  const address = (part: Part) => (part === 'list' ? '/models' : `/models/${part}`);
  const part = PARTS.find((it) => address(it) === location) ?? 'list';
  const query = scope === null ? '' : `?pool=${scope}`;
  return (
    <Page title={t('models.title')} scope={<PoolScope />} full>
      <Tabs label={t('models.parts')} items={PARTS.map((it) => ({ to: address(it) + query, label: t(`models.part.${it}`) }))} />
      <Shown of={pools}>
        {(known) => {
          // Without a choice the list is that of the first pool which has keys.
          const seen = known.find((it) => it.id === scope) ?? known.find((it) => it.keys.enabled > 0) ?? known[0];
          return seen ? <Parted key={scope} part={part} owner={scope} seen={seen} /> : <Empty title={t('models.no_pool')} />;
        }}
      </Shown>
    </Page>
  );
}

function Parted({ part, owner, seen }: { part: Part; owner: number | null; seen: Pool }) {
  const t = useText();
  if (part === 'list') return <ModelList owner={owner} seen={seen} />;
  const Editor = { aliases: Aliases, thinking: Thinking, prices: Prices }[part];
  return (
    <div className="flex min-w-0 max-w-[1280px] flex-col gap-4">
      <p className="text-muted">{owner === null ? t('models.for_server') : t('models.for_pool', { name: seen.name })}</p>
      <Edited key={part} owner={owner} pool={seen.id}>
        {(edited) => <Editor {...edited} />}
      </Edited>
    </div>
  );
}
