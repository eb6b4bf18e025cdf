// Adding a user, whose access key is shown at the end.

import { useState } from 'react';
import type { MadeUser } from '../../api/schema.ts';
import { useText } from '../../i18n/index.tsx';
import { useActing } from '../../ui/acting.ts';
import { Button, LinkButton } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ShownOnce } from '../../ui/secret.tsx';
import { makeUser } from './data.ts';
import { FIELDS, UserForm, type About } from './form.tsx';

const NOBODY: About = { name: '', labels: [], pools: [], models: [], addresses: [], expires_at: null, limits: {} };

export function NewUserDialog({ onClose }: { onClose: () => void }) {
  const t = useText();
  const acting = useActing(FIELDS);
  const [about, setAbout] = useState(NOBODY);
  const [isWrong, setWrong] = useState(false);
  const [made, setMade] = useState<MadeUser | null>(null);
  if (made) {
    return (
      <Dialog
        title={t('users.made', { name: made.name })}
        onClose={onClose}
        actions={
          <>
            <Button onClick={onClose}>{t('ui.close')}</Button>
            <LinkButton look="primary" to={`/users/${made.id}`}>{t('users.open')}</LinkButton>
          </>
        }
      >
        <ShownOnce secret={made.secret} label={t('users.access_key')} />
      </Dialog>
    );
  }
  return (
    <Dialog
      wide
      title={t('users.new')}
      onClose={onClose}
      held={acting.busy}
      actions={
        <>
          <Button onClick={onClose}>{t('ui.cancel')}</Button>
          <Button look="primary" type="submit" form="new-user" busy={acting.busy} disabled={!about.name.trim() || isWrong}>
            {t('users.make')}
          </Button>
        </>
      }
    >
      <form
        id="new-user"
        onSubmit={(event) => {
          event.preventDefault();
          void acting.run(async () => setMade(await makeUser(about)));
        }}
      >
        <UserForm about={about} set={(change) => setAbout((before) => ({ ...before, ...change }))} error={acting.error} refusal={acting.refusal} onWrong={setWrong} />
      </form>
    </Dialog>
  );
}
