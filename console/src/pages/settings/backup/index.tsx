// Copies of the keys, and the master key that seals what the database keeps secret.

import { useMayChange } from '../../../api/queries.ts';
import { useText } from '../../../i18n/index.tsx';
import { Empty } from '../../../ui/state.tsx';
import { ExportKeys } from './export.tsx';
import { ImportKeys } from './import.tsx';
import { MasterKey } from './master-key.tsx';

export function Backup() {
  const t = useText();
  if (!useMayChange()) return <div className="card"><Empty title={t('settings.backup.viewer')} text={t('settings.backup.viewer_text')} /></div>;
  return (
    <div className="flex flex-col gap-8">
      <p className="max-w-[72ch] text-muted">{t('settings.backup.note')}</p>
      <ExportKeys />
      <ImportKeys />
      <MasterKey />
    </div>
  );
}
