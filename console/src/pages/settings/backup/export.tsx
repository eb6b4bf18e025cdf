// Export: all keys or one pool's, sealed under a passphrase, or in clear after a warning.

import { useState } from 'react';
import { usePools } from '../../../api/queries.ts';
import { Section } from '../../../frame/page.tsx';
import { useText } from '../../../i18n/index.tsx';
import { useActing } from '../../../ui/acting.ts';
import { Button } from '../../../ui/button.tsx';
import { useConfirm } from '../../../ui/dialog.tsx';
import { download } from '../../../ui/download.ts';
import { Checkbox, Field, Input, Select } from '../../../ui/field.tsx';
import { useToast } from '../../../ui/toast.tsx';
import { exportKeys, SHORTEST } from './data.ts';

const today = () => new Date().toISOString().slice(0, 10);

export function ExportKeys() {
  const t = useText();
  const toast = useToast();
  const confirm = useConfirm();
  const pools = usePools();
  const acting = useActing(['passphrase']);
  const [pool, setPool] = useState('');
  const [passphrase, setPassphrase] = useState('');
  const [inClear, setInClear] = useState(false);
  const [isLeft, setLeft] = useState(false);
  const isShort = passphrase.length < SHORTEST;
  const choices = (pools.data ?? []).map((it) => ({ value: String(it.id), label: it.name }));
  const count = (pools.data ?? []).filter((it) => !pool || String(it.id) === pool).reduce((sum, it) => sum + it.keys.total, 0);
  const send = async () => {
    const question = { title: t('settings.export.clear_title', { count }), text: t('settings.export.clear_text'), act: t('settings.export.clear_act'), danger: true };
    if (inClear && !(await confirm(question))) return;
    await acting.run(async () => {
      const made = await exportKeys({ pool: pool ? Number(pool) : null, ...(inClear ? { in_clear: true } : { passphrase }) });
      if (made.parcel) download(`pollux-keys-${today()}.sealed.txt`, made.parcel);
      else download(`pollux-keys-${today()}.json`, `${JSON.stringify({ keys: made.keys }, null, 2)}\n`, 'application/json');
      setPassphrase('');
      setLeft(false);
      toast.done(t('settings.export.done', { count: made.count }));
    });
  };
  return (
    <Section title={t('settings.export.title')} note={t('settings.export.note')}>
      <form className="card flex flex-col gap-4 p-4" onSubmit={(event) => { event.preventDefault(); void send(); }}>
        <div className="grid gap-4 min-[800px]:grid-cols-2">
          <Field label={t('settings.export.what')} help={t('settings.export.count', { count })}>
            <Select value={pool} choices={[{ value: '', label: t('frame.all_pools') }, ...choices]} onChange={(event) => setPool(event.target.value)} />
          </Field>
          {!inClear && (
            <Field label={t('settings.export.passphrase')} help={t('settings.export.passphrase_help')} error={acting.error('passphrase') ?? (isLeft && isShort ? t('settings.export.short') : null)}>
              <Input type="password" autoComplete="new-password" value={passphrase} onBlur={() => setLeft(passphrase !== '')} onChange={(event) => setPassphrase(event.target.value)} />
            </Field>
          )}
        </div>
        <Checkbox label={t('settings.export.in_clear')} checked={inClear} onChange={setInClear} />
        <div>
          <Button look="primary" icon="download" type="submit" busy={acting.busy} disabled={count === 0 || (!inClear && isShort)}>
            {t('settings.export.act')}
          </Button>
        </div>
      </form>
    </Section>
  );
}
