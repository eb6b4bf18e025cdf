// Adding keys: paste or drop them, see what would become of each, add them, and see what did.

import { useMemo, useState, type ClipboardEvent, type DragEvent } from 'react';
import { ask, Trouble } from '../../api/client.ts';
import { usePools } from '../../api/queries.ts';
import type { Check } from '../../api/schema.ts';
import { usePoolScope } from '../../frame/scope.tsx';
import { useText } from '../../i18n/index.tsx';
import { useParams } from '../../ui/address.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog, useConfirm } from '../../ui/dialog.tsx';
import { Field, Input, Select, TextArea } from '../../ui/field.tsx';
import { FileButton } from '../../ui/file.tsx';
import { useUnsaved } from '../../ui/form.ts';
import { Failed } from '../../ui/state.tsx';
import { useToast } from '../../ui/toast.tsx';
import { refresh } from './data.ts';
import { tagsOf } from './edit.tsx';
import { Lines } from './lines.tsx';
import { countOf, entriesOf, send, usePreview, type Line, type Order, type Sent } from './paste.ts';
import { Working } from './toolbar.tsx';

/** From so many lines on, browsers take seconds to paste by themselves. */
const MANY_LINES = 100;

type Told = { text: string; pool: string; tier: string; project: string; tags: string };
type Work = { done: number; total: number; control: AbortController };

export function AddKeys({ onClose }: { onClose: () => void }) {
  const t = useText();
  const confirm = useConfirm();
  const scope = usePoolScope();
  const [told, setTold] = useState<Told>({ text: '', pool: scope === null ? '' : String(scope), tier: '', project: '', tags: '' });
  const [work, setWork] = useState<Work | null>(null);
  const [report, setReport] = useState<Sent | null>(null);
  const [error, setError] = useState<unknown>(null);
  const order = useOrder(told);
  const preview = usePreview(order);
  const wanted = countOf(preview.lines, 'added');
  useUnsaved(order.entries.length > 0 && !report);
  const close = async () => {
    const question = { title: t('keys.discard_title'), text: t('keys.discard_text', { count: order.entries.length }), act: t('ui.discard') };
    if (report || order.entries.length === 0 || (await confirm(question))) onClose();
  };
  const add = async () => {
    const control = new AbortController();
    const total = order.entries.length;
    const tell = (done: number) => setWork({ done, total, control });
    tell(0);
    setError(null);
    const sent = await send(order, false, control.signal, tell);
    setWork(null);
    await refresh();
    if (sent.error) setError(sent.error);
    if (!sent.error || countOf(sent.lines, 'added') > 0) setReport(sent);
  };
  if (report) return <Report lines={report.lines} left={order.entries.length - report.lines.length} error={error} onClose={onClose} />;
  return (
    <Dialog
      wide
      title={t('keys.add')}
      onClose={() => void close()}
      held={work !== null}
      actions={
        <>
          <Button onClick={() => void close()} disabled={work !== null}>
            {t('ui.cancel')}
          </Button>
          <Button look="primary" busy={work !== null || preview.isReading} disabled={wanted === 0} onClick={() => void add()}>
            {wanted > 0 ? t('keys.add_act', { count: wanted }) : t('keys.add')}
          </Button>
        </>
      }
    >
      {work && <Working work={{ ...work, what: t('keys.adding') }} cancel={() => work.control.abort()} />}
      {error !== null && <Failed error={error} />}
      <Form told={told} set={(change) => setTold((before) => ({ ...before, ...change }))} error={preview.error} />
      {preview.error !== null && !isAboutDefaults(preview.error) && <Failed error={preview.error} />}
      {preview.lines.length > 0 && <Lines lines={preview.lines} tense="would" />}
    </Dialog>
  );
}

const isAboutDefaults = (error: unknown): error is Trouble => error instanceof Trouble && Boolean(error.field?.startsWith('defaults'));

function useOrder({ text, pool, tier, project, tags }: Told): Order {
  const entries = useMemo(() => entriesOf(text), [text]);
  return useMemo(
    () => ({
      entries,
      pool: pool ? Number(pool) : null,
      defaults: {
        ...(tier === 'free' || tier === 'paid' ? { tier } : {}),
        ...(project.trim() ? { project: project.trim() } : {}),
        ...(tags.trim() ? { tags: tagsOf(tags) } : {}),
      },
    }),
    [entries, pool, tier, project, tags],
  );
}

