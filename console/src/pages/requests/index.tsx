import { Page } from '../../frame/page.tsx';
import { useText } from '../../i18n/index.tsx';

export default function Requests() {
  const t = useText();
  return <Page title={t('requests.title')}>{null}</Page>;
}
