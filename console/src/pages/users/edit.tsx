// Changing what a user is called and may do.

import { useState } from 'react';
import { useMayChange } from '../../api/queries.ts';
import type { User } from '../../api/schema.ts';
import { Section } from '../../frame/page.tsx';
import { useText } from '../../i18n/index.tsx';
import { useActing } from '../../ui/acting.ts';
import { useDraft } from '../../ui/form.ts';
import { SaveBar } from '../../ui/save-bar.tsx';
import { useToast } from '../../ui/toast.tsx';
import { editUser } from './data.ts';
import { FIELDS, UserForm, type About } from './form.tsx';

export function EditUser({ user }: { user: User }) {
  const t = useText();
  const toast = useToast();
  const mayChange = useMayChange();
  const acting = useActing(FIELDS);
  const [isWrong, setWrong] = useState(false);
  const [round, setRound] = useState(0);
  const { name, labels, pools, models, addresses, expires_at, limits } = user;
  const draft = useDraft<About>({ name, labels, pools, models, addresses, expires_at: expires_at ?? null, limits });
  const save = async () => {
    if (!(await acting.run(() => editUser(user.id, draft.changes)))) return;
    draft.reset();
    toast.done(t('ui.saved'));
  };
  return (
    <>
      <Section title={t('users.about')} note={t('users.about_note')}>
        <div className="card p-4">
          <UserForm key={round} about={draft.values} set={draft.set} error={acting.error} refusal={acting.refusal} standing={user.standing} disabled={!mayChange} onWrong={setWrong} />
        </div>
      </Section>
      <SaveBar
        count={Object.keys(draft.changes).length}
        busy={acting.busy}
        blocked={isWrong || !draft.values.name.trim()}
        onSave={() => void save()}
        onDiscard={() => {
          draft.reset();
          acting.clear();
          setWrong(false);
          setRound(round + 1);
        }}
      />
    </>
  );
}
