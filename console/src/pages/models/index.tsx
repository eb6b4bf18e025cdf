import { Page } from '../../frame/page.tsx';
import { useText } from '../../i18n/index.tsx';

export default function Models() {
  const t = useText();
  return <Page title={t('models.title')}>{null}</Page>;
}
