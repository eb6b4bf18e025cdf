// Sessions: where admins are signed in, and ending that.

import type { SessionView } from '../../../api/schema.ts';
import { Section } from '../../../frame/page.tsx';
import { useText } from '../../../i18n/index.tsx';
import { Button } from '../../../ui/button.tsx';
import { useConfirm } from '../../../ui/dialog.tsx';
import { Tag } from '../../../ui/pill.tsx';
import { Rows } from '../../../ui/rows.tsx';
import { Shown } from '../../../ui/state.tsx';
import { Ago } from '../../../ui/time.tsx';
import { useToast } from '../../../ui/toast.tsx';
import { useSignOut } from '../../../frame/sign-out.ts';
import { programOf } from './agent.ts';
import { endSession, useSessions } from './data.ts';

export function Sessions() {
  const t = useText();
  const sessions = useSessions();
  const toast = useToast();
  const confirm = useConfirm();
  const signOut = useSignOut();
  const end = async ({ id, name, address, current }: SessionView) => {
    if (current) return signOut();
    const question = { title: t('settings.sessions.end_title'), text: t('settings.sessions.end_text', { name, address }), act: t('settings.sessions.end') };
    if (!(await confirm(question))) return;
    endSession(id).then(() => toast.done(t('settings.sessions.ended')), toast.failed);
  };
  return (
    <Section title={t('settings.sessions.title')} note={t('settings.sessions.note')}>
      <Shown of={sessions} lines={2}>
        {(rows) => (
          <Rows
            label={t('settings.sessions.title')}
            rows={rows}
            id={(it) => it.id}
            columns={[
              { head: t('settings.name'), cell: (it) => <span className="inline-flex items-center gap-2">{it.name}{it.current && <Tag>{t('settings.sessions.current')}</Tag>}</span> },
              { head: t('settings.sessions.address'), cell: (it) => <code className="font-mono">{it.address}</code> },
              { head: t('settings.sessions.program'), cell: (it) => <span title={it.agent}>{programOf(it.agent)}</span> },
              { head: t('settings.sessions.begun'), cell: (it) => <Ago at={it.created_at} /> },
              { head: t('settings.sessions.seen'), cell: (it) => <Ago at={it.seen_at} /> },
              { head: t('settings.tokens.ends'), cell: (it) => <Ago at={it.expires_at} /> },
              {
                head: t('settings.acts'),
                acts: true,
                cell: (it) => (
                  <Button look="quiet" aria-label={it.current ? undefined : t('settings.sessions.end_of', { name: it.name, address: it.address })} onClick={() => void end(it)}>
                    {t(it.current ? 'frame.sign_out' : 'settings.sessions.end')}
                  </Button>
                ),
              },
            ]}
          />
        )}
      </Shown>
    </Section>
  );
}
