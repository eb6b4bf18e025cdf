// Where the value of a setting comes from.

import type { Setting } from '../../api/schema.ts';
import type { Text } from '../../i18n/index.tsx';
import { isOwn, type Owner } from './data.ts';

/** Where its value comes from, in words. */
export function source(t: Text, setting: Setting, owner: Owner): string {
  if (owner !== null && setting.source === 'database') return t('settings.source.server');
  if (isOwn(setting, owner)) return t(owner === null ? 'settings.source.database' : 'settings.source.pool');
  const origin = setting.origin ?? '';
  return origin ? t.of('settings.source', setting.source, { origin }) : t('settings.source.default');
}
