// A filter that is on, to be taken away by a press.

import { useText } from '../i18n/index.tsx';
import { Icon } from './icon.tsx';

export function Chip({ name, value, onRemove }: { name: string; value: string; onRemove: () => void }) {
  const t = useText();
  const text = t('ui.chip', { name, value });
  return (
    <button
      type="button"
      aria-label={t('ui.chip_remove', { what: text })}
      onClick={onRemove}
      className="inline-flex max-w-full items-center gap-1 rounded-md bg-accent-soft px-2 py-1 text-xs text-accent hover:underline"
    >
      <span className="truncate">{text}</span>
      <Icon name="close" size={12} />
    </button>
  );
}
