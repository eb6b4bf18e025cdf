// Asking Gemini anew for its list of models.

import { useText } from '../../i18n/index.tsx';
import { useActing } from '../acting.ts';
import { Button } from '../button.tsx';
import { useToast } from '../toast.tsx';
import { refreshModels } from './data.ts';

export function RefreshModels({ pool }: { pool: number }) {
  const t = useText();
  const toast = useToast();
  const acting = useActing();
  const refresh = async () => {
    if (await acting.run(() => refreshModels(pool))) toast.done(t('models.refreshed'));
  };
  return (
    <Button icon="refresh" busy={acting.busy} onClick={() => void refresh()}>
      {t('models.refresh')}
    </Button>
  );
}
