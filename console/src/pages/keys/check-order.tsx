// Ordering a check: of which keys, and whether it may use quota.

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { get } from '../../api/client.ts';
import { usePools } from '../../api/queries.ts';
import type { Models } from '../../api/schema.ts';
import { usePoolScope } from '../../frame/scope.tsx';
import { useText } from '../../i18n/index.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, Select } from '../../ui/field.tsx';
import { Failed } from '../../ui/state.tsx';
import { checkable, order } from './checks.ts';
import { allIds } from './data.ts';

/** `ids` are those selected; without them all of the pool that is looked at, or of all. */
export function OrderCheck({ ids, onClose }: { ids: number[] | null; onClose: () => void }) {
  const t = useText();
  const pool = usePoolScope();
  const [, go] = useLocation();
  const [generate, setGenerate] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const wanted = useQuery({
    queryKey: ['keys', 'checkable', ids, pool],
    queryFn: async () => {
      const asked = ids ?? (await allIds({ pool })).ids;
      const keys = await checkable(asked);
      return { keys, off: asked.length - keys.length };
    },
  });
  const count = wanted.data?.keys.length ?? 0;
  const start = async () => {
    setBusy(true);
    setError(null);
    try {
      const { id } = await order(wanted.data?.keys ?? [], generate);
      onClose();
      go(`/keys?check=${id}`);
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={t('keys.check_title')}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('ui.cancel')}</Button>
          <Button look="primary" icon="check" busy={busy || wanted.isPending} disabled={count === 0 || generate === ''} onClick={() => void start()}>
            {t('keys.check_act', { count })}
          </Button>
        </>
      }
    >
      {(error ?? wanted.error) !== null && <Failed error={error ?? wanted.error} />}
      {Boolean(wanted.data?.off) && <p className="text-muted">{t('keys.check_off', { count: wanted.data?.off ?? 0 })}</p>}
      <Field label={t('keys.check_how')} help={generate === null ? t('keys.check_list_help') : t('keys.check_generate_help', { count })}>
        <Select
          value={generate === null ? 'list' : 'generate'}
          choices={[
            { value: 'list', label: t('keys.check_list') },
            { value: 'generate', label: t('keys.check_generate') },
          ]}
          onChange={(event) => setGenerate(event.target.value === 'list' ? null : '')}
        />
      </Field>
      {generate !== null && <Model value={generate} onChange={setGenerate} />}
    </Dialog>
  );
}

function Model({ value, onChange }: { value: string; onChange: (model: string) => void }) {
  const t = useText();
  const scope = usePoolScope();
  const pools = usePools().data;
  const pool = scope ?? pools?.[0]?.id;
  const models = useQuery({
    queryKey: ['models', pool],
    queryFn: async ({ signal }) => (await get<Models>(`/pools/${pool}/models`, {}, signal)).models,
    enabled: pool !== undefined,
  });
  const choices = (models.data ?? []).map(({ id }) => ({ value: id, label: id }));
  return (
    <Field label={t('keys.model')}>
      <Select value={value} choices={[{ value: '', label: t('keys.choose_model') }, ...choices]} onChange={(event) => onChange(event.target.value)} />
    </Field>
  );
}
