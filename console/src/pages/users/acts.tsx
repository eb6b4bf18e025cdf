// What can be done with a user as a whole: switched off and on, deleted.

import { useLocation } from 'wouter';
import type { User } from '../../api/schema.ts';
import { useText } from '../../i18n/index.tsx';
import { useActing } from '../../ui/acting.ts';
import { Button } from '../../ui/button.tsx';
import { useConfirm } from '../../ui/dialog.tsx';
import { Menu } from '../../ui/menu.tsx';
import { useToast } from '../../ui/toast.tsx';
import { editUser, removeUser } from './data.ts';

export function UserActs({ user }: { user: User }) {
  const t = useText();
  const toast = useToast();
  const confirm = useConfirm();
  const acting = useActing();
  const [, navigate] = useLocation();
  const { id, name } = user;
  const turn = (enabled: boolean) =>
    acting.run(async () => {
      await editUser(id, { enabled });
      const undo = () => void acting.run(() => editUser(id, { enabled: !enabled }));
      toast.undoable(t(enabled ? 'users.turned_on' : 'users.turned_off', { name }), undo);
    });
  const remove = async () => {
    const question = { title: t('users.delete_title', { name }), text: t('users.delete_text', { name }), act: t('ui.delete'), danger: true };
    if (!(await confirm(question))) return;
    if (await acting.run(() => removeUser(id, () => navigate('/users')))) toast.done(t('users.deleted', { name }));
  };
  return (
    <>
      <Button busy={acting.busy} onClick={() => void turn(!user.enabled)}>{t(user.enabled ? 'users.turn_off' : 'users.turn_on')}</Button>
      <Menu bare label={t('users.more')} items={[{ name: t('ui.delete'), danger: true, act: () => void remove() }]} />
    </>
  );
}
