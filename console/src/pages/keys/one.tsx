// One key: how it stands and why, what it may use, what became of it, and what is told of it.

import { useState } from 'react';
import { useLocation } from 'wouter';
import { useMayChange } from '../../api/queries.ts';
import type { KeyView } from '../../api/schema.ts';
import { Page } from '../../frame/page.tsx';
import { useText } from '../../i18n/index.tsx';
import { Button } from '../../ui/button.tsx';
import { Menu } from '../../ui/menu.tsx';
import { Shown } from '../../ui/state.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useActs } from './acts.ts';
import { OrderCheck } from './check-order.tsx';
import { order, resultOf } from './checks.ts';
import { refresh, stateOf, useKey } from './data.ts';
import { About } from './one-form.tsx';
import { History } from './one-history.tsx';
import { Quotas, useQuotas } from './one-quotas.tsx';
import { StateCard } from './one-state.tsx';
import { LatestRequests, Usage } from './one-use.tsx';

export default function KeyPage({ id }: { id: number }) {
  const t = useText();
  const mayChange = useMayChange();
  const key = useKey(id);
  const quotas = useQuotas(key.data);
  const title = key.data?.name || t('keys.number', { id: String(id) });
  return (
    <Page title={title} above={{ to: '/keys', label: t('keys.title') }} actions={mayChange && key.data && <Actions of={key.data} />}>
      <Shown of={key} lines={8}>
        {(data) => (
          <>
            <StateCard of={data} quotas={quotas.data ?? []} />
            <div className="grid items-start gap-6 min-[1100px]:grid-cols-[minmax(0,1fr)_320px]">
              <div className="flex min-w-0 flex-col gap-6">
                <Quotas of={data} />
                <History of={data} />
                <Usage of={data} />
                <LatestRequests of={data} />
              </div>
              <About of={data} />
            </div>
          </>
        )}
      </Shown>
    </Page>
  );
}

function Actions({ of: key }: { of: KeyView }) {
  const t = useText();
  const toast = useToast();
  const [, go] = useLocation();
  const acts = useActs();
  const [busy, setBusy] = useState(false);
  const [ordering, setOrdering] = useState(false);
  const isOff = stateOf(key) === 'disabled';
  const check = async () => {
    setBusy(true);
    try {
      const { result } = await resultOf((await order([key.id], null)).id);
      await refresh();
      toast.done(t.of('keys.checked', result));
    } catch (error) {
      toast.failed(error);
    }
    setBusy(false);
  };
  const remove = async () => {
    if (await acts.remove([key.id])) go('/keys');
  };
  return (
    <>
      <Button icon={isOff ? 'play' : 'stop'} busy={acts.work !== null} onClick={() => void acts.enable([key.id], isOff)}>
        {t(isOff ? 'keys.enable' : 'keys.disable')}
      </Button>
      <Button icon="check" busy={busy} disabled={isOff} onClick={() => void check()}>
        {t('keys.check_now')}
      </Button>
      <Menu
        label={t('keys.more_acts')}
        items={[
          { name: t('keys.check_with_model'), disabled: isOff, act: () => setOrdering(true) },
          { name: t('keys.copy_key'), act: () => void acts.copySecrets([key.id]) },
          { name: t('ui.delete'), danger: true, act: () => void remove() },
        ]}
      />
      {ordering && <OrderCheck ids={[key.id]} onClose={() => setOrdering(false)} />}
    </>
  );
}
