import { Page } from '../../frame/page.tsx';
import { useText } from '../../i18n/index.tsx';

export default function Pools() {
  const t = useText();
  return <Page title={t('pools.title')}>{null}</Page>;
}
