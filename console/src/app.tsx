// Which page is shown for which address. Pages are loaded when they are first asked for.

import { useEffect, type ReactNode } from 'react';
import { Route, Router, Switch } from 'wouter';
import { useStream } from './api/live.ts';
import { useSession } from './api/queries.ts';
import { fetchPages, page, Soon } from './frame/load.tsx';
import { leaving, useGuardedLocation } from './frame/location.ts';
import { FootBar, SideBar } from './frame/nav.tsx';
import { Page } from './frame/page.tsx';
import { Shortcuts } from './frame/shortcuts.tsx';
import { useText } from './i18n/index.tsx';
import { SignIn } from './pages/sign-in/index.tsx';
import { TextLink } from './ui/button.tsx';
import { Confirmations } from './ui/dialog.tsx';
import { Empty, Failed } from './ui/state.tsx';
import { Toasts } from './ui/toast.tsx';

const Overview = page(() => import('./pages/overview/index.tsx'));
const Requests = page(() => import('./pages/requests/index.tsx'));
const RequestPage = page(() => import('./pages/requests/one.tsx'));
const Keys = page(() => import('./pages/keys/index.tsx'));
const KeyPage = page(() => import('./pages/keys/one.tsx'));
const Pools = page(() => import('./pages/pools/index.tsx'));
const PoolPage = page(() => import('./pages/pools/one.tsx'));
const Users = page(() => import('./pages/users/index.tsx'));
const UserPage = page(() => import('./pages/users/one.tsx'));
const Models = page(() => import('./pages/models/index.tsx'));
const Usage = page(() => import('./pages/usage/index.tsx'));
const Connect = page(() => import('./pages/connect/index.tsx'));
const Playground = page(() => import('./pages/playground/index.tsx'));
const Settings = page(() => import('./pages/settings/index.tsx'));

function Pages() {
  return (
    <Switch>
      <Route path="/" component={Overview} />
      <Route path="/requests" component={Requests} />
      <Route path="/requests/:id">{({ id }) => <RequestPage key={id} id={id} />}</Route>
      <Route path="/keys" component={Keys} />
      <Route path="/keys/:id">{({ id }) => <KeyPage key={id} id={Number(id)} />}</Route>
      <Route path="/pools" component={Pools} />
      <Route path="/pools/:id/*?">{({ id }) => <PoolPage key={id} id={Number(id)} />}</Route>
      <Route path="/users" component={Users} />
      <Route path="/users/:id">{({ id }) => <UserPage key={id} id={Number(id)} />}</Route>
      <Route path="/models/*?" component={Models} />
      <Route path="/usage" component={Usage} />
      <Route path="/connect" component={Connect} />
      <Route path="/playground" component={Playground} />
      <Route path="/settings/*?" component={Settings} />
      <Route component={Nowhere} />
    </Switch>
  );
}

function Nowhere() {
  const t = useText();
  return (
    <Page title={t('frame.nowhere')}>
      <Empty title={t('frame.nowhere')} text={t('frame.nowhere_text')}>
        <TextLink to="/">{t('frame.overview')}</TextLink>
      </Empty>
    </Page>
  );
}

/** The frame stands at once; what is in it comes when it is here. */
function Frame({ children }: { children: ReactNode }) {
  const t = useText();
  return (
    <div className="flex min-h-dvh">
      <a href="#content" className="sr-only rounded-md bg-surface p-2 focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50">
        {t('frame.skip')}
      </a>
      <SideBar />
      <div className="min-w-0 flex-1 pb-16 min-[900px]:pb-0">
        {children}
      </div>
      <FootBar />
      <Shortcuts />
    </div>
  );
}

export function App() {
  const t = useText();
  const session = useSession();
  const isIn = Boolean(session.data);
  useStream(isIn);
  useEffect(() => {
    if (isIn) fetchPages();
  }, [isIn]);
  useEffect(() => {
    leaving.question = t('frame.leave_unsaved');
  }, [t]);
  return (
    <Router base="/console" hook={useGuardedLocation}>
      <Toasts>
        <Confirmations>
          {session.data === null ? (
            <SignIn />
          ) : session.error ? (
            <div className="mx-auto max-w-[560px] p-6">
              <Failed error={session.error} again={() => void session.refetch()} />
            </div>
          ) : (
            <Frame>{session.data ? <Pages /> : <Soon />}</Frame>
          )}
        </Confirmations>
      </Toasts>
    </Router>
  );
}
