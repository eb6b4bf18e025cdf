// Tokens: what programs administer with; each is shown once.

import { useState } from 'react';
import type { MadeToken, NewToken, RoleWord, TokenView } from '../../../api/schema.ts';
import { Section } from '../../../frame/page.tsx';
import { useText } from '../../../i18n/index.tsx';
import { useActing } from '../../../ui/acting.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog, useConfirm } from '../../../ui/dialog.tsx';
import { Field, Input, Select } from '../../../ui/field.tsx';
import { MomentInput } from '../../../ui/moment-input.tsx';
import { Rows } from '../../../ui/rows.tsx';
import { ShownOnce } from '../../../ui/secret.tsx';
import { Empty, Shown } from '../../../ui/state.tsx';
import { Ago } from '../../../ui/time.tsx';
import { useToast } from '../../../ui/toast.tsx';
import { makeToken, removeToken, useTokens } from './data.ts';

const ROLES: RoleWord[] = ['viewer', 'owner'];

export function Tokens() {
  const t = useText();
  const toast = useToast();
  const confirm = useConfirm();
  const tokens = useTokens();
  const [isOpen, setOpen] = useState(false);
  const revoke = async ({ id, name }: TokenView) => {
    const question = { title: t('settings.tokens.revoke_title', { name }), text: t('settings.tokens.revoke_text'), act: t('settings.tokens.revoke'), danger: true };
    if (!(await confirm(question))) return;
    removeToken(id).then(() => toast.done(t('settings.tokens.revoked', { name })), toast.failed);
  };
  return (
    <Section title={t('settings.tokens.title')} note={t('settings.tokens.note')} actions={<Button icon="plus" onClick={() => setOpen(true)}>{t('settings.tokens.make')}</Button>}>
      <Shown of={tokens} lines={2}>
        {(rows) => (
          <Rows
            label={t('settings.tokens.title')}
            rows={rows}
            id={(it) => it.id}
            empty={<Empty title={t('settings.tokens.none')} text={t('settings.tokens.none_text')} />}
            columns={[
              { head: t('settings.name'), cell: (it) => it.name },
              { head: t('settings.tokens.token'), cell: (it) => <code className="font-mono">{`…${it.last4}`}</code> },
              { head: t('settings.role'), cell: (it) => t.of('settings.role', it.role) },
              { head: t('settings.added'), cell: (it) => <Ago at={it.created_at} /> },
              { head: t('settings.tokens.ends'), cell: (it) => (it.expires_at ? <Ago at={it.expires_at} /> : t('settings.tokens.never')) },
              {
                head: t('settings.acts'),
                acts: true,
                cell: (it) => (
                  <Button look="quiet" aria-label={t('settings.tokens.revoke_of', { name: it.name })} onClick={() => void revoke(it)}>
                    {t('settings.tokens.revoke')}
                  </Button>
                ),
              },
            ]}
          />
        )}
      </Shown>
      {isOpen && <NewTokenDialog onClose={() => setOpen(false)} />}
    </Section>
  );
}

function NewTokenDialog({ onClose }: { onClose: () => void }) {
  const t = useText();
  const acting = useActing(['name', 'expires_at']);
  const [draft, setDraft] = useState<NewToken>({ name: '', role: 'viewer', expires_at: null });
  const [made, setMade] = useState<MadeToken | null>(null);
  const make = () => acting.run(async () => setMade(await makeToken(draft)));
  if (made) {
    return (
      <Dialog title={t('settings.tokens.made', { name: made.name })} onClose={onClose} actions={<Button look="primary" onClick={onClose}>{t('settings.done')}</Button>}>
        <ShownOnce secret={made.secret} label={t('settings.tokens.token')} />
        <p className="text-muted">{t('settings.tokens.how')}</p>
        <code className="rounded-md bg-sunken p-3 font-mono text-xs break-all">{`curl -H "Authorization: Bearer ${made.secret}" ${window.location.origin}/admin/api/overview`}</code>
      </Dialog>
    );
  }
  return (
    <Dialog
      title={t('settings.tokens.make')}
      onClose={onClose}
      held={acting.busy}
      actions={
        <>
          <Button onClick={onClose}>{t('ui.cancel')}</Button>
          <Button look="primary" type="submit" form="new-token" busy={acting.busy} disabled={!draft.name.trim()}>
            {t('settings.tokens.make')}
          </Button>
        </>
      }
    >
      <form id="new-token" className="flex flex-col gap-4" onSubmit={(event) => { event.preventDefault(); void make(); }}>
        <Field label={t('settings.name')} help={t('settings.tokens.name_help')} error={acting.error('name')}>
          <Input value={draft.name} required onChange={(event) => setDraft({ ...draft, name: event.target.value })} />
        </Field>
        <Field label={t('settings.role')} help={t.of('settings.role_help', draft.role)}>
          <Select value={draft.role} choices={ROLES.map((value) => ({ value, label: t(`settings.role.${value}`) }))} onChange={(event) => setDraft({ ...draft, role: event.target.value as RoleWord })} />
        </Field>
        <Field label={t('settings.tokens.ends')} help={t('settings.tokens.ends_help')} error={acting.error('expires_at')}>
          <MomentInput at={draft.expires_at ?? null} onChange={(at) => setDraft({ ...draft, expires_at: at })} />
        </Field>
      </form>
    </Dialog>
  );
}
