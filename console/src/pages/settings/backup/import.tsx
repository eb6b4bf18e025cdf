// Import: keys that were exported here or by another Pollux, seen before they are added.

import { useState } from 'react';
import { usePools } from '../../../api/queries.ts';
import type { Added } from '../../../api/schema.ts';
import { Section } from '../../../frame/page.tsx';
import { useText } from '../../../i18n/index.tsx';
import { useActing } from '../../../ui/acting.ts';
import { Button, LinkButton } from '../../../ui/button.tsx';
import { Field, Input, Select, TextArea } from '../../../ui/field.tsx';
import { Pill } from '../../../ui/pill.tsx';
import { importKeys, parcelOf } from './data.ts';

export function ImportKeys() {
  const t = useText();
  const pools = usePools();
  const acting = useActing(['parcel', 'passphrase', 'keys']);
  const [text, setText] = useState('');
  const [passphrase, setPassphrase] = useState('');
  const [pool, setPool] = useState('');
  const [told, setTold] = useState<{ added: Added; isDone: boolean } | null>(null);
  const parcel = parcelOf(text);
  const choices = (pools.data ?? []).map((it) => ({ value: String(it.id), label: it.name }));
  const change = (act: () => void) => {
    act();
    setTold(null);
    acting.clear();
  };
  const send = (dryRun: boolean) =>
    acting.run(async () => {
      const order = { parcel, passphrase, pool: pool ? Number(pool) : null, dryRun };
      setTold({ added: await importKeys(order), isDone: !dryRun });
      if (!dryRun) {
        setText('');
        setPassphrase('');
      }
    });
  const isReady = parcel.kind === 'clear' || (parcel.kind === 'sealed' && passphrase !== '');
  return (
    <Section title={t('settings.import.title')} note={t('settings.import.note')}>
      <form className="card flex flex-col gap-4 p-4" onSubmit={(event) => { event.preventDefault(); void send(!told || told.isDone); }}>
        <Field label={t('settings.import.parcel')} help={t(parcel.kind === 'clear' ? 'settings.import.is_clear' : 'settings.import.parcel_help')} error={acting.error('parcel') ?? acting.error('keys')}>
          <TextArea rows={4} className="font-mono break-all" value={text} onChange={(event) => change(() => setText(event.target.value))} />
        </Field>
        <ChooseFile onText={(read) => change(() => setText(read))} />
        <div className="grid gap-4 min-[800px]:grid-cols-2">
          {parcel.kind !== 'clear' && (
            <Field label={t('settings.export.passphrase')} help={t('settings.import.passphrase_help')} error={acting.error('passphrase')}>
              <Input type="password" autoComplete="off" value={passphrase} onChange={(event) => change(() => setPassphrase(event.target.value))} />
            </Field>
          )}
          <Field label={t('settings.import.into')}>
            <Select value={pool || (choices[0]?.value ?? '')} choices={choices} onChange={(event) => change(() => setPool(event.target.value))} />
          </Field>
        </div>
        <div role="status">{told && <Told {...told} />}</div>
        <div className="flex flex-wrap gap-2">
          {told && !told.isDone && told.added.added > 0 ? (
            <Button look="primary" icon="upload" type="submit" busy={acting.busy}>
              {t('settings.import.act', { count: told.added.added })}
            </Button>
          ) : (
            <Button icon="eye" type="submit" busy={acting.busy} disabled={!isReady}>
              {t('settings.import.preview')}
            </Button>
          )}
          {told?.isDone && <LinkButton to={pool ? `/keys?pool=${pool}` : '/keys'}>{t('settings.import.see')}</LinkButton>}
        </div>
      </form>
    </Section>
  );
}

function ChooseFile({ onText }: { onText: (text: string) => void }) {
  const t = useText();
  return (
    <label className="flex flex-wrap items-center gap-2 text-muted">
      {t('settings.import.file')}
      <input
        type="file"
        className="min-w-0 max-w-full file:mr-2 file:min-h-8 file:cursor-pointer file:rounded-md file:border file:border-solid file:border-edge file:bg-surface file:px-3 file:font-medium file:text-ink"
        onChange={(event) => {
          const input = event.target;
          void input.files?.[0]?.text().then((text) => {
            onText(text);
            // The same file may be chosen again.
            input.value = '';
          });
        }}
      />
    </label>
  );
}

const FEW = 20;

function Told({ added: { added, duplicates, refused, results }, isDone }: { added: Added; isDone: boolean }) {
  const t = useText();
  const bad = results.filter((it) => it.result === 'refused');
  return (
    <div className="flex flex-col gap-2 rounded-md bg-sunken p-3">
      <p className="font-medium">{t(isDone ? 'settings.import.done' : 'settings.import.would', { count: added })}</p>
      <p className="flex flex-wrap gap-x-4">
        <Pill tone="off">{t('settings.import.duplicates', { count: duplicates })}</Pill>
        <Pill tone={refused > 0 ? 'bad' : 'off'}>{t('settings.import.refused', { count: refused })}</Pill>
      </p>
      {bad.length > 0 && (
        <ul className="text-xs break-words text-muted">
          {bad.slice(0, FEW).map((it) => (
            <li key={it.number}>{`${it.number}. …${it.last4}: ${it.why ?? ''}`}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
