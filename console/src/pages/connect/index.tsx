import { Page } from '../../frame/page.tsx';
import { useText } from '../../i18n/index.tsx';

export default function Connect() {
  const t = useText();
  return <Page title={t('connect.title')}>{null}</Page>;
}
