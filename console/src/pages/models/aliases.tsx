// Other names for models, and what becomes of names that nobody knows.

import { Section } from '../../frame/page.tsx';
import { useText } from '../../i18n/index.tsx';
import { UnknownModels } from '../../ui/models/policy.tsx';
import { SourceLine } from '../../ui/settings/source-line.tsx';
import type { EditedParts } from './edited.tsx';
import { PAIR } from './entries.ts';
import { Pairs } from './pairs.tsx';

const NAME = 'models.aliases';

export function Aliases({ owner, settings, server, draft, models, find, text, setWrong, round }: EditedParts) {
  const t = useText();
  const setting = find(NAME);
  return (
    <>
      <Section title={t('models.part.aliases')} note={t('models.aliases.note')}>
        <div id={NAME} className="card flex flex-col gap-3 p-4">
          <Pairs
            key={round}
            label={t('models.part.aliases')}
            format={PAIR}
            columns={[
              { head: t('models.aliases.name'), placeholder: 'gpt-4o' },
              { head: t('models.aliases.model'), placeholder: 'gemini-2.5-pro', choices: models.map((it) => it.id) },
            ]}
            text={text(NAME)}
            onText={(changed) => draft.set(NAME, changed)}
            onWrong={setWrong}
          />
          {setting && <SourceLine setting={setting} owner={owner} draft={draft} label={t('models.part.aliases')} />}
        </div>
      </Section>
      <Section title={t('models.unknown_title')} note={t('models.unknown_note')}>
        <UnknownModels settings={settings} server={server} owner={owner} draft={draft} models={models} />
      </Section>
    </>
  );
}
