import { Page } from '../../frame/page.tsx';
import { useText } from '../../i18n/index.tsx';

export default function Keys() {
  const t = useText();
  return <Page title={t('keys.title')}>{null}</Page>;
}
