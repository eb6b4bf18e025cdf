// What models cost: by pattern, in dollars for a million tokens.

import { Section } from '../../frame/page.tsx';
import { useText } from '../../i18n/index.tsx';
import { SourceLine } from '../../ui/settings/source-line.tsx';
import type { EditedParts } from './edited.tsx';
import { PRICE } from './entries.ts';
import { Pairs } from './pairs.tsx';

const NAME = 'models.prices';

export function Prices({ owner, draft, models, find, text, setWrong, round }: EditedParts) {
  const t = useText();
  const setting = find(NAME);
  return (
    <Section title={t('models.part.prices')} note={t('models.prices.note')}>
      <div id={NAME} className="card flex flex-col gap-3 p-4">
        <Pairs
          key={round}
          label={t('models.part.prices')}
          format={PRICE}
          columns={[
            { head: t('models.prices.model'), placeholder: 'gemini-2.5-pro*', choices: models.map((it) => it.id) },
            { head: t('models.prices.input'), placeholder: '1.25', numeric: true },
            { head: t('models.prices.cached'), placeholder: '0.31', numeric: true },
            { head: t('models.prices.output'), placeholder: '10', numeric: true },
          ]}
          text={text(NAME)}
          onText={(changed) => draft.set(NAME, changed)}
          onWrong={setWrong}
        />
        {setting && <SourceLine setting={setting} owner={owner} draft={draft} label={t('models.part.prices')} />}
      </div>
    </Section>
  );
}
