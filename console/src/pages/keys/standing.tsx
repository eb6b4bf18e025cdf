// How a key stands, in words: for a cell of the list, and in full.

import type { CooldownView, KeyView, Meter } from '../../api/schema.ts';
import { useFormat, useText, type Text } from '../../i18n/index.tsx';
import type { Format } from '../../i18n/format.ts';
import { Pill, type Tone } from '../../ui/pill.tsx';
import { stateOf, type State } from './data.ts';

export const TONES: Record<State, Tone> = { active: 'good', cooling: 'warn', revoked: 'bad', disabled: 'off' };

/** "00:00 Pacific (09:00 here)" */
export function bothTimes(t: Text, format: Format, at: string): string {
  return t('keys.both_times', { pacific: format.pacific(at), here: format.clock(at) });
}

/** "Cooling for gemini-2.5-pro until 00:00 Pacific (09:00 here)", with what is known of the quota. */
export function cooldownInWords(t: Text, format: Format, cooldown: CooldownView, meters: Meter[] = []): string {
  const { model, reason, until, window } = cooldown;
  if (reason === 'unserved') return t('keys.unserved', { model });
  const cooling = until
    ? t('keys.cooling_until', { model, until: bothTimes(t, format, until) })
    : t('keys.cooling', { model });
  const meter = meters.find((it) => it.window === window && (it.used ?? it.limit) >= it.limit) ?? meters.find((it) => it.window === window);
  const quota = t.of('keys.window', window ?? 'unknown');
  if (!meter) return `${cooling}${t('keys.colon')}${quota}`;
  const limit = t('keys.limit', { limit: meter.limit, unit: t.of('keys.unit', meter.unit, { limit: meter.limit }), source: t.of('keys.source', meter.source) });
  return `${cooling}${t('keys.colon')}${quota}${t('keys.comma')}${limit}`;
}

/** The state of a key in a row: the word, and the one thing that explains it. */
export function Standing({ of: key }: { of: KeyView }) {
  const t = useText();
  const format = useFormat();
  const state = stateOf(key);
  const words = t.of('ui.state', state);
  const full = key.cooldowns.map((it) => cooldownInWords(t, format, it)).join('\n');
  if (state === 'revoked' && key.health?.state === 'revoked') {
    return (
      <span title={key.health.sentence}>
        <Pill tone="bad">
          {words}
          <span className="truncate text-muted">{t.of('keys.reason', key.health.reason)}</span>
        </Pill>
      </span>
    );
  }
  return (
    <span title={full || undefined}>
      <Pill tone={TONES[state]}>
        {words}
        {state === 'cooling' && <span className="truncate text-muted">{inShort(t, format, key.cooldowns)}</span>}
      </Pill>
    </span>
  );
}

function inShort(t: Text, format: Format, cooldowns: CooldownView[]): string {
  const [first] = cooldowns;
  if (!first) return '';
  const more = cooldowns.length > 1 ? ` ${t('keys.and_more', { count: cooldowns.length - 1 })}` : '';
  if (!first.until) return `${first.model}${more}`;
  return `${t('keys.model_until', { model: first.model, until: format.clock(first.until) })}${more}`;
}
