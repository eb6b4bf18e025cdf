// What is told of a user: used to add one and to change one.

import { usePools } from '../../api/queries.ts';
import type { LimitStanding, Pool, User } from '../../api/schema.ts';
import { useText } from '../../i18n/index.tsx';
import { IconButton } from '../../ui/button.tsx';
import { Checkbox, Field, Input } from '../../ui/field.tsx';
import { LimitsGrid } from '../../ui/limits/grid.tsx';
import type { Limits } from '../../ui/limits/words.ts';
import { MomentInput } from '../../ui/moment-input.tsx';
import { Several } from '../../ui/several.tsx';

export type About = Pick<User, 'name' | 'labels' | 'pools' | 'models' | 'addresses'> & { expires_at: string | null; limits: Limits };

export const FIELDS = ['name', 'labels', 'pools', 'models', 'addresses', 'expires_at', 'limits'];

type FormProps = {
  about: About;
  set: (change: Partial<About>) => void;
  error: (field: string) => string | null;
  refusal: { field: string; message: string } | null;
  standing?: LimitStanding[];
  disabled?: boolean;
  onWrong: (isWrong: boolean) => void;
};

export function UserForm({ about, set, error, refusal, standing, disabled = false, onWrong }: FormProps) {
  const t = useText();
  const refused = refusal?.field.startsWith('limits.') ? { what: refusal.field.slice('limits.'.length), message: refusal.message } : null;
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <div className="grid gap-4 min-[800px]:grid-cols-2">
        <Field label={t('users.name')} help={t('users.name_help')} error={error('name')}>
          <Input value={about.name} required disabled={disabled} onChange={(event) => set({ name: event.target.value })} />
        </Field>
        <Field label={t('users.labels')} help={t('users.labels_help')} error={error('labels')}>
          <Several values={about.labels} placeholder="build, team-a" disabled={disabled} onChange={(labels) => set({ labels })} />
        </Field>
        <Field label={t('users.models')} help={t('users.models_help')} error={error('models')}>
          <Several values={about.models} placeholder="gemini-2.5-flash*" disabled={disabled} onChange={(models) => set({ models })} />
        </Field>
        <Field label={t('users.addresses')} help={t('users.addresses_help')} error={error('addresses')}>
          <Several values={about.addresses} placeholder="10.0.0.0/8, 2001:db8::/32" disabled={disabled} onChange={(addresses) => set({ addresses })} />
        </Field>
        <Field label={t('users.expires')} help={t('users.expires_help')} error={error('expires_at')}>
          <MomentInput at={about.expires_at} disabled={disabled} onChange={(at) => set({ expires_at: at })} />
        </Field>
        <PoolChoice pools={about.pools} error={error('pools')} disabled={disabled} onChange={(pools) => set({ pools })} />
      </div>
      <fieldset className="flex min-w-0 flex-col gap-2">
        <legend className="pb-2 font-medium">{t('users.limits')}</legend>
        <LimitsGrid limits={about.limits} refused={refused} disabled={disabled} onWrong={onWrong} onChange={(limits) => set({ limits })} {...(standing ? { standing } : {})} />
      </fieldset>
    </div>
  );
}

type PoolChoiceProps = { pools: number[]; error: string | null; disabled: boolean; onChange: (pools: number[]) => void };

/** The order counts: the first serves where a request names none. */
function PoolChoice({ pools: chosen, error, disabled, onChange }: PoolChoiceProps) {
  const t = useText();
  const pools = usePools();
  const all = pools.data ?? [];
  const ordered = [...chosen.map((id) => all.find((it) => it.id === id)).filter((it): it is Pool => it !== undefined), ...all.filter((it) => !chosen.includes(it.id))];
  const raise = (id: number) => {
    const at = chosen.indexOf(id);
    const after = chosen.filter((it) => it !== id);
    after.splice(at - 1, 0, id);
    onChange(after);
  };
  return (
    <fieldset className="flex min-w-0 flex-col gap-1" disabled={disabled}>
      <legend className="pb-1 font-medium">{t('users.pools')}</legend>
      <ul className="flex max-h-48 flex-col overflow-y-auto">
        {ordered.map((pool) => {
          const at = chosen.indexOf(pool.id);
          return (
            <li key={pool.id} className="flex min-h-8 items-center gap-2">
              <Checkbox label={pool.name} checked={at >= 0} onChange={(on) => onChange(on ? [...chosen, pool.id] : chosen.filter((id) => id !== pool.id))} />
              {at === 0 && chosen.length > 1 && <span className="text-xs text-muted">{t('users.pools_first')}</span>}
              {at > 0 && !disabled && <IconButton icon="up" label={t('users.pools_up', { name: pool.name })} onClick={() => raise(pool.id)} />}
            </li>
          );
        })}
      </ul>
      {error ? <p role="alert" className="text-xs text-bad">{error}</p> : <p className="text-xs text-muted">{t('users.pools_help')}</p>}
    </fieldset>
  );
}
