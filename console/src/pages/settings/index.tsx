import { Page } from '../../frame/page.tsx';
import { useText } from '../../i18n/index.tsx';

export default function Settings() {
  const t = useText();
  return <Page title={t('settings.title')}>{null}</Page>;
}
