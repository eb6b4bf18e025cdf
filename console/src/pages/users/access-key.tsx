// The access key of a user: shown on demand, which is audited, and replaced with or without a time for both.

import { useState } from 'react';
import { useMayChange } from '../../api/queries.ts';
import type { User } from '../../api/schema.ts';
import { Section } from '../../frame/page.tsx';
import { useFormat, useText } from '../../i18n/index.tsx';
import { useActing } from '../../ui/acting.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, Select } from '../../ui/field.tsx';
import { Secret, ShownOnce } from '../../ui/secret.tsx';
import { Ago } from '../../ui/time.tsx';
import { revealUser, rotateUser } from './data.ts';

const HOUR = 3_600;
const KEEP = { '0': 0, '1h': HOUR, '24h': 24 * HOUR, '7d': 168 * HOUR, '30d': 720 * HOUR } as const;
type Keep = keyof typeof KEEP;

export function AccessKey({ user }: { user: User }) {
  const t = useText();
  const mayChange = useMayChange();
  const [isOpen, setOpen] = useState(false);
  const mayRotate = mayChange && user.of_pool == null;
  return (
    <Section title={t('users.access_key')} actions={mayRotate && <Button onClick={() => setOpen(true)}>{t('users.rotate')}</Button>}>
      <div className="card flex min-h-20 flex-1 flex-col justify-center gap-1 p-4">
        <Secret key={user.last4} last4={user.last4} reveal={mayChange ? () => revealUser(user.id) : undefined} />
        {user.previous_until && <p>{t('users.previous')} <Ago at={user.previous_until} /></p>}
        <p className="text-xs text-muted">
          {t(mayChange ? 'users.audited' : 'users.owners')} {t.of('users.source', user.source)}
        </p>
      </div>
      {isOpen && <RotateDialog user={user} onClose={() => setOpen(false)} />}
    </Section>
  );
}

function RotateDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const t = useText();
  const format = useFormat();
  const acting = useActing();
  const [keep, setKeep] = useState<Keep>('24h');
  const [made, setMade] = useState<{ secret: string; until: number } | null>(null);
  const rotate = () =>
    acting.run(async () => {
      const secret = await rotateUser(user.id, KEEP[keep]);
      setMade({ secret, until: Date.now() + KEEP[keep] * 1_000 });
    });
  if (made) {
    return (
      <Dialog title={t('users.rotated', { name: user.name })} onClose={onClose} actions={<Button look="primary" onClick={onClose}>{t('ui.close')}</Button>}>
        <ShownOnce secret={made.secret} label={t('users.access_key')} />
        <p>{keep === '0' ? t('users.old_refused') : t('users.old_until', { until: format.exact(made.until) })}</p>
      </Dialog>
    );
  }
  return (
    <Dialog
      title={t('users.rotate_title', { name: user.name })}
      onClose={onClose}
      held={acting.busy}
      actions={
        <>
          <Button onClick={onClose}>{t('ui.cancel')}</Button>
          <Button look={keep === '0' ? 'danger' : 'primary'} busy={acting.busy} onClick={() => void rotate()}>{t('users.rotate')}</Button>
        </>
      }
    >
      <Field label={t('users.keep')} help={t(keep === '0' ? 'users.keep_none_help' : 'users.keep_help')}>
        <Select value={keep} choices={Object.keys(KEEP).map((value) => ({ value, label: t.of('users.keep', value) }))} onChange={(event) => setKeep(event.target.value as Keep)} />
      </Field>
    </Dialog>
  );
}