type FormProps = { told: Told; set: (change: Partial<Told>) => void; error: unknown };

function Form({ told, set, error }: FormProps) {
  const t = useText();
  const pools = usePools().data ?? [];
  const [over, setOver] = useState(false);
  const append = (text: string) => set({ text: told.text.trim() ? `${told.text.trimEnd()}\n${text}` : text });
  const paste = (event: ClipboardEvent<HTMLTextAreaElement>) => {
    const pasted = event.clipboardData.getData('text');
    if (pasted.split('\n', MANY_LINES).length < MANY_LINES) return;
    event.preventDefault();
    const { value, selectionStart, selectionEnd } = event.currentTarget;
    set({ text: value.slice(0, selectionStart) + pasted + value.slice(selectionEnd) });
  };
  const drop = (event: DragEvent) => {
    setOver(false);
    const [file] = event.dataTransfer.files;
    if (!file) return;
    event.preventDefault();
    void file.text().then(append);
  };
  return (
    <>
      <Field label={t('keys.paste')} help={t('keys.paste_help')}>
        <TextArea
          rows={6}
          autoFocus
          value={told.text}
          placeholder={'AIzaSy…\nAQ.Ab3…:3'}
          className={`font-mono ${over ? 'border-accent bg-accent-soft' : ''}`}
          onChange={(event) => set({ text: event.target.value })}
          onPaste={paste}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={drop}
        />
      </Field>
      <div>
        <FileButton label={t('keys.from_file')} accept=".txt,.csv,.json,text/*,application/json" onText={append} />
      </div>
      <div className="grid gap-4 min-[600px]:grid-cols-2">
        <Field label={t('keys.pool')}>
          <Select
            value={told.pool || String(pools[0]?.id ?? '')}
            choices={pools.map((pool) => ({ value: String(pool.id), label: pool.name }))}
            onChange={(event) => set({ pool: event.target.value })}
          />
        </Field>
        <Field label={t('keys.tier')} help={t('keys.tier_help')}>
          <Select
            value={told.tier || 'free'}
            choices={['free', 'paid'].map((value) => ({ value, label: t.of('keys.tiers', value) }))}
            onChange={(event) => set({ tier: event.target.value })}
          />
        </Field>
        <Field label={t('keys.project')} help={t('keys.project_help')} error={isAboutDefaults(error) ? error.message : null}>
          <Input value={told.project} onChange={(event) => set({ project: event.target.value })} />
        </Field>
        <Field label={t('keys.tags')} help={t('keys.tags_help')}>
          <Input value={told.tags} onChange={(event) => set({ tags: event.target.value })} />
        </Field>
      </div>
    </>
  );
}

type ReportProps = {
  lines: Line[];
  /** How many were not sent. */
  left?: number;
  error?: unknown;
  onClose: () => void;
};

/** What became of them, and the way to see how they are taken by Google. */
export function Report({ lines, left = 0, error, onClose }: ReportProps) {
  const t = useText();
  const toast = useToast();
  const [, change] = useParams();
  const ids = lines.flatMap((it) => (it.result === 'added' && it.id ? [it.id] : []));
  const check = async () => {
    try {
      const { id } = await ask<Check>('POST', '/checks', { body: { keys: ids } });
      change({ add: null, import: null, check: id }, true);
    } catch (failure) {
      toast.failed(failure);
    }
  };
  return (
    <Dialog
      wide
      title={t('keys.added_title', { count: ids.length })}
      onClose={onClose}
      actions={
        <>
          {ids.length > 0 && (
            <Button icon="check" onClick={() => void check()}>
              {t('keys.see_check')}
            </Button>
          )}
          <Button look="primary" onClick={onClose}>
            {t('ui.close')}
          </Button>
        </>
      }
    >
      {Boolean(error) && <Failed error={error} />}
      {left > 0 && <p className="text-warn">{t('keys.not_sent', { count: left })}</p>}
      <Lines lines={lines} tense="was" />
    </Dialog>
  );
}
