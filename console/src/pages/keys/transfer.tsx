// Keys on their way out and in: a file sealed under a passphrase, or in clear.

import { useState } from 'react';
import { ask, Trouble } from '../../api/client.ts';
import { usePools } from '../../api/queries.ts';
import type { Added, Exported } from '../../api/schema.ts';
import { usePoolScope } from '../../frame/scope.tsx';
import { useText } from '../../i18n/index.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { download } from '../../ui/download.ts';
import { Field, Input, Select } from '../../ui/field.tsx';
import { FileButton } from '../../ui/file.tsx';
import { Failed } from '../../ui/state.tsx';
import { useToast } from '../../ui/toast.tsx';
import { Report } from './add.tsx';
import { refresh } from './data.ts';
import { Lines } from './lines.tsx';
import { countOf, type Line } from './paste.ts';

const SHORTEST = 12;

const today = () => new Date().toISOString().slice(0, 10);

/** Without `ids` all keys of the pool that is looked at, or of all. */
export function ExportKeys({ ids, onClose }: { ids: number[] | null; onClose: () => void }) {
  const t = useText();
  const toast = useToast();
  const pool = usePoolScope();
  const pools = usePools().data;
  const [how, setHow] = useState<'sealed' | 'clear'>('sealed');
  const [words, setWords] = useState({ passphrase: '', again: '' });
  const [left, setLeft] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const isSealed = how === 'sealed';
  const isShort = words.passphrase.length < SHORTEST;
  const differs = words.again !== words.passphrase;
  const what = ids
    ? t('keys.export_these', { count: ids.length })
    : pool === null
      ? t('keys.export_all')
      : t('keys.export_pool', { pool: pools?.find((it) => it.id === pool)?.name ?? String(pool) });
  const save = async () => {
    setBusy(true);
    setError(null);
    try {
      const which = ids ? { ids } : { pool };
      const body = isSealed ? { ...which, passphrase: words.passphrase } : { ...which, in_clear: true };
      const { count, parcel, keys } = await ask<Exported>('POST', '/keys/export', { body });
      if (isSealed) download(`pollux-keys-${today()}.sealed`, parcel ?? '');
      else download(`pollux-keys-${today()}.json`, JSON.stringify(keys, null, 1), 'application/json');
      toast.done(t('keys.exported', { count }));
      onClose();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={t('keys.export')}
      onClose={onClose}
      held={busy}
      actions={
        <>
          <Button onClick={onClose}>{t('ui.cancel')}</Button>
          <Button look="primary" icon="download" busy={busy} disabled={isSealed && (isShort || differs)} onClick={() => void save()}>
            {t('keys.export_act')}
          </Button>
        </>
      }
    >
      <p>{what}</p>
      {error !== null && <Failed error={error} />}
      <Field label={t('keys.export_how')} help={t(isSealed ? 'keys.sealed_help' : 'keys.clear_help')}>
        <Select
          value={how}
          choices={[
            { value: 'sealed', label: t('keys.sealed') },
            { value: 'clear', label: t('keys.clear_text') },
          ]}
          onChange={(event) => setHow(event.target.value === 'clear' ? 'clear' : 'sealed')}
        />
      </Field>
      {isSealed && (
        <>
          <Field label={t('keys.passphrase')} help={t('keys.passphrase_help')} error={left && isShort ? t('keys.passphrase_short', { count: SHORTEST }) : null}>
            <Input
              type="password"
              autoComplete="new-password"
              value={words.passphrase}
              onBlur={() => setLeft(words.passphrase !== '')}
              onChange={(event) => setWords({ ...words, passphrase: event.target.value })}
            />
          </Field>
          <Field label={t('keys.passphrase_again')} error={words.again && differs ? t('keys.passphrase_differs') : null}>
            <Input
              type="password"
              autoComplete="new-password"
              value={words.again}
              onChange={(event) => setWords({ ...words, again: event.target.value })}
            />
          </Field>
        </>
      )}
    </Dialog>
  );
}

const linesOf = (added: Added): Line[] => added.results.map(({ number, ...rest }) => ({ ...rest, line: number }));

export function ImportKeys({ onClose }: { onClose: () => void }) {
  const t = useText();
  const scope = usePoolScope();
  const pools = usePools().data ?? [];
  const [file, setFile] = useState<{ name: string; parcel: string } | null>(null);
  const [passphrase, setPassphrase] = useState('');
  const [pool, setPool] = useState(scope === null ? '' : String(scope));
  const [preview, setPreview] = useState<Line[] | null>(null);
  const [report, setReport] = useState<Line[] | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const send = async (dryRun: boolean) => {
    setBusy(true);
    setError(null);
    try {
      const body = { parcel: file?.parcel ?? '', passphrase, pool: pool ? Number(pool) : null, dry_run: dryRun };
      const lines = linesOf(await ask<Added>('POST', '/keys/import', { body }));
      if (dryRun) setPreview(lines);
      else {
        await refresh();
        setReport(lines);
      }
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  };
  const anew = () => setPreview(null);
  const isClosed = error instanceof Trouble && error.field === 'parcel';
  const wanted = preview ? countOf(preview, 'added') : 0;
  if (report) return <Report lines={report} onClose={onClose} />;
  return (
    <Dialog
      wide
      title={t('keys.import')}
      onClose={onClose}
      held={busy}
      actions={
        <>
          <Button onClick={onClose}>{t('ui.cancel')}</Button>
          {preview ? (
            <Button look="primary" busy={busy} disabled={wanted === 0} onClick={() => void send(false)}>
              {t('keys.add_act', { count: wanted })}
            </Button>
          ) : (
            <Button look="primary" busy={busy} disabled={!file || !passphrase} onClick={() => void send(true)}>
              {t('keys.look')}
            </Button>
          )}
        </>
      }
    >
      <p className="text-muted">{t('keys.import_help')}</p>
      {error !== null && !isClosed && <Failed error={error} />}
      <div className="flex flex-wrap items-center gap-3">
        <FileButton
          label={t('keys.choose_file')}
          onText={(parcel, name) => {
            setFile({ parcel: parcel.trim(), name });
            anew();
          }}
        />
        {file && <span className="min-w-0 break-all">{file.name}</span>}
      </div>
      <div className="grid gap-4 min-[600px]:grid-cols-2">
        <Field label={t('keys.passphrase')} error={isClosed ? error.message : null}>
          <Input
            type="password"
            autoComplete="off"
            value={passphrase}
            onChange={(event) => {
              setPassphrase(event.target.value);
              anew();
            }}
          />
        </Field>
        <Field label={t('keys.pool')}>
          <Select
            value={pool || String(pools[0]?.id ?? '')}
            choices={pools.map((it) => ({ value: String(it.id), label: it.name }))}
            onChange={(event) => {
              setPool(event.target.value);
              anew();
            }}
          />
        </Field>
      </div>
      {preview && <Lines lines={preview} tense="would" />}
    </Dialog>
  );
}
