// The bar at the foot of a form: how much is not saved, and saving it.

import { useText } from '../i18n/index.tsx';
import { Button } from './button.tsx';

type SaveBarProps = { count: number; busy: boolean; blocked?: boolean; onSave: () => void; onDiscard: () => void };

/** Not there while nothing is changed. */
export function SaveBar({ count, busy, blocked = false, onSave, onDiscard }: SaveBarProps) {
  const t = useText();
  if (count === 0) return null;
  return (
    <div className="appears sticky bottom-16 z-20 flex flex-wrap items-center justify-end gap-2 rounded-md border border-line bg-surface px-4 py-2 shadow-float min-[900px]:bottom-4">
      <span role="status" className="mr-auto">
        {t('ui.unsaved', { count })}
      </span>
      <Button onClick={onDiscard} disabled={busy}>
        {t('ui.discard')}
      </Button>
      <Button look="primary" onClick={onSave} busy={busy} disabled={blocked}>
        {t('ui.save')}
      </Button>
    </div>
  );
}
