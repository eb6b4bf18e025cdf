// One request: what happened, why, and what Google said.

import { Page } from '../../frame/page.tsx';
import { useText } from '../../i18n/index.tsx';
import { useParam } from '../../ui/address.ts';
import { LinkButton } from '../../ui/button.tsx';
import { Empty } from '../../ui/state.tsx';
import { Explanation } from './explained.tsx';

const SHORT = 8;

export default function RequestPage({ id }: { id: string }) {
  const t = useText();
  const [source] = useParam('source');
  return (
    <Page title={t('requests.one', { id: id.slice(0, SHORT) })} above={{ to: source === 'log' ? '/requests?source=log' : '/requests', label: t('requests.title') }}>
      <Explanation
        id={id}
        otherwise={
          <Empty title={t('requests.unknown')} text={t('requests.unknown_text')}>
            <LinkButton to="/requests">{t('requests.to_last')}</LinkButton>
            <LinkButton to="/requests?source=log">{t('requests.to_log')}</LinkButton>
          </Empty>
        }
      />
    </Page>
  );
}
