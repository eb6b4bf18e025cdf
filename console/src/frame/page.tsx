// What every page begins with: its title, what it is about, and what can be done.

import { useEffect, useId, type ReactNode } from 'react';
import { useText } from '../i18n/index.tsx';
import { TextLink } from '../ui/button.tsx';

type PageProps = {
  title: string;
  /** Where the page belongs, for pages of one thing. */
  above?: { to: string; label: string };
  /** Selects of pool and time. */
  scope?: ReactNode;
  actions?: ReactNode;
  /** Whether it uses the full width, as wide tables do. */
  full?: boolean;
  children: ReactNode;
};

export function Page({ title, above, scope, actions, full = false, children }: PageProps) {
  const t = useText();
  useEffect(() => {
    document.title = `${title} · Pollux`;
  }, [title]);
  return (
    <>
      <header className="sticky top-0 z-20 border-b border-line bg-page">
        <div className={`flex min-h-14 flex-wrap items-center justify-between gap-x-4 gap-y-2 px-4 py-2 min-[900px]:px-6 ${full ? '' : 'max-w-[1328px]'}`}>
          <div className="min-w-0">
            {above && (
              <nav aria-label={t('frame.path')} className="text-xs">
                <TextLink to={above.to}>{above.label}</TextLink>
              </nav>
            )}
            <h1 className="truncate text-xl">{title}</h1>
          </div>
          <div className="flex flex-wrap items-center gap-2">
            {scope}
            {actions}
          </div>
        </div>
      </header>
      <main id="content" tabIndex={-1} className={`flex min-w-0 flex-col gap-4 px-4 py-4 outline-none min-[900px]:px-6 ${full ? '' : 'max-w-[1328px]'}`}>
        {children}
      </main>
    </>
  );
}

/** A part of a page under a heading of its own. */
export function Section({ title, note, actions, children }: { title: string; note?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="flex min-w-0 flex-col gap-3">
      <div className="flex flex-wrap items-end justify-between gap-2">
        <div className="min-w-0">
          <h2 id={id} className="text-base">
            {title}
          </h2>
          {note && <p className="text-xs text-muted">{note}</p>}
        </div>
        {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      </div>
      {children}
    </section>
  );
}
