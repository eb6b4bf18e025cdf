// Buttons, and links that look like them.

import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { Link } from 'wouter';
import { Icon, type IconName } from './icon.tsx';

type Look = 'primary' | 'plain' | 'quiet' | 'danger';

const LOOKS: Record<Look, string> = {
  primary: 'bg-button text-white border-transparent hover:brightness-110',
  plain: 'bg-surface text-ink border-edge hover:bg-sunken',
  quiet: 'bg-transparent text-muted border-transparent hover:bg-sunken hover:text-ink',
  danger: 'bg-danger text-white border-transparent hover:brightness-110',
};
const SHAPE =
  'inline-flex min-h-8 items-center justify-center gap-2 rounded-md border px-3 py-1 font-medium whitespace-nowrap ' +
  'disabled:opacity-50 disabled:cursor-not-allowed';

type Common = { look?: Look; icon?: IconName; children?: ReactNode };
type ButtonProps = Common & { busy?: boolean } & ButtonHTMLAttributes<HTMLButtonElement>;

/** A button; while it is `busy` it takes no second click. */
export function Button({ look = 'plain', icon, busy = false, children, className = '', ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={rest.disabled || busy}
      aria-busy={busy || undefined}
      className={`${SHAPE} ${LOOKS[look]} ${className}`}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

type IconButtonProps = { icon: IconName; label: string } & ButtonHTMLAttributes<HTMLButtonElement>;

/** A button that is an icon alone; `label` is what it is called. */
export function IconButton({ icon, label, className = '', ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-label={label}
      title={label}
      className={`inline-flex size-8 shrink-0 items-center justify-center rounded-md text-muted hover:bg-sunken hover:text-ink disabled:opacity-40 ${className}`}
    >
      <Icon name={icon} />
    </button>
  );
}

/** A link within the console, as text or in a button's look. */
export function LinkButton({ to, look = 'plain', icon, children }: Common & { to: string }) {
  return (
    <Link href={to} className={`${SHAPE} ${LOOKS[look]}`}>
      {icon && <Icon name={icon} />}
      {children}
    </Link>
  );
}

/** A link to a file that the server makes. */
export function FileLink({ href, file, children }: { href: string; file: string; children: ReactNode }) {
  return (
    <a href={href} download={file} className={`${SHAPE} ${LOOKS.plain}`}>
      <Icon name="download" />
      {children}
    </a>
  );
}

/** A link in running text. */
export function TextLink({ to, children }: { to: string; children: ReactNode }) {
  return (
    <Link href={to} className="text-accent underline decoration-1 underline-offset-2">
      {children}
    </Link>
  );
}
