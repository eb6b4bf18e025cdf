import { Page } from '../../frame/page.tsx';
import { useText } from '../../i18n/index.tsx';

export default function PoolPage({ id }: { id: number }) {
  const t = useText();
  return <Page title={`${t('pools.title')} ${id}`}>{null}</Page>;
}
