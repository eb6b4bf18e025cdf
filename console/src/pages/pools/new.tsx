// Making a pool: its name, its first keys, and its access key, which is shown at the end.

import { useState } from 'react';
import type { Added, MadePool } from '../../api/schema.ts';
import { useText } from '../../i18n/index.tsx';
import { useActing } from '../../ui/acting.ts';
import { Button, LinkButton } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, Input, TextArea } from '../../ui/field.tsx';
import { ShownOnce } from '../../ui/secret.tsx';
import { makePool } from './data.ts';

export function NewPoolDialog({ onClose }: { onClose: () => void }) {
  const t = useText();
  const acting = useActing(['name', 'description']);
  const [draft, setDraft] = useState({ name: '', description: '', keys: '' });
  const [done, setDone] = useState<{ made: MadePool; added: Added | null } | null>(null);
  if (done) return <Made {...done} onClose={onClose} />;
  const make = () =>
    acting.run(async () => {
      const { name, description, keys } = draft;
      setDone(await makePool({ name, description }, keys));
    });
  return (
    <Dialog
      title={t('pools.new')}
      onClose={onClose}
      held={acting.busy}
      actions={
        <>
          <Button onClick={onClose}>{t('ui.cancel')}</Button>
          <Button look="primary" type="submit" form="new-pool" busy={acting.busy} disabled={!draft.name.trim()}>
            {t('pools.make')}
          </Button>
        </>
      }
    >
      <form id="new-pool" className="flex flex-col gap-4" onSubmit={(event) => { event.preventDefault(); void make(); }}>
        <Field label={t('pools.name')} error={acting.error('name')}>
          <Input value={draft.name} required onChange={(event) => setDraft({ ...draft, name: event.target.value })} />
        </Field>
        <Field label={t('pools.description')} error={acting.error('description')}>
          <Input value={draft.description} onChange={(event) => setDraft({ ...draft, description: event.target.value })} />
        </Field>
        <Field label={t('pools.first_keys')} help={t('pools.first_keys_help')}>
          <TextArea rows={4} className="font-mono" value={draft.keys} onChange={(event) => setDraft({ ...draft, keys: event.target.value })} />
        </Field>
      </form>
    </Dialog>
  );
}

function Made({ made, added, onClose }: { made: MadePool; added: Added | null; onClose: () => void }) {
  const t = useText();
  const refused = added?.results.filter((it) => it.result !== 'added') ?? [];
  return (
    <Dialog
      title={t('pools.made', { name: made.name })}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('ui.close')}</Button>
          <LinkButton look="primary" to={`/pools/${made.id}`}>{t('pools.open')}</LinkButton>
        </>
      }
    >
      <ShownOnce secret={made.secret} label={t('pools.access.key')} />
      {added && <p>{t('pools.added', { count: added.added })}</p>}
      {refused.length > 0 && (
        <ul className="text-xs break-words text-muted">
          {refused.map((it) => (
            <li key={it.number}>{`${it.number}. …${it.last4}: ${it.why ?? t('pools.duplicate')}`}</li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}
