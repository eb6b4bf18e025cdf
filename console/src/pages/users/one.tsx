// One user: how it stands against its limits, its access key, what it did, and what it may.

import { useMayChange } from '../../api/queries.ts';
import type { User } from '../../api/schema.ts';
import { Page, Section } from '../../frame/page.tsx';
import { RangeScope, useRange } from '../../frame/scope.tsx';
import { useText } from '../../i18n/index.tsx';
import { LinkButton, TextLink } from '../../ui/button.tsx';
import { Standings } from '../../ui/limits/standing.tsx';
import { OverTime } from '../../ui/over-time/index.tsx';
import { Shown } from '../../ui/state.tsx';
import { Ago } from '../../ui/time.tsx';
import { AccessKey } from './access-key.tsx';
import { UserActs } from './acts.tsx';
import { useUser } from './data.ts';
import { EditUser } from './edit.tsx';
import { UserState } from './state.tsx';

export default function UserPage({ id }: { id: number }) {
  const t = useText();
  const user = useUser(id);
  const mayChange = useMayChange();
  return (
    <Page
      title={user.data?.name ?? t('users.one', { id })}
      above={{ to: '/users', label: t('users.title') }}
      scope={<RangeScope otherwise="24h" />}
      actions={mayChange && user.data && user.data.of_pool == null && <UserActs user={user.data} />}
    >
      <Shown of={user} lines={8}>{(known) => <About user={known} />}</Shown>
    </Page>
  );
}

function About({ user }: { user: User }) {
  const t = useText();
  const range = useRange('24h');
  return (
    <div className="flex min-w-0 flex-col gap-8">
      <p className="flex flex-wrap items-center gap-x-4 text-base">
        <UserState user={user} />
        <span>{t('users.since')} <Ago at={user.created_at} /></span>
        {user.expires_at && <span>{t('users.expires')} <Ago at={user.expires_at} /></span>}
        {user.of_pool != null && <span>{t('users.is_pool')} <TextLink to={`/pools/${user.of_pool}`}>{user.name}</TextLink></span>}
      </p>
      <div className="grid gap-8 min-[1000px]:grid-cols-2">
        <Section title={t('users.standing')} actions={<LinkButton to={`/requests?user=${user.id}`}>{t('users.requests')}</LinkButton>}>
          <div className="card flex min-h-20 flex-1 flex-col justify-center p-4"><Standings standing={user.standing} /></div>
        </Section>
        <AccessKey user={user} />
      </div>
      <Section title={t('users.over_time')}>
        <OverTime of={{ user: user.id }} range={range} />
      </Section>
      {user.of_pool == null && <EditUser key={user.id} user={user} />}
    </div>
  );
}
