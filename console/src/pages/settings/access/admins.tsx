// Admins: who signs in by name, what each may do, and passwords.

import { useState } from 'react';
import { useMayChange, useSession } from '../../../api/queries.ts';
import type { Admin, RoleWord } from '../../../api/schema.ts';
import { Section } from '../../../frame/page.tsx';
import { useText } from '../../../i18n/index.tsx';
import { useActing } from '../../../ui/acting.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog, useConfirm } from '../../../ui/dialog.tsx';
import { Field, Input, Select } from '../../../ui/field.tsx';
import { Tag } from '../../../ui/pill.tsx';
import { Rows } from '../../../ui/rows.tsx';
import { Shown } from '../../../ui/state.tsx';
import { Ago } from '../../../ui/time.tsx';
import { useToast } from '../../../ui/toast.tsx';
import { addAdmin, removeAdmin, setPassword, useAdmins } from './data.ts';

const OWNER = 'admin';
const LEAST = 12;
const ROLES: RoleWord[] = ['owner', 'viewer'];

export function Admins() {
  const t = useText();
  const admins = useAdmins();
  const session = useSession();
  const mayChange = useMayChange();
  const remove = useRemove();
  const [open, setOpen] = useState<'new' | Admin | null>(null);
  const isSelf = (admin: Admin) => admin.name === session.data?.name;
  return (
    <Section
      title={t('settings.admins.title')}
      note={t('settings.admins.note')}
      actions={mayChange && <Button icon="plus" onClick={() => setOpen('new')}>{t('settings.admins.add')}</Button>}
    >
      <Shown of={admins} lines={2}>
        {(rows) => (
          <Rows
            label={t('settings.admins.title')}
            rows={rows}
            id={(it) => it.id}
            columns={[
              { head: t('settings.name'), cell: (it) => <span className="inline-flex items-center gap-2">{it.name}{isSelf(it) && <Tag>{t('settings.admins.you')}</Tag>}</span> },
              { head: t('settings.role'), cell: (it) => t.of('settings.role', it.role) },
              { head: t('settings.added'), cell: (it) => <Ago at={it.created_at} /> },
              {
                head: t('settings.acts'),
                acts: true,
                cell: (it) => (
                  <>
                    {it.configured && <span className="py-1.5 text-xs text-muted">{t('settings.admins.configured')}</span>}
                    {!it.configured && (mayChange || isSelf(it)) && (
                      <Button look="quiet" aria-label={t('settings.admins.password_of', { name: it.name })} onClick={() => setOpen(it)}>
                        {t('settings.admins.password')}
                      </Button>
                    )}
                    {mayChange && it.name !== OWNER && (
                      <Button look="quiet" aria-label={t('settings.admins.remove_of', { name: it.name })} onClick={() => void remove(it)}>
                        {t('settings.remove')}
                      </Button>
                    )}
                  </>
                ),
              },
            ]}
          />
        )}
      </Shown>
      {open === 'new' && <NewAdminDialog onClose={() => setOpen(null)} />}
      {open !== null && open !== 'new' && <PasswordDialog admin={open} isSelf={isSelf(open)} onClose={() => setOpen(null)} />}
    </Section>
  );
}

function useRemove() {
  const t = useText();
  const confirm = useConfirm();
  const toast = useToast();
  return async ({ id, name }: Admin) => {
    const question = { title: t('settings.admins.remove_title', { name }), text: t('settings.admins.remove_text'), act: t('settings.remove'), danger: true };
    if (!(await confirm(question))) return;
    removeAdmin(id).then(() => toast.done(t('settings.admins.removed', { name })), toast.failed);
  };
}

function NewAdminDialog({ onClose }: { onClose: () => void }) {
  const t = useText();
  const toast = useToast();
  const acting = useActing(['name', 'password']);
  const [draft, setDraft] = useState({ name: '', role: 'viewer' as RoleWord, password: '' });
  const [isLeft, setLeft] = useState(false);
  const isShort = draft.password.length < LEAST;
  const add = async () => {
    if (!(await acting.run(() => addAdmin(draft)))) return;
    toast.done(t('settings.admins.was_added', { name: draft.name }));
    onClose();
  };
  return (
    <Dialog
      title={t('settings.admins.add')}
      onClose={onClose}
      held={acting.busy}
      actions={
        <>
          <Button onClick={onClose}>{t('ui.cancel')}</Button>
          <Button look="primary" type="submit" form="new-admin" busy={acting.busy} disabled={!draft.name.trim() || isShort}>
            {t('settings.admins.add')}
          </Button>
        </>
      }
    >
      <form id="new-admin" className="flex flex-col gap-4" onSubmit={(event) => { event.preventDefault(); void add(); }}>
        <Field label={t('settings.name')} help={t('settings.admins.name_help')} error={acting.error('name')}>
          <Input value={draft.name} required autoComplete="off" onChange={(event) => setDraft({ ...draft, name: event.target.value })} />
        </Field>
        <Field label={t('settings.role')} help={t.of('settings.role_help', draft.role)}>
          <Select value={draft.role} choices={ROLES.map((value) => ({ value, label: t(`settings.role.${value}`) }))} onChange={(event) => setDraft({ ...draft, role: event.target.value as RoleWord })} />
        </Field>
        <Field label={t('settings.admins.first_password')} help={t('settings.admins.password_help')} error={acting.error('password') ?? (isLeft && isShort ? t('settings.admins.short') : null)}>
          <Input type="password" autoComplete="new-password" value={draft.password} onBlur={() => setLeft(draft.password !== '')} onChange={(event) => setDraft({ ...draft, password: event.target.value })} />
        </Field>
      </form>
    </Dialog>
  );
}

function PasswordDialog({ admin, isSelf, onClose }: { admin: Admin; isSelf: boolean; onClose: () => void }) {
  const t = useText();
  const toast = useToast();
  const acting = useActing(['old', 'password']);
  const [old, setOld] = useState('');
  const [password, setText] = useState('');
  const [isLeft, setLeft] = useState(false);
  const isShort = password.length < LEAST;
  const change = async () => {
    if (!(await acting.run(() => setPassword(admin.id, password, isSelf ? old : null)))) return;
    toast.done(t('settings.admins.password_changed', { name: admin.name }));
    onClose();
  };
  return (
    <Dialog
      title={t('settings.admins.password_of', { name: admin.name })}
      onClose={onClose}
      held={acting.busy}
      actions={
        <>
          <Button onClick={onClose}>{t('ui.cancel')}</Button>
          <Button look="primary" type="submit" form="password" busy={acting.busy} disabled={isShort || (isSelf && !old)}>
            {t('ui.save')}
          </Button>
        </>
      }
    >
      <form id="password" className="flex flex-col gap-4" onSubmit={(event) => { event.preventDefault(); void change(); }}>
        <p>{t('settings.admins.password_ends')}</p>
        {isSelf && (
          <Field label={t('settings.admins.old_password')} error={acting.error('old')}>
            <Input type="password" autoComplete="current-password" value={old} onChange={(event) => setOld(event.target.value)} />
          </Field>
        )}
        <Field label={t('settings.admins.new_password')} help={t('settings.admins.password_help')} error={acting.error('password') ?? (isLeft && isShort ? t('settings.admins.short') : null)}>
          <Input type="password" autoComplete="new-password" value={password} onBlur={() => setLeft(password !== '')} onChange={(event) => setText(event.target.value)} />
        </Field>
      </form>
    </Dialog>
  );
}
