// The same change for many keys: what is left empty stays as it is.

import { useState } from 'react';
import { Trouble } from '../../api/client.ts';
import type { Edit } from '../../api/schema.ts';
import { useText } from '../../i18n/index.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Checkbox, Field, Input, Select } from '../../ui/field.tsx';
import { Failed } from '../../ui/state.tsx';
import type { Acts } from './acts.ts';
import { Working } from './toolbar.tsx';

export const tagsOf = (text: string): string[] => [...new Set(text.split(/[,，\n]/).map((tag) => tag.trim()).filter(Boolean))];

type Wanted = { weight: string; project: string; noProject: boolean; tier: string; tags: string; noTags: boolean };

function changeOf(wanted: Wanted): Edit {
  const change: Edit = {};
  if (wanted.weight) change.weight = Number(wanted.weight);
  if (wanted.noProject) change.project = null;
  else if (wanted.project.trim()) change.project = wanted.project.trim();
  if (wanted.tier === 'free' || wanted.tier === 'paid') change.tier = wanted.tier;
  if (wanted.noTags) change.tags = [];
  else if (wanted.tags.trim()) change.tags = tagsOf(wanted.tags);
  return change;
}

export function EditMany({ ids, acts, onClose }: { ids: number[]; acts: Acts; onClose: () => void }) {
  const t = useText();
  const [wanted, setWanted] = useState<Wanted>({ weight: '', project: '', noProject: false, tier: '', tags: '', noTags: false });
  const [error, setError] = useState<unknown>(null);
  const set = (change: Partial<Wanted>) => setWanted((before) => ({ ...before, ...change }));
  const change = changeOf(wanted);
  const field = error instanceof Trouble ? error.field?.replace(/^change\./, '') : null;
  const wrong = (name: string) => (field === name && error instanceof Trouble ? error.message : null);
  const isPlaced = ['weight', 'project', 'tags'].some((name) => wrong(name));
  const save = async () => {
    setError(null);
    const outcome = await acts.edit(ids, change);
    if (outcome.error) setError(outcome.error);
    else onClose();
  };
  const busy = acts.work !== null;
  return (
    <Dialog
      title={t('keys.edit_title', { count: ids.length })}
      onClose={onClose}
      held={busy}
      actions={
        <>
          <Button onClick={onClose} disabled={busy}>
            {t('ui.cancel')}
          </Button>
          <Button look="primary" busy={busy} disabled={Object.keys(change).length === 0} onClick={() => void save()}>
            {t('keys.edit_act', { count: ids.length })}
          </Button>
        </>
      }
    >
      <p className="text-muted">{t('keys.edit_help')}</p>
      {acts.work && <Working work={acts.work} cancel={acts.cancel} />}
      {error !== null && !isPlaced && <Failed error={error} />}
      <Field label={t('keys.weight')} help={t('keys.weight_help')} error={wrong('weight')}>
        <Input type="number" min={1} max={1_000_000} value={wanted.weight} placeholder={t('keys.unchanged')} onChange={(event) => set({ weight: event.target.value })} />
      </Field>
      <Field label={t('keys.project')} help={t('keys.project_help')} error={wrong('project')}>
        <Input
          value={wanted.project}
          disabled={wanted.noProject}
          placeholder={t('keys.unchanged')}
          onChange={(event) => set({ project: event.target.value })}
        />
      </Field>
      <Checkbox label={t('keys.no_project')} checked={wanted.noProject} onChange={(noProject) => set({ noProject })} />
      <Field label={t('keys.tier')}>
        <Select
          value={wanted.tier}
          choices={[{ value: '', label: t('keys.unchanged') }, ...['free', 'paid'].map((value) => ({ value, label: t.of('keys.tiers', value) }))]}
          onChange={(event) => set({ tier: event.target.value })}
        />
      </Field>
      <Field label={t('keys.tags')} help={t('keys.tags_replace')} error={wrong('tags')}>
        <Input value={wanted.tags} disabled={wanted.noTags} placeholder={t('keys.unchanged')} onChange={(event) => set({ tags: event.target.value })} />
      </Field>
      <Checkbox label={t('keys.no_tags')} checked={wanted.noTags} onChange={(noTags) => set({ noTags })} />
    </Dialog>
  );
}
