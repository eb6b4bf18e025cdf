// What can be done to keys, to one as to thousands: each act says at its end what happened.

import { useCallback } from 'react';
import type { Changed, Edit } from '../../api/schema.ts';
import { useText, type Text } from '../../i18n/index.tsx';
import { copy } from '../../ui/copy.tsx';
import { useConfirm } from '../../ui/dialog.tsx';
import { useToast } from '../../ui/toast.tsx';
import { allIds, changeKeys, refresh, secrets } from './data.ts';
import { MOST_UNDOABLE, deleteSoon, removeKeys } from './deletion.ts';
import { useWork, type Outcome, type Work } from './work.ts';

/** A check-up of thousands of keys takes few questions; what copies them takes fewer still. */
const COPY_PART = 2_000;

const sum = (answers: Changed[], field: 'changed' | 'removed' | 'named_elsewhere') => answers.reduce((all, it) => all + it[field], 0);

export type Acts = {
  work: Work | null;
  cancel: () => void;
  /** Switches keys on or off; off can be undone. */
  enable: (ids: number[], on: boolean) => Promise<void>;
  /** Whether all were changed. */
  edit: (ids: number[], change: Edit) => Promise<Outcome<Changed>>;
  /** Asks, and deletes; whether it will be done. */
  remove: (ids: number[]) => Promise<boolean>;
  copySecrets: (ids: number[]) => Promise<void>;
};

export function useActs(): Acts {
  const t = useText();
  const toast = useToast();
  const { work, run, cancel } = useWork();
  const remove = useRemove(run);
  const end = useCallback(
    (outcome: Outcome<unknown>, total: number) => {
      void refresh();
      if (outcome.error) toast.failed(outcome.error);
      else if (outcome.cancelled) toast.done(t('keys.ended_early', { done: outcome.done, total }));
      return outcome.error === null && !outcome.cancelled;
    },
    [t, toast],
  );
  const enable = async (ids: number[], on: boolean) => {
    try {
      const off = new Set((await allIds({ state: 'disabled' })).ids);
      // Those that stand so already are left out, so that undoing does not change them either.
      const wanted = ids.filter((id) => off.has(id) === on);
      if (wanted.length === 0) return toast.done(t(on ? 'keys.all_enabled' : 'keys.all_disabled'));
      const outcome = await run(t(on ? 'keys.enabling' : 'keys.disabling'), wanted, (part) => changeKeys(part, { enabled: on }));
      if (!end(outcome, wanted.length)) return;
      const count = sum(outcome.answers, 'changed');
      if (on) toast.done(t('keys.enabled', { count }));
      else toast.undoable(t('keys.disabled', { count }), () => void enable(wanted, true));
    } catch (error) {
      toast.failed(error);
    }
  };
  const edit = async (ids: number[], change: Edit) => {
    const outcome = await run(t('keys.changing'), ids, (part) => changeKeys(part, change));
    void refresh();
    if (outcome.cancelled) toast.done(t('keys.ended_early', { done: outcome.done, total: ids.length }));
    else if (!outcome.error) toast.done(t('keys.changed', { count: sum(outcome.answers, 'changed') }));
    return outcome;
  };
  const copySecrets = async (ids: number[]) => {
    const outcome = await run(t('keys.copying'), ids, secrets, COPY_PART);
    if (outcome.error) return toast.failed(outcome.error);
    if (outcome.cancelled) return;
    const lines = outcome.answers.flat();
    if (await copy(lines.join('\n'))) toast.done(t('keys.copied', { count: lines.length }));
    else toast.failed(new Error(t('ui.copy_failed')));
  };
  return { work, cancel, enable, edit, remove, copySecrets };
}

type Run = ReturnType<typeof useWork>['run'];

function useRemove(run: Run) {
  const t = useText();
  const toast = useToast();
  const confirm = useConfirm();
  return async (ids: number[]): Promise<boolean> => {
    try {
      const serving = new Set((await allIds({ state: 'active' })).ids);
      const isUndoable = ids.length <= MOST_UNDOABLE;
      const yes = await confirm({
        title: t('keys.delete_title', { count: ids.length }),
        text: deletionInWords(t, ids.filter((id) => serving.has(id)).length, isUndoable),
        act: t('keys.delete_act', { count: ids.length }),
        danger: true,
      });
      if (!yes) return false;
    } catch (error) {
      toast.failed(error);
      return false;
    }
    const done = (answers: Changed[]) => {
      const named = sum(answers, 'named_elsewhere');
      const count = sum(answers, 'removed');
      toast.done(named > 0 ? t('keys.deleted_named', { count, named }) : t('keys.deleted', { count }));
    };
    if (ids.length <= MOST_UNDOABLE) {
      const undo = deleteSoon(ids, { done, failed: toast.failed });
      toast.undoable(t('keys.will_delete', { count: ids.length }), undo);
      return true;
    }
    const outcome = await run(t('keys.deleting'), ids, removeKeys);
    await refresh();
    if (outcome.error) toast.failed(outcome.error);
    else done(outcome.answers);
    return true;
  };
}

function deletionInWords(t: Text, serving: number, isUndoable: boolean): string {
  const now = serving > 0 ? t('keys.delete_serving', { count: serving }) : t('keys.delete_none_serving');
  return `${now} ${t(isUndoable ? 'keys.delete_undo' : 'keys.delete_at_once')}`;
}
