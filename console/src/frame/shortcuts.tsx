// Keys of the keyboard that hold on every page, and the list of them behind `?`.

import { useEffect, useState } from 'react';
import { useText } from '../i18n/index.tsx';
import { Dialog } from '../ui/dialog.tsx';

const KEYS = [
  ['/', 'frame.key.search'],
  ['j k', 'frame.key.move'],
  ['x', 'frame.key.choose'],
  ['Enter', 'frame.key.open'],
  ['?', 'frame.key.help'],
] as const;

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input:not([type=checkbox]), textarea, select, [contenteditable]');
}

export function Shortcuts() {
  const t = useText();
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
      if (document.querySelector('dialog[open]')) return;
      if (event.key === '?') setOpen(true);
      if (event.key === '/') {
        event.preventDefault();
        document.querySelector<HTMLElement>('input[type=search]')?.focus();
      }
      if (event.key === 'j' && !document.activeElement?.closest('table')) {
        document.querySelector<HTMLElement>('tr[tabindex="0"]')?.focus();
      }
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);
  if (!open) return null;
  return (
    <Dialog title={t('frame.shortcuts')} onClose={() => setOpen(false)}>
      <dl className="grid grid-cols-[80px_1fr] gap-y-2 pb-4">
        {KEYS.map(([key, name]) => (
          <div key={key} className="contents">
            <dt className="font-mono">{key}</dt>
            <dd>{t(name)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
