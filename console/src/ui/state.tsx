// What a page shows while there is nothing to show: it comes, there is none, or it failed.

import type { ReactNode } from 'react';
import { Trouble } from '../api/client.ts';
import { useText, type Text } from '../i18n/index.tsx';
import { Button } from './button.tsx';
import { Icon } from './icon.tsx';

/** A place of the size of what will come. */
export function Skeleton({ className = 'h-4 w-24' }: { className?: string }) {
  return <span aria-hidden="true" className={`skeleton block ${className}`} />;
}

/** Several lines of what will come, announced once. */
export function Loading({ lines = 4, className = 'h-8' }: { lines?: number; className?: string }) {
  const t = useText();
  return (
    <div role="status" aria-label={t('ui.loading')} className="flex flex-col gap-2">
      {Array.from({ length: lines }, (_, line) => (
        <Skeleton key={line} className={`w-full ${className}`} />
      ))}
    </div>
  );
}

/** There is none yet: says so, and what to do next. */
export function Empty({ title, text, children }: { title: string; text?: string; children?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-2 px-4 py-12 text-center">
      <p className="text-base font-medium">{title}</p>
      {text && <p className="max-w-[480px] text-muted">{text}</p>}
      {children && <div className="mt-2 flex flex-wrap justify-center gap-2">{children}</div>}
    </div>
  );
}

/** What a failure means and what to do about it. */
export function explain(t: Text, error: unknown): { title: string; text: string } {
  if (!(error instanceof Trouble)) return { title: t('ui.error.ours'), text: String(error) };
  if (error.status === 0) return { title: t('ui.error.unreachable'), text: t('ui.error.unreachable_do') };
  if (error.status === 403) return { title: t('ui.error.forbidden'), text: error.message };
  if (error.status === 404) return { title: t('ui.error.missing'), text: error.message };
  if (error.status === 429) return { title: t('ui.error.busy'), text: error.message };
  if (error.status < 500) return { title: t('ui.error.refused'), text: error.message };
  return { title: t('ui.error.server'), text: error.message };
}

/** A failure in the place of what should be there. */
export function Failed({ error, again }: { error: unknown; again?: () => void }) {
  const t = useText();
  const { title, text } = explain(t, error);
  const requestId = error instanceof Trouble ? error.requestId : null;
  return (
    <div role="alert" className="flex items-start gap-3 rounded-md border border-bad bg-bad-soft p-4 text-bad">
      <Icon name="warning" size={20} />
      <div className="flex min-w-0 flex-col gap-1">
        <p className="font-medium">{title}</p>
        <p className="break-words">{text}</p>
        {requestId && (
          <p className="text-xs">
            {t('ui.error.request_id')} <code className="font-mono">{requestId}</code>
          </p>
        )}
        {again && (
          <div className="mt-1">
            <Button icon="refresh" onClick={again}>
              {t('ui.again')}
            </Button>
          </div>
        )}
      </div>
    </div>
  );
}

type Asked<Data> = { data: Data | undefined; error: unknown; refetch: () => unknown };

/** Shows what was asked for, or how far that is. What is shown stays while newer data comes. */
export function Shown<Data>({ of, lines, children }: { of: Asked<Data>; lines?: number; children: (data: Data) => ReactNode }) {
  if (of.data !== undefined) return children(of.data);
  if (of.error) return <Failed error={of.error} again={() => void of.refetch()} />;
  return <Loading {...(lines === undefined ? {} : { lines })} />;
}
