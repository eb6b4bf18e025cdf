import { Page } from '../../frame/page.tsx';
import { useText } from '../../i18n/index.tsx';

export default function Overview() {
  const t = useText();
  return <Page title={t('overview.title')}>{null}</Page>;
}
