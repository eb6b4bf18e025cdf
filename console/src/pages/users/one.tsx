import { Page } from '../../frame/page.tsx';
import { useText } from '../../i18n/index.tsx';

export default function UserPage({ id }: { id: number }) {
  const t = useText();
  return <Page title={`${t('users.title')} ${id}`}>{null}</Page>;
}
