// Access: people and programs that administer, and where they are signed in.

import { useMayChange } from '../../../api/queries.ts';
import { useText } from '../../../i18n/index.tsx';
import { Admins } from './admins.tsx';
import { Sessions } from './sessions.tsx';
import { Tokens } from './tokens.tsx';

export function Access() {
  const t = useText();
  // What others are signed in with is nothing for viewers: the server refuses to tell them.
  const mayChange = useMayChange();
  return (
    <div className="flex flex-col gap-8">
      <Admins />
      {mayChange ? (
        <>
          <Tokens />
          <Sessions />
        </>
      ) : (
        <p className="text-muted">{t('settings.access.viewer')}</p>
      )}
    </div>
  );
}
