// The control that a setting takes.

import type { Setting } from '../../api/schema.ts';
import { useText } from '../../i18n/index.tsx';
import { Input, Select, Switch, TextArea } from '../field.tsx';
import { kindOf } from './data.ts';

type ControlProps = {
  setting: Setting;
  id: string;
  describedBy: string;
  invalid: boolean;
  disabled: boolean;
  isOfPool: boolean;
  /** What is set here; null for nothing. */
  own: string | null;
  /** What holds when nothing is set here. */
  otherwise: string;
  onChange: (text: string | null) => void;
  onLeave: () => void;
};

const LONG = 60;
const isFlag = (text: string) => text === 'true' || text === 'false';

export function Control({ setting, id, describedBy, invalid, disabled, isOfPool, own, otherwise, onChange, onLeave }: ControlProps) {
  const t = useText();
  const kind = kindOf(setting);
  const named = { id, 'aria-describedby': describedBy, 'aria-invalid': invalid || undefined, disabled };
  const usual = t(isOfPool ? 'settings.form.as_server' : 'settings.form.otherwise', { value: t.of('settings.default', otherwise) });
  if (kind === 'flag' && isFlag(otherwise)) {
    return <Switch id={id} aria-describedby={describedBy} disabled={disabled} on={(own ?? otherwise) === 'true'} onChange={(on) => onChange(String(on))} />;
  }
  if (kind === 'choice' || kind === 'flag') {
    const words = kind === 'flag' ? ['true', 'false'] : (setting.choices ?? []);
    const choices = words.map((value) => ({ value, label: t.of('settings.choice', value) }));
    return <Select {...named} value={own ?? ''} choices={[{ value: '', label: usual }, ...choices]} onChange={(event) => onChange(event.target.value || null)} />;
  }
  const isHidden = kind === 'secret' && own === '';
  const text = {
    ...named,
    value: own ?? '',
    placeholder: isHidden ? t('settings.form.hidden') : t.of('settings.default', otherwise) || t('ui.none'),
    onBlur: onLeave,
  };
  // An emptied control is one that says nothing of its own.
  if (kind === 'list' || otherwise.length > LONG || (own ?? '').length > LONG) {
    return <TextArea {...text} rows={2} className="font-mono" onChange={(event) => onChange(event.target.value.replaceAll(/\s*\n\s*/g, ',') || null)} />;
  }
  return <Input {...text} inputMode={kind === 'number' ? 'decimal' : 'text'} onChange={(event) => onChange(event.target.value || null)} />;
}
