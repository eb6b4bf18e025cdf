// Secrets: covered until they are asked for, never in the address or in storage.

import { useState } from 'react';
import { useText } from '../i18n/index.tsx';
import { Button } from './button.tsx';
import { CopyButton } from './copy.tsx';
import { useToast } from './toast.tsx';

/** A secret of which only the end is known, to be shown or copied on demand. */
export function Secret({ last4, reveal }: { last4: string; reveal?: (() => Promise<string>) | undefined }) {
  const t = useText();
  const toast = useToast();
  const [shown, setShown] = useState<string | null>(null);
  const toggle = async () => {
    if (shown !== null || !reveal) return setShown(null);
    try {
      setShown(await reveal());
    } catch (error) {
      toast.failed(error);
    }
  };
  return (
    <span className="inline-flex flex-wrap items-center gap-2">
      <code className="font-mono break-all">{shown ?? `…${last4}`}</code>
      {reveal && (
        <>
          <Button look="quiet" icon="eye" aria-pressed={shown !== null} onClick={() => void toggle()}>
            {shown === null ? t('ui.reveal') : t('ui.hide')}
          </Button>
          <CopyButton bare text={shown ?? reveal} />
        </>
      )}
    </span>
  );
}

/** A secret that is shown this once. */
export function ShownOnce({ secret, label }: { secret: string; label: string }) {
  const t = useText();
  return (
    <div className="flex flex-col gap-2 rounded-md border border-line bg-sunken p-3">
      <span className="text-xs text-muted">{label}</span>
      <code className="font-mono break-all select-all" data-testid="secret">
        {secret}
      </code>
      <div className="flex flex-wrap items-center gap-3">
        <CopyButton text={secret} />
        <span className="text-xs text-muted">{t('ui.shown_once')}</span>
      </div>
    </div>
  );
}
