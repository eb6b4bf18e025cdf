// What is told of one key, to be changed in place.

import { useMemo, useState, type FormEvent } from 'react';
import { ask, Trouble } from '../../api/client.ts';
import { queries, useMayChange, usePools } from '../../api/queries.ts';
import type { Edit, KeyView } from '../../api/schema.ts';
import { Section } from '../../frame/page.tsx';
import { useFormat, useText } from '../../i18n/index.tsx';
import { Button, TextLink } from '../../ui/button.tsx';
import { Facts as FactList } from '../../ui/facts.tsx';
import { Field, Input, Select, TextArea } from '../../ui/field.tsx';
import { useDraft } from '../../ui/form.ts';
import { useToast } from '../../ui/toast.tsx';
import { refresh } from './data.ts';
import { tagsOf } from './edit.tsx';

type Values = { name: string; weight: string; project: string; tier: string; tags: string; notes: string; proxy: string };
const FIELDS = ['name', 'weight', 'project', 'tier', 'tags', 'notes', 'proxy'];

function valuesOf(key: KeyView): Values {
  const { name, weight, project, tier, tags, notes, proxy } = key;
  return { name, weight: String(weight), project: project ?? '', tier, tags: tags.join(', '), notes, proxy: proxy ?? '' };
}

function editOf(changes: Partial<Values>): Edit {
  const { name, weight, project, tier, tags, notes, proxy } = changes;
  return {
    ...(name === undefined ? {} : { name: name.trim() }),
    ...(weight === undefined ? {} : { weight: Number(weight) }),
    ...(project === undefined ? {} : { project: project.trim() || null }),
    ...(tier === 'free' || tier === 'paid' ? { tier } : {}),
    ...(tags === undefined ? {} : { tags: tagsOf(tags) }),
    ...(notes === undefined ? {} : { notes }),
    ...(proxy === undefined ? {} : { proxy: proxy.trim() || null }),
  };
}

export function About({ of: key }: { of: KeyView }) {
  const t = useText();
  const mayChange = useMayChange();
  return <Section title={t('keys.about')}>{mayChange ? <Form of={key} /> : <Facts of={key} />}</Section>;
}

function Form({ of: key }: { of: KeyView }) {
  const t = useText();
  const toast = useToast();
  const text = JSON.stringify(valuesOf(key));
  const saved = useMemo(() => JSON.parse(text) as Values, [text]);
  const draft = useDraft(saved);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const wrong = (field: string) => (trouble?.field === field ? trouble.message : null);
  const put = (field: keyof Values) => (event: { target: { value: string } }) => draft.set({ [field]: event.target.value });
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setTrouble(null);
    try {
      const after = await ask<KeyView>('PATCH', `/keys/${key.id}`, { body: editOf(draft.changes) });
      queries.setQueryData(['keys', 'one', key.id], after);
      draft.reset();
      toast.done(t('ui.saved'));
      void refresh();
    } catch (error) {
      if (error instanceof Trouble && FIELDS.includes(error.field ?? '')) setTrouble(error);
      else toast.failed(error);
    }
    setBusy(false);
  };
  return (
    <form onSubmit={(event) => void save(event)} className="card flex flex-col gap-4 p-4">
      <Field label={t('keys.name')} error={wrong('name')}>
        <Input value={draft.values.name} placeholder={t('keys.number', { id: String(key.id) })} onChange={put('name')} />
      </Field>
      <PoolFact of={key} />
      <div className="grid grid-cols-2 gap-4">
        <Field label={t('keys.weight')} error={wrong('weight')}>
          <Input type="number" min={1} max={1_000_000} required value={draft.values.weight} onChange={put('weight')} />
        </Field>
        <Field label={t('keys.tier')} error={wrong('tier')}>
          <Select value={draft.values.tier} choices={['free', 'paid'].map((value) => ({ value, label: t.of('keys.tiers', value) }))} onChange={put('tier')} />
        </Field>
      </div>
      <Field label={t('keys.project')} help={t('keys.project_help')} error={wrong('project')}>
        <Input value={draft.values.project} onChange={put('project')} />
      </Field>
      <Field label={t('keys.tags')} help={t('keys.tags_help')} error={wrong('tags')}>
        <Input value={draft.values.tags} onChange={put('tags')} />
      </Field>
      <Field label={t('keys.notes')} error={wrong('notes')}>
        <TextArea rows={3} value={draft.values.notes} onChange={put('notes')} />
      </Field>
      <Field label={t('keys.proxy')} help={t('keys.proxy_help')} error={wrong('proxy')}>
        <Input value={draft.values.proxy} placeholder="http://user:password@host:8080" onChange={put('proxy')} />
      </Field>
      <div className="flex flex-wrap gap-2">
        <Button look="primary" type="submit" busy={busy} disabled={!draft.isDirty}>
          {t('ui.save')}
        </Button>
        {draft.isDirty && <Button onClick={draft.reset}>{t('ui.discard')}</Button>}
      </div>
    </form>
  );
}

function PoolFact({ of: key }: { of: KeyView }) {
  const t = useText();
  const pool = usePools().data?.find((it) => it.id === key.pool);
  return (
    <p className="flex flex-col gap-1">
      <span className="font-medium">{t('keys.pool')}</span>
      <TextLink to={`/pools/${key.pool}`}>{pool?.name ?? String(key.pool)}</TextLink>
    </p>
  );
}

function Facts({ of: key }: { of: KeyView }) {
  const t = useText();
  const format = useFormat();
  const none = <span className="text-muted">–</span>;
  const facts = [
    { name: t('keys.name'), value: key.name || none },
    { name: t('keys.weight'), value: format.number(key.weight) },
    { name: t('keys.tier'), value: t.of('keys.tiers', key.tier) },
    { name: t('keys.project'), value: key.project ?? none },
    { name: t('keys.tags'), value: key.tags.join(', ') || none },
    { name: t('keys.notes'), value: key.notes || none },
    { name: t('keys.proxy'), value: key.proxy ?? none },
  ];
  return (
    <div className="card flex flex-col gap-3 p-4">
      <PoolFact of={key} />
      <FactList facts={facts} />
    </div>
  );
}
