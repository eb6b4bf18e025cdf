// The access key of a pool: shown on demand, which is audited, and made anew.

import { useState } from 'react';
import { useMayChange } from '../../api/queries.ts';
import type { Pool } from '../../api/schema.ts';
import { Section } from '../../frame/page.tsx';
import { useText } from '../../i18n/index.tsx';
import { useActing } from '../../ui/acting.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog, useConfirm } from '../../ui/dialog.tsx';
import { Secret, ShownOnce } from '../../ui/secret.tsx';
import { renewAccessKey, revealAccessKey } from './data.ts';

export function AccessKey({ pool }: { pool: Pool }) {
  const t = useText();
  const mayChange = useMayChange();
  const confirm = useConfirm();
  const acting = useActing();
  const [made, setMade] = useState<string | null>(null);
  const has = pool.access_key;
  const renew = async () => {
    const question = { title: t('pools.access.renew_title', { name: pool.name }), text: t('pools.access.renew_text'), act: t('pools.access.renew'), danger: true };
    if (has && !(await confirm(question))) return;
    await acting.run(async () => setMade(await renewAccessKey(pool.id)));
  };
  return (
    <Section
      title={t('pools.access.key')}
      actions={mayChange && <Button busy={acting.busy} onClick={() => void renew()}>{t(has ? 'pools.access.renew' : 'pools.access.make')}</Button>}
    >
      <div className="card flex min-h-20 flex-1 flex-col justify-center gap-1 p-4">
        {has ? (
          // Another key is another secret: what was shown of the one before goes.
          <Secret key={has.last4} last4={has.last4} reveal={mayChange ? () => revealAccessKey(pool.id) : undefined} />
        ) : (
          <span className="text-muted">{t('pools.access.none')}</span>
        )}
        <p className="text-xs text-muted">{t(mayChange ? 'pools.access.audited' : 'pools.access.owners')}</p>
      </div>
      {made && (
        <Dialog title={t('pools.access.made', { name: pool.name })} onClose={() => setMade(null)} actions={<Button look="primary" onClick={() => setMade(null)}>{t('ui.close')}</Button>}>
          <ShownOnce secret={made} label={t('pools.access.key')} />
        </Dialog>
      )}
    </Section>
  );
}
