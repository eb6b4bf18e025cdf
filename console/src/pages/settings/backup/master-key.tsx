// The master key: what it is, and another one in its place.

import { Section } from '../../../frame/page.tsx';
import { useText } from '../../../i18n/index.tsx';
import { useActing } from '../../../ui/acting.ts';
import { Button } from '../../../ui/button.tsx';
import { useConfirm } from '../../../ui/dialog.tsx';
import { useSettings } from '../../../ui/settings/data.ts';
import { useToast } from '../../../ui/toast.tsx';
import { exchangeMasterKey } from './data.ts';

const NAMED_BY = ['master_key', 'master_key_next'];

export function MasterKey() {
  const t = useText();
  const toast = useToast();
  const confirm = useConfirm();
  const acting = useActing();
  const settings = useSettings(null);
  // One that the configuration names is not the server's to change.
  const named = settings.data?.find((it) => NAMED_BY.includes(it.name) && it.source !== 'default');
  const exchange = async () => {
    const question = { title: t('settings.master.confirm_title'), text: t('settings.master.confirm_text'), act: t('settings.master.act'), danger: true };
    if (!(await confirm(question))) return;
    if (await acting.run(exchangeMasterKey)) toast.done(t('settings.master.done'));
  };
  return (
    <Section title={t('settings.master.title')}>
      <div className="card flex flex-col gap-3 p-4">
        <p className="max-w-[72ch]">{t('settings.master.what')}</p>
        {named ? (
          <p className="max-w-[72ch] text-muted">{t('settings.master.named', { origin: named.origin ?? named.variable })}</p>
        ) : (
          <>
            <p className="max-w-[72ch] text-muted">{t('settings.master.when')}</p>
            <div>
              <Button busy={acting.busy} disabled={!settings.data} onClick={() => void exchange()}>
                {t('settings.master.act')}
              </Button>
            </div>
          </>
        )}
      </div>
    </Section>
  );
}
