// What all callers of a pool together may use.

import { useState } from 'react';
import { useMayChange } from '../../api/queries.ts';
import type { Pool } from '../../api/schema.ts';
import { Section } from '../../frame/page.tsx';
import { useText } from '../../i18n/index.tsx';
import { useActing } from '../../ui/acting.ts';
import { useDraft } from '../../ui/form.ts';
import { LimitsGrid } from '../../ui/limits/grid.tsx';
import { Standings } from '../../ui/limits/standing.tsx';
import { SaveBar } from '../../ui/save-bar.tsx';
import { useToast } from '../../ui/toast.tsx';
import { editPool } from './data.ts';

export function PoolLimits({ pool }: { pool: Pool }) {
  const t = useText();
  const toast = useToast();
  const mayChange = useMayChange();
  const acting = useActing(['limits']);
  const draft = useDraft({ limits: pool.limits });
  const [isWrong, setWrong] = useState(false);
  const [round, setRound] = useState(0);
  const { limits } = draft.values;
  const count = new Set([...Object.keys(limits), ...Object.keys(pool.limits)].filter((what) => limits[what] !== pool.limits[what])).size;
  const save = async () => {
    if (!(await acting.run(() => editPool(pool.id, { limits })))) return;
    draft.reset();
    toast.done(t('ui.saved'));
  };
  const refused = acting.refusal && { what: acting.refusal.field.slice('limits.'.length), message: acting.refusal.message };
  return (
    <div className="flex min-w-0 flex-col gap-8">
      <Section title={t('pools.limits.now')} note={t('pools.limits.note')}>
        <div className="card p-4"><Standings standing={pool.standing} /></div>
      </Section>
      <Section title={t('pools.limits')}>
        <div className="card p-4">
          <LimitsGrid
            key={round}
            limits={limits}
            standing={pool.standing}
            refused={refused}
            disabled={!mayChange}
            onWrong={setWrong}
            onChange={(changed) => draft.set({ limits: changed })}
          />
        </div>
      </Section>
      <SaveBar
        count={count}
        busy={acting.busy}
        blocked={isWrong}
        onSave={() => void save()}
        onDiscard={() => {
          draft.reset();
          setWrong(false);
          setRound(round + 1);
        }}
      />
    </div>
  );
}
