// Whether a user may call, as a word beside a shape.

import type { User } from '../../api/schema.ts';
import { useText } from '../../i18n/index.tsx';
import { Pill, type Tone } from '../../ui/pill.tsx';
import { useNow } from '../../ui/time.tsx';
import { standingOf, type Standing } from './data.ts';

const TONES: Record<Standing, Tone> = { on: 'good', off: 'off', expired: 'bad' };

export function UserState({ user }: { user: User }) {
  const t = useText();
  const standing = standingOf(user, useNow());
  return <Pill tone={TONES[standing]}>{t(`users.standing.${standing}`)}</Pill>;
}
