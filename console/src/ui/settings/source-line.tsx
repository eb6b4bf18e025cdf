// Below what a setting is edited with: where its value comes from, a way back, and what is wrong.

import { useMayChange } from '../../api/queries.ts';
import type { Setting } from '../../api/schema.ts';
import { useText } from '../../i18n/index.tsx';
import { Icon } from '../icon.tsx';
import type { Owner } from './data.ts';
import type { SettingsDraft } from './draft.ts';
import { source } from './source.ts';

type SourceLineProps = { setting: Setting; owner: Owner; draft: SettingsDraft; label: string; error?: string | null };

export function SourceLine({ setting, owner, draft, label, error = null }: SourceLineProps) {
  const t = useText();
  const mayChange = useMayChange();
  const wrong = draft.refusal(setting.name) ?? error;
  const back = t(owner === null ? 'settings.form.back' : 'settings.form.back_to_server');
  return (
    <div className="flex min-w-0 flex-col gap-1 text-xs">
      {wrong && (
        <p role="alert" className="flex gap-1 text-bad">
          <Icon name="warning" size={14} />
          <span className="min-w-0 break-words">{wrong}</span>
        </p>
      )}
      <div className="flex flex-wrap items-center gap-x-2 text-muted">
        <span className="min-w-0 break-all">{draft.isChanged(setting.name) ? t('settings.form.changed') : source(t, setting, owner)}</span>
        {mayChange && draft.own(setting.name) !== null && (
          <button type="button" className="min-h-6 text-accent underline underline-offset-2" aria-label={`${back}: ${label}`} onClick={() => draft.set(setting.name, null)}>
            {back}
          </button>
        )}
      </div>
    </div>
  );
}
