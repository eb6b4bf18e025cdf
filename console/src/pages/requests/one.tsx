import { Page } from '../../frame/page.tsx';
import { useText } from '../../i18n/index.tsx';

export default function RequestPage({ id }: { id: string }) {
  const t = useText();
  return <Page title={`${t('requests.title')} ${id}`}>{null}</Page>;
}
