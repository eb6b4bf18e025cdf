// A button with a list of acts or choices behind it.

import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { Button, IconButton } from './button.tsx';
import type { IconName } from './icon.tsx';

export type MenuItem = {
  name: string;
  act: () => void;
  /** For choices that stay open: whether it is chosen. */
  checked?: boolean;
  disabled?: boolean;
  danger?: boolean;
};

type MenuProps = { label: string; icon?: IconName; items: MenuItem[]; bare?: boolean; children?: ReactNode };

export function Menu({ label, icon, items, bare = false, children }: MenuProps) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const focusTrigger = () => place.current?.querySelector('button')?.focus();
  useEffect(() => {
    if (!open) return;
    place.current?.querySelector<HTMLElement>('[role^=menuitem]:not(:disabled)')?.focus();
    const leave = (event: PointerEvent) => {
      if (!place.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', leave);
    return () => document.removeEventListener('pointerdown', leave);
  }, [open]);
  const move = (event: KeyboardEvent) => {
    if (event.key === 'Escape' || event.key === 'Tab') {
      if (event.key === 'Escape') event.stopPropagation();
      setOpen(false);
      return focusTrigger();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = [...(place.current?.querySelectorAll<HTMLElement>('[role^=menuitem]:not(:disabled)') ?? [])];
    const at = all.indexOf(document.activeElement as HTMLElement);
    all.at((at + step + all.length) % all.length)?.focus();
  };
  const trigger = { 'aria-haspopup': 'menu' as const, 'aria-expanded': open, 'aria-controls': open ? id : undefined, onClick: () => setOpen(!open) };
  return (
    <div ref={place} className="relative inline-block" onKeyDown={open ? move : undefined}>
      {bare ? (
        <IconButton icon={icon ?? 'more'} label={label} {...trigger} />
      ) : (
        <Button {...(icon ? { icon } : {})} {...trigger}>
          {children ?? label}
        </Button>
      )}
      {open && (
        <div
          id={id}
          role="menu"
          aria-label={label}
          className="appears absolute right-0 z-30 mt-1 max-h-80 min-w-48 overflow-y-auto rounded-md border border-line bg-surface p-1 shadow-float"
        >
          {items.map((item) => (
            <button
              key={item.name}
              type="button"
              role={item.checked === undefined ? 'menuitem' : 'menuitemcheckbox'}
              aria-checked={item.checked}
              disabled={item.disabled}
              onClick={() => {
                item.act();
                if (item.checked !== undefined) return;
                setOpen(false);
                focusTrigger();
              }}
              className={`flex w-full items-center gap-2 rounded-md px-2 py-1.5 text-left whitespace-nowrap hover:bg-sunken disabled:opacity-50 ${
                item.danger ? 'text-bad' : ''
              }`}
            >
              {item.checked !== undefined && (
                <span aria-hidden="true" className={`size-3 rounded-full border border-edge ${item.checked ? 'bg-button' : ''}`} />
              )}
              {item.name}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
