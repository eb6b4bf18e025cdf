// Settings about models that are edited as tables: what is there, the draft over it, and the bar that saves it.

import { useState, type ReactNode } from 'react';
import type { Model, Setting } from '../../api/schema.ts';
import { useModels } from '../../ui/models/data.ts';
import { SaveBar } from '../../ui/save-bar.tsx';
import { useSettings, type Owner } from '../../ui/settings/data.ts';
import { otherwise, useSettingsDraft, type SettingsDraft } from '../../ui/settings/draft.ts';
import { Loading, Shown } from '../../ui/state.tsx';

export type EditedParts = {
  owner: Owner;
  settings: Setting[];
  server: Setting[];
  draft: SettingsDraft;
  models: Model[];
  find: (name: string) => Setting | undefined;
  /** What holds now, or would after saving. */
  text: (name: string) => string;
  /** Tells that something cannot be saved as it is. */
  setWrong: (isWrong: boolean) => void;
  /** Counts discards: what is typed begins anew. */
  round: number;
};

type EditedProps = { owner: Owner; pool: number; children: (parts: EditedParts) => ReactNode };

export function Edited({ owner, pool, children }: EditedProps) {
  const settings = useSettings(owner);
  const server = useSettings(null);
  const models = useModels(pool);
  return (
    <Shown of={settings} lines={6}>
      {(known) =>
        server.data ? (
          <Drafted owner={owner} settings={known.filter((it) => /^(models|thinking)\./.test(it.name))} server={server.data} models={models.data ?? []}>
            {children}
          </Drafted>
        ) : (
          <Loading lines={6} />
        )
      }
    </Shown>
  );
}

type DraftedProps = Pick<EditedParts, 'owner' | 'settings' | 'server' | 'models'> & Pick<EditedProps, 'children'>;

function Drafted({ owner, settings, server, models, children }: DraftedProps) {
  const draft = useSettingsDraft(settings, owner);
  const [isWrong, setWrong] = useState(false);
  const [round, setRound] = useState(0);
  const find = (name: string) => settings.find((it) => it.name === name);
  const text = (name: string) => {
    const setting = find(name);
    return draft.own(name) ?? (setting ? otherwise(setting, server, owner) : '');
  };
  return (
    <div className="flex min-w-0 flex-col gap-8">
      {children({ owner, settings, server, draft, models, find, text, setWrong, round })}
      <SaveBar
        count={draft.count}
        busy={draft.busy}
        blocked={isWrong}
        onSave={draft.save}
        onDiscard={() => {
          draft.discard();
          setWrong(false);
          setRound(round + 1);
        }}
      />
    </div>
  );
}
