// One setting: what it is called and means, its control, and where its value comes from.

import { useId, useState } from 'react';
import type { Setting } from '../../api/schema.ts';
import { useText, type Text } from '../../i18n/index.tsx';
import { Icon } from '../icon.tsx';
import { wrong } from './check.ts';
import { Control } from './control.tsx';
import type { Owner } from './data.ts';
import type { SettingNames } from './names.ts';
import { source } from './source.ts';

type RowProps = {
  setting: Setting;
  owner: Owner;
  names: SettingNames;
  own: string | null;
  /** Whether what is shown is not saved yet. */
  isChanged: boolean;
  /** What holds when nothing is set here. */
  otherwise: string;
  refusal: string | null;
  mayChange: boolean;
  isHere: boolean;
  onChange: (text: string | null) => void;
};

export function SettingRow({ setting, owner, names, own, isChanged, otherwise, refusal, mayChange, isHere, onChange }: RowProps) {
  const t = useText();
  const id = useId();
  const [isLeft, setLeft] = useState(false);
  const error = refusal ?? (isLeft ? wrong(t, setting, own) : null);
  const back = t(owner === null ? 'settings.form.back' : 'settings.form.back_to_server');
  const isEditable = setting.changeable && mayChange;
  return (
    <div
      id={setting.name}
      className={`grid scroll-mt-32 gap-x-8 gap-y-2 border-t border-line px-4 py-3 first:border-t-0 min-[1000px]:grid-cols-[minmax(0,1fr)_320px] ${isHere ? 'bg-accent-soft' : ''}`}
    >
      <div className="min-w-0">
        <div className="flex items-center gap-2">
          {isEditable ? (
            <label htmlFor={id} className="font-medium">
              {names.label(setting.name)}
            </label>
          ) : (
            <span className="font-medium">{names.label(setting.name)}</span>
          )}
          <a href={`#${setting.name}`} aria-label={t('settings.form.link', { name: setting.name })} title={setting.name} className="inline-flex rounded-md text-muted hover:text-ink">
            <Icon name="link" size={14} />
          </a>
        </div>
        <p id={`${id}-help`} className="max-w-[72ch] break-words text-muted">
          {names.help(setting)}
        </p>
        <code className="font-mono text-xs break-all text-muted">{setting.name}</code>
      </div>
      <div className="flex min-w-0 flex-col gap-1">
        {isEditable ? (
          <Control
            setting={setting}
            id={id}
            describedBy={`${id}-help ${id}-source`}
            invalid={Boolean(error)}
            disabled={false}
            isOfPool={owner !== null}
            own={own}
            otherwise={otherwise}
            onChange={onChange}
            onLeave={() => setLeft(true)}
          />
        ) : (
          <span className="break-words">{held(t, setting)}</span>
        )}
        {error && (
          <p role="alert" className="flex gap-1 text-xs text-bad">
            <Icon name="warning" size={14} />
            <span className="min-w-0 break-words">{error}</span>
          </p>
        )}
        <div id={`${id}-source`} className="flex flex-wrap items-center gap-x-2 text-xs break-words text-muted">
          <span className="min-w-0 break-all">{isChanged ? t('settings.form.changed') : source(t, setting, owner)}</span>
          {isEditable && own !== null && (
            <button type="button" className="min-h-6 text-accent underline underline-offset-2" onClick={() => onChange(null)} aria-label={`${back}: ${names.label(setting.name)}`}>
              {back}
            </button>
          )}
        </div>
        {!setting.changeable && <p className="text-xs text-muted">{t('settings.form.fixed', { variable: setting.variable })}</p>}
      </div>
    </div>
  );
}

/** What is, in words: for those that cannot be changed here. */
function held(t: Text, setting: Setting): string {
  if (setting.secret) return t(setting.source === 'default' ? 'settings.form.hidden_default' : 'settings.form.hidden');
  return t.of('settings.choice', t.of('settings.default', setting.value ?? setting.default)) || t('ui.none');
}
