import { Page } from '../../frame/page.tsx';
import { useText } from '../../i18n/index.tsx';

export default function Usage() {
  const t = useText();
  return <Page title={t('usage.title')}>{null}</Page>;
}
