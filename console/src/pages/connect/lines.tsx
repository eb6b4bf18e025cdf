// Lines to paste, with the access key covered until it is asked for.

import { useState } from 'react';
import { revealAccessKey } from '../../api/access-keys.ts';
import type { User } from '../../api/schema.ts';
import { useText } from '../../i18n/index.tsx';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy.tsx';
import { useToast } from '../../ui/toast.tsx';
import type { Part, Place } from './recipes.ts';

type LinesProps = { part: Part; place: Omit<Place, 'key'>; user: User; mayReveal: boolean };

export function Lines({ part, place, user, mayReveal }: LinesProps) {
  const t = useText();
  const toast = useToast();
  const [key, setKey] = useState<string | null>(null);
  const covered = { ...place, key: key ?? (mayReveal ? `sk-…${user.last4}` : t('connect.your_key')) };
  /** A viewer copies the lines without the key: it is not his to see. */
  const whole = async () => ({ ...place, key: mayReveal ? (key ?? (await revealAccessKey(user.id))) : covered.key });
  const toggle = async () => {
    try {
      setKey(key === null ? await revealAccessKey(user.id) : null);
    } catch (error) {
      toast.failed(error);
    }
  };
  const title = t(part.title, { file: part.kind === 'code' ? (part.file ?? '') : '', where: part.kind === 'fields' ? part.where : '' });
  return (
    <figure aria-label={title} className="card min-w-0 overflow-hidden">
      <figcaption className="flex flex-wrap items-center justify-between gap-2 border-b border-line py-1 pr-1 pl-3 text-xs text-muted">
        <span className="min-w-0 break-words">{title}</span>
        <span className="flex gap-1">
          {mayReveal && (
            <Button look="quiet" icon="eye" aria-pressed={key !== null} onClick={() => void toggle()}>
              {t(key === null ? 'ui.reveal' : 'ui.hide')}
            </Button>
          )}
          {part.kind === 'code' && <CopyButton text={async () => part.text(await whole())} />}
        </span>
      </figcaption>
      {part.kind === 'code' ? (
        <pre tabIndex={0} className="overflow-x-auto p-3 font-mono text-xs">
          {part.text(covered)}
        </pre>
      ) : (
        <dl className="divide-y divide-line">
          {part.fields.map(({ name, value }) => (
            <div key={name} className="flex flex-wrap items-center gap-x-4 px-3 py-1">
              <dt className="w-44 text-muted">{name}</dt>
              <dd className="flex min-w-0 flex-1 items-center justify-between gap-2">
                <code className="min-w-0 font-mono text-xs break-all">{value(covered)}</code>
                <CopyButton bare label={t('connect.copy_field', { name })} text={async () => value(await whole())} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </figure>
  );
}
