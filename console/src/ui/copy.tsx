// Copying, also where the browser keeps the clipboard from pages on plain http.

import { useState } from 'react';
import { useText } from '../i18n/index.tsx';
import { Button, IconButton } from './button.tsx';
import { useToast } from './toast.tsx';

const SHOWN_MS = 1_500;

/** Puts a text on the clipboard; whether that was possible. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** `navigator.clipboard` is only there on https and on this machine; a selection may always be copied. */
function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'fixed top-0 left-0 opacity-0';
  area.setAttribute('aria-hidden', 'true');
  // What is outside of an open dialog cannot be selected.
  const place = document.querySelector('dialog[open]') ?? document.body;
  const focused = document.activeElement;
  place.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return done;
}

/** Copies a text, or one that is asked for first. */
export function CopyButton({ text, label, bare = false }: { text: string | (() => Promise<string>); label?: string; bare?: boolean }) {
  const t = useText();
  const toast = useToast();
  const [copied, setCopied] = useState(false);
  const act = async () => {
    try {
      const done = await copy(typeof text === 'string' ? text : await text());
      if (!done) throw new Error(t('ui.copy_failed'));
      setCopied(true);
      setTimeout(() => setCopied(false), SHOWN_MS);
    } catch (error) {
      toast.failed(error);
    }
  };
  const name = copied ? t('ui.copied') : (label ?? t('ui.copy'));
  return (
    <span aria-live="polite" className="inline-flex">
      {bare ? (
        <IconButton icon={copied ? 'check' : 'copy'} label={name} onClick={() => void act()} />
      ) : (
        <Button icon={copied ? 'check' : 'copy'} onClick={() => void act()}>
          {name}
        </Button>
      )}
    </span>
  );
}
