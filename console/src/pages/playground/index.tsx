import { Page } from '../../frame/page.tsx';
import { useText } from '../../i18n/index.tsx';

export default function Playground() {
  const t = useText();
  return <Page title={t('playground.title')}>{null}</Page>;
}
