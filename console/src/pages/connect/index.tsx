// How a client is pointed here: choose it and an access key, paste the lines, and see the first request come.

import { useQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { useCallers } from '../../api/access-keys.ts';
import { get } from '../../api/client.ts';
import { useEvent } from '../../api/live.ts';
import { useMayChange } from '../../api/queries.ts';
import type { Requests, RequestSummary, User } from '../../api/schema.ts';
import { Page, Section } from '../../frame/page.tsx';
import { useFormat, useText } from '../../i18n/index.tsx';
import { useParam } from '../../ui/address.ts';
import { TextLink } from '../../ui/button.tsx';
import { Field, Select } from '../../ui/field.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Shown } from '../../ui/state.tsx';
import { Nobody } from './nobody.tsx';
import { usePlace } from './place.ts';
import { GROUPS, RECIPES, type Recipe } from './recipes.ts';
import { Lines } from './lines.tsx';

/** How many of the last requests are looked through. */
const LOOKED_AT = 50;

export default function Connect() {
  const t = useText();
  const callers = useCallers();
  return (
    <Page title={t('connect.title')}>
      <Shown of={callers}>{(users) => <Guide users={users} />}</Shown>
    </Page>
  );
}

function Guide({ users }: { users: User[] }) {
  const [client, setClient] = useParam('client', 'openai-python');
  const [caller, setCaller] = useParam('as');
  const user = users.find((it) => String(it.id) === caller) ?? users[0];
  const recipe = RECIPES.find((it) => it.id === client) ?? RECIPES[0];
  if (!user) return <Nobody />;
  return (
    <div className="grid min-w-0 gap-6 min-[900px]:grid-cols-[220px_minmax(0,1fr)]">
      <Clients chosen={recipe?.id ?? ''} choose={setClient} />
      <div className="flex min-w-0 flex-col gap-6">
        <Setup users={users} user={user} choose={(id) => setCaller(id)} {...(recipe ? { recipe } : {})} />
        <FirstRequest key={user.id} user={user} />
      </div>
    </div>
  );
}

type ClientsProps = { chosen: string; choose: (id: string) => void };

function Clients({ chosen, choose }: ClientsProps) {
  const t = useText();
  return (
    <>
      <Field label={t('connect.client')} className="min-[900px]:hidden">
        <Select value={chosen} choices={RECIPES.map(({ id, name }) => ({ value: id, label: name }))} onChange={(event) => choose(event.target.value)} />
      </Field>
      <nav aria-label={t('connect.client')} className="hidden flex-col gap-4 min-[900px]:flex">
        {GROUPS.map((group) => (
          <div key={group} className="flex flex-col gap-0.5">
            <h2 className="px-3 text-xs text-muted">{t(`connect.group.${group}`)}</h2>
            {RECIPES.filter((it) => it.group === group).map(({ id, name, missing }) => (
              <button
                key={id}
                type="button"
                aria-current={id === chosen ? 'true' : undefined}
                onClick={() => choose(id)}
                className={`flex h-8 items-center justify-between gap-2 rounded-md px-3 text-left ${
                  id === chosen ? 'bg-accent-soft font-medium text-accent' : 'text-ink hover:bg-sunken'
                }`}
              >
                <span className="truncate">{name}</span>
                {missing && <span className="text-xs text-muted">{t('connect.not_yet')}</span>}
              </button>
            ))}
          </div>
        ))}
      </nav>
    </>
  );
}

type SetupProps = { users: User[]; user: User; choose: (id: string) => void; recipe?: Recipe };

function Setup({ users, user, choose, recipe }: SetupProps) {
  const t = useText();
  const mayReveal = useMayChange();
  const { base, models, model, setModel } = usePlace(user);
  if (!recipe) return null;
  const named = users.map((it) => ({ value: String(it.id), label: t(it.of_pool ? 'connect.caller_pool' : 'connect.caller_user', { name: it.name, last4: it.last4 }) }));
  return (
    <Section title={recipe.name} {...(recipe.note ? { note: t(recipe.note) } : {})}>
      <div className="grid gap-4 min-[600px]:grid-cols-2">
        <Field label={t('connect.access_key')} help={mayReveal ? t('connect.access_key_help') : t('connect.viewer')}>
          <Select value={String(user.id)} choices={named} onChange={(event) => choose(event.target.value)} />
        </Field>
        <Field label={t('connect.model')} help={<TextLink to="/models">{t('connect.model_help')}</TextLink>}>
          <Select value={model} choices={models.map((id) => ({ value: id, label: id }))} onChange={(event) => setModel(event.target.value)} />
        </Field>
      </div>
      {recipe.missing ? (
        <p className="flex gap-2 rounded-md bg-warn-soft p-3 text-warn">
          <Icon name="warning" size={20} />
          {t(`connect.missing.${recipe.missing}`, { client: recipe.name })}
        </p>
      ) : (
        recipe.parts.map((part, index) => (
          <Lines key={`${recipe.id}-${user.id}-${index}`} part={part} place={{ base, model }} user={user} mayReveal={mayReveal} />
        ))
      )}
    </Section>
  );
}

/** The last request of a caller since the page was opened, for those who come back to it. */
function useSince(user: User): RequestSummary | undefined {
  const [opened] = useState(() => Date.now());
  const asked = useQuery({
    queryKey: ['requests', 'of', user.id],
    queryFn: async ({ signal }) => (await get<Requests>('/requests', { limit: LOOKED_AT }, signal)).requests,
  });
  return asked.data?.find((it) => it.user?.id === user.id && new Date(it.at).getTime() >= opened);
}

/** Waits for whoever has the chosen access key to call. */
function FirstRequest({ user }: { user: User }) {
  const t = useText();
  const format = useFormat();
  const [heard, setCame] = useState<RequestSummary | null>(null);
  const came = useSince(user) ?? heard;
  useEvent(
    'request',
    useCallback(
      (request: RequestSummary) => {
        if (request.user?.id === user.id) setCame(request);
      },
      [user.id],
    ),
  );
  return (
    <div role="status" className="card flex items-center gap-3 p-4">
      {came ? (
        <>
          <span className={came.outcome === 'complete' ? 'text-good' : 'text-bad'}>
            <Icon name={came.outcome === 'complete' ? 'check' : 'warning'} size={20} />
          </span>
          <span className="min-w-0">
            {t(came.outcome === 'complete' ? 'connect.received' : 'connect.received_bad', { at: format.clock(came.at, true), path: came.path })}{' '}
            <TextLink to={`/requests/${encodeURIComponent(came.id)}`}>{t('connect.look')}</TextLink>
          </span>
        </>
      ) : (
        <>
          <span aria-hidden="true" className="skeleton size-3 rounded-full" />
          {t('connect.waiting', { name: user.name })}
        </>
      )}
    </div>
  );
}
