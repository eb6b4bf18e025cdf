import { Page } from '../../frame/page.tsx';
import { useText } from '../../i18n/index.tsx';

export default function KeyPage({ id }: { id: number }) {
  const t = useText();
  return <Page title={`${t('keys.title')} ${id}`}>{null}</Page>;
}
