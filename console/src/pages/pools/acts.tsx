// What can be done with a pool as a whole: rename it, switch it off and on, delete it.

import { useState } from 'react';
import { useLocation } from 'wouter';
import type { Pool } from '../../api/schema.ts';
import { useText } from '../../i18n/index.tsx';
import { useActing } from '../../ui/acting.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog, useConfirm } from '../../ui/dialog.tsx';
import { Field, Input, TextArea } from '../../ui/field.tsx';
import { Menu } from '../../ui/menu.tsx';
import { useToast } from '../../ui/toast.tsx';
import { editPool, FIRST, removePool, standingOf, usersOf } from './data.ts';

export function PoolActs({ pool }: { pool: Pool }) {
  const t = useText();
  const toast = useToast();
  const acting = useActing();
  const remove = useRemove(pool);
  const [isOpen, setOpen] = useState(false);
  const turn = (enabled: boolean) =>
    acting.run(async () => {
      await editPool(pool.id, { enabled });
      const undo = () => void acting.run(() => editPool(pool.id, { enabled: !enabled }));
      toast.undoable(t(enabled ? 'pools.turned_on' : 'pools.turned_off', { name: pool.name }), undo);
    });
  return (
    <>
      <Button icon="edit" onClick={() => setOpen(true)}>{t('ui.edit')}</Button>
      <Button busy={acting.busy} onClick={() => void turn(!pool.enabled)}>{t(pool.enabled ? 'pools.turn_off' : 'pools.turn_on')}</Button>
      {pool.id !== FIRST && <Menu bare label={t('pools.more')} items={[{ name: t('ui.delete'), danger: true, act: () => void remove() }]} />}
      {isOpen && <EditDialog pool={pool} onClose={() => setOpen(false)} />}
    </>
  );
}

/** Asks with what is lost, in numbers. */
function useRemove(pool: Pool) {
  const t = useText();
  const toast = useToast();
  const confirm = useConfirm();
  const [, navigate] = useLocation();
  return async () => {
    try {
      const values = { name: pool.name, keys: pool.keys.total, serving: standingOf(pool).serving, users: await usersOf(pool) };
      const text = (
        <ul className="flex list-disc flex-col gap-1 pl-4">
          <li>{t('pools.delete_keys', values)}</li>
          <li>{t('pools.delete_users', values)}</li>
          <li>{t('pools.delete_access')}</li>
        </ul>
      );
      if (!(await confirm({ title: t('pools.delete_title', values), text, act: t('ui.delete'), danger: true }))) return;
      await removePool(pool.id, () => navigate('/pools'));
      toast.done(t('pools.deleted', values));
    } catch (error) {
      toast.failed(error);
    }
  };
}

function EditDialog({ pool, onClose }: { pool: Pool; onClose: () => void }) {
  const t = useText();
  const toast = useToast();
  const acting = useActing(['name', 'description']);
  const [name, setName] = useState(pool.name);
  const [description, setDescription] = useState(pool.description);
  const isChanged = name.trim() !== pool.name || description !== pool.description;
  const save = async () => {
    if (!(await acting.run(() => editPool(pool.id, { name, description })))) return;
    toast.done(t('ui.saved'));
    onClose();
  };
  return (
    <Dialog
      title={t('pools.edit_title', { name: pool.name })}
      onClose={onClose}
      held={acting.busy}
      actions={
        <>
          <Button onClick={onClose}>{t('ui.cancel')}</Button>
          <Button look="primary" type="submit" form="edit-pool" busy={acting.busy} disabled={!name.trim() || !isChanged}>
            {t('ui.save')}
          </Button>
        </>
      }
    >
      <form id="edit-pool" className="flex flex-col gap-4" onSubmit={(event) => { event.preventDefault(); void save(); }}>
        <Field label={t('pools.name')} error={acting.error('name')}>
          <Input value={name} required onChange={(event) => setName(event.target.value)} />
        </Field>
        <Field label={t('pools.description')} error={acting.error('description')}>
          <TextArea rows={3} value={description} onChange={(event) => setDescription(event.target.value)} />
        </Field>
      </form>
    </Dialog>
  );
}
