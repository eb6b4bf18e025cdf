// The sentence on top, and what else is to be said.

import { useFormat, useText, type Text } from '../../i18n/index.tsx';
import type { Format } from '../../i18n/format.ts';
import { LinkButton, TextLink } from '../../ui/button.tsx';
import { Icon, type IconName } from '../../ui/icon.tsx';
import type { Said, SaidKey, Tone } from './verdict.ts';

const LOOKS: Record<Tone, string> = { good: 'bg-good-soft text-good', warn: 'bg-warn-soft text-warn', bad: 'bg-bad-soft text-bad' };
const ICONS: Record<Tone, IconName> = { good: 'check', warn: 'warning', bad: 'warning' };
/** What a sentence leads to. */
const LEADS: Partial<Record<SaidKey, 'failures' | 'keys'>> = { failing: 'failures', revoked: 'keys', pool_dead: 'keys', pool_off: 'keys' };
/** How many more are said below it. */
const MORE = 4;

/** What was said, in words; quotas are told in Pacific time and in that of here. */
export function spoken({ key, values, at }: Said, t: Text, format: Format): string {
  return t(`overview.said.${key}`, {
    ...values,
    ...(typeof values.share === 'number' ? { share: format.percent(values.share) } : {}),
    ...(typeof values.reason === 'string' ? { reason: t.of('requests.reason', values.reason) } : {}),
    ...(at ? { pacific: format.pacific(at), here: format.clock(at) } : {}),
  });
}

export function Sentence({ all }: { all: Said[] }) {
  const t = useText();
  const format = useFormat();
  const [first, ...rest] = all;
  if (!first) return null;
  return (
    <div className={`flex gap-3 rounded-md p-4 ${LOOKS[first.tone]}`}>
      <span className="mt-0.5">
        <Icon name={ICONS[first.tone]} size={20} />
      </span>
      <div className="flex min-w-0 flex-1 flex-col gap-1">
        <p role="status" className="text-base font-medium">
          {spoken(first, t, format)} <Where said={first} />
        </p>
        {rest.length > 0 && (
          <ul aria-label={t('overview.also')} className="flex flex-col gap-0.5">
            {rest.slice(0, MORE).map((said) => (
              <li key={`${said.key} ${said.values.pool ?? ''} ${said.values.model ?? ''}`}>
                {spoken(said, t, format)} <Where said={said} />
              </li>
            ))}
            {rest.length > MORE && <li>{t('overview.more_said', { count: rest.length - MORE })}</li>}
          </ul>
        )}
      </div>
    </div>
  );
}

function Where({ said }: { said: Said }) {
  const t = useText();
  if (!said.to) return null;
  if (said.key === 'no_keys') {
    return (
      <span className="mt-3 flex">
        <LinkButton to={said.to} look="primary" icon="plus">
          {t('overview.add_keys')}
        </LinkButton>
      </span>
    );
  }
  return <TextLink to={said.to}>{t(`overview.where.${LEADS[said.key] ?? 'pool'}`)}</TextLink>;
}
