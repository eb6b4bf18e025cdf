// In place of what needs an access key, where there is none.

import { useText } from '../../i18n/index.tsx';
import { LinkButton } from '../../ui/button.tsx';
import { Empty } from '../../ui/state.tsx';

export function Nobody() {
  const t = useText();
  return (
    <Empty title={t('connect.nobody')} text={t('connect.nobody_text')}>
      <LinkButton look="primary" to="/users?new=1">
        {t('connect.make_user')}
      </LinkButton>
    </Empty>
  );
}
