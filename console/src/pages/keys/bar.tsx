// How many keys are selected, and what can be done with them; it takes the place of the counts.

import { useText } from '../../i18n/index.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { Menu } from '../../ui/menu.tsx';
import type { Selection } from '../../ui/table/index.tsx';
import { useToast } from '../../ui/toast.tsx';
import type { Acts } from './acts.ts';
import { allIds, type Filters } from './data.ts';
import { Working } from './toolbar.tsx';

export type Opened = 'edit' | 'check' | 'export';
type BarProps = { selection: Selection; acts: Acts; filters: Filters; total: number; open: (what: Opened) => void };

export function SelectionBar({ selection, acts, filters, total, open }: BarProps) {
  const t = useText();
  const toast = useToast();
  const ids = [...selection.ids];
  const chooseAll = () => allIds(filters).then((found) => selection.put(found.ids, true), toast.failed);
  return (
    <div
      role="toolbar"
      aria-label={t('keys.selected_acts')}
      className="z-20 flex flex-wrap items-center gap-2 rounded-md bg-accent-soft px-3 py-1 max-[899px]:fixed max-[899px]:inset-x-2 max-[899px]:bottom-18 max-[899px]:border max-[899px]:border-line max-[899px]:py-2 max-[899px]:shadow-float min-[900px]:min-h-10"
    >
      {acts.work ? (
        <Working work={acts.work} cancel={acts.cancel} />
      ) : (
        <>
          <span role="status" className="mr-2 font-medium whitespace-nowrap">
            {t('keys.selected', { count: ids.length })}
          </span>
          {total !== ids.length && total > 0 && (
            <Button look="quiet" onClick={() => void chooseAll()}>
              {t('keys.select_all_matching', { count: total })}
            </Button>
          )}
          <span className="flex flex-1 flex-wrap items-center gap-2 min-[900px]:justify-end">
            <Button icon="play" onClick={() => void acts.enable(ids, true)}>
              {t('keys.enable')}
            </Button>
            <Button icon="stop" onClick={() => void acts.enable(ids, false)}>
              {t('keys.disable')}
            </Button>
            <Button icon="edit" onClick={() => open('edit')}>
              {t('ui.edit')}
            </Button>
            <Button icon="check" onClick={() => open('check')}>
              {t('keys.check')}
            </Button>
            <Menu
              label={t('keys.more_acts')}
              items={[
                { name: t('keys.copy_keys'), act: () => void acts.copySecrets(ids) },
                { name: t('keys.export'), act: () => open('export') },
                { name: t('ui.delete'), danger: true, act: () => void acts.remove(ids) },
              ]}
            />
            <IconButton icon="close" label={t('keys.clear')} onClick={selection.clear} />
          </span>
        </>
      )}
    </div>
  );
}
