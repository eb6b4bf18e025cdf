import { Page } from '../../frame/page.tsx';
import { useText } from '../../i18n/index.tsx';

export default function Users() {
  const t = useText();
  return <Page title={t('users.title')}>{null}</Page>;
}
