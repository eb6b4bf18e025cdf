// Pages are loaded when they are first asked for, or before, when nothing else is to be done.

import { useEffect, useState, type ComponentType } from 'react';
import { useText } from '../i18n/index.tsx';
import { Button } from '../ui/button.tsx';
import { Empty, Loading } from '../ui/state.tsx';

type Module<Props> = { default: ComponentType<Props> };

const waiting: (() => Promise<unknown>)[] = [];

/**
 * A page in a file of its own. React's own way (`lazy`) holds back what has come for a while, so that nothing flickers; here
 * the frame stands already.
 */
export function page<Props extends object>(load: () => Promise<Module<Props>>): ComponentType<Props> {
  let loaded: ComponentType<Props> | null = null;
  const fetched = async () => {
    loaded = (await load()).default;
    return loaded;
  };
  waiting.push(fetched);
  return function Loaded(props: Props) {
    const [Shown, setShown] = useState<ComponentType<Props> | null>(() => loaded);
    const [isGone, setGone] = useState(false);
    useEffect(() => {
      if (Shown) return;
      fetched().then(
        (found) => setShown(() => found),
        () => setGone(true),
      );
    }, [Shown]);
    if (Shown) return <Shown {...props} />;
    return isGone ? <Gone /> : <Soon />;
  };
}

/** What is there to be seen comes first. */
const PAUSE_MS = 2_000;

/** Fetches all pages, one after another, once there is nothing else to fetch. */
export function fetchPages() {
  const next = () => {
    const fetched = waiting.shift();
    if (fetched) void fetched().then(next, () => undefined);
  };
  setTimeout(next, PAUSE_MS);
}

export function Soon() {
  return (
    <div className="p-6">
      <Loading lines={6} className="h-12" />
    </div>
  );
}

/** The server has other files than those this page came with: it was changed meanwhile. */
function Gone() {
  const t = useText();
  return (
    <main className="p-6">
      <Empty title={t('frame.gone')} text={t('frame.gone_text')}>
        <Button look="primary" icon="refresh" onClick={() => location.reload()}>
          {t('frame.reload')}
        </Button>
      </Empty>
    </main>
  );
}
