// What can be said of a text before the server is asked.

import type { Setting } from '../../api/schema.ts';
import type { Text } from '../../i18n/index.tsx';
import { kindOf } from './data.ts';

const RANGE = /from ([\d.]+) to ([\d.]+)/;
const DURATION = /^\d+(\.\d+)?\s*(ms|s|m|h|d)?$/;

/** What is wrong with a text for a setting; null where nothing is, as far as can be told here. */
export function wrong(t: Text, setting: Setting, text: string | null): string | null {
  if (text === null || text.trim() === '') return null;
  const kind = kindOf(setting);
  if (kind === 'duration' && !DURATION.test(text.trim())) return t('settings.form.duration');
  const [, least, most] = RANGE.exec(setting.allowed ?? '') ?? [];
  if (kind !== 'number' || least === undefined || most === undefined) return null;
  const value = Number(text);
  const isWithin = Number.isFinite(value) && value >= Number(least) && value <= Number(most);
  return isWithin ? null : t('settings.form.number', { least: Number(least), most: Number(most) });
}
