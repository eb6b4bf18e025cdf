// The live list of models, as one pool sees it.

import { useMayChange } from '../../api/queries.ts';
import type { Pool } from '../../api/schema.ts';
import { useFormat, useText, type Text } from '../../i18n/index.tsx';
import type { Format } from '../../i18n/format.ts';
import { useParam } from '../../ui/address.ts';
import { Input } from '../../ui/field.tsx';
import { commas, isLike, isPattern, useModels, type Listed } from '../../ui/models/data.ts';
import { RefreshModels } from '../../ui/models/refresh.tsx';
import { Pill, Tag } from '../../ui/pill.tsx';
import { useSettings } from '../../ui/settings/data.ts';
import { Empty, Shown } from '../../ui/state.tsx';
import { ColumnChoice, Table, type Column } from '../../ui/table/index.tsx';
import { PAIR, PRICE, read } from './entries.ts';

export function ModelList({ owner, seen }: { owner: number | null; seen: Pool }) {
  const t = useText();
  const models = useModels(seen.id);
  const mayChange = useMayChange();
  const format = useFormat();
  const known = useKnown(seen.id);
  const [search, setSearch] = useParam('search');
  const columns = columnsOf(t, format, known);
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <div role="search" className="flex flex-wrap items-center gap-2">
        <Input type="search" aria-label={t('models.search')} placeholder={t('models.search')} className="max-w-80" value={search} onChange={(event) => setSearch(event.target.value || null)} />
        {mayChange && <RefreshModels pool={seen.id} />}
        <ColumnChoice name="models" columns={columns} />
        {owner === null && <span className="text-muted">{t('models.seen_by', { name: seen.name })}</span>}
      </div>
      <Shown of={models} lines={8}>
        {(all) => {
          const words = search.toLowerCase().split(/\s+/);
          const texts = (it: Listed) => `${it.id} ${it.display_name} ${known.aliases(it).join(' ')}`.toLowerCase();
          const shown = all.filter((it) => words.every((word) => texts(it).includes(word)));
          return (
            <>
              <span role="status" className="text-muted">{t('models.count', { count: shown.length })}</span>
              <Table
                name="models"
                label={t('models.title')}
                columns={columns}
                count={shown.length}
                row={(index) => shown[index]}
                id={(it) => it.id}
                empty={all.length === 0 ? <Empty title={t('models.none')} text={t('models.none_text')} /> : <Empty title={t('models.nothing')} text={t('models.nothing_text')} />}
              />
            </>
          );
        }}
      </Shown>
    </div>
  );
}

type Known = { isAllowed: (model: Listed) => boolean; aliases: (model: Listed) => string[]; price: (t: Text, format: Format, model: Listed) => string };

/** What the settings of the pool say of a model, where the list itself does not. */
function useKnown(pool: number): Known {
  const settings = useSettings(pool);
  const text = (name: string) => {
    const setting = settings.data?.find((it) => it.name === name);
    return setting ? (setting.value ?? setting.default) : '';
  };
  const allowed = commas(text('models.allowed'));
  const aliases = read(PAIR, text('models.aliases'));
  const prices = read(PRICE, text('models.prices'));
  return {
    isAllowed: (model) => model.allowed ?? (allowed.length === 0 || allowed.some((it) => isLike(model.id, it))),
    aliases: (model) => model.aliases ?? aliases.filter(([, stands]) => stands === model.id).map(([name = '']) => name),
    price: (t, format, model) => {
      const found = prices.find(([pattern = '']) => (isPattern(pattern) ? isLike(model.id, pattern) : pattern === model.id));
      const [input, cached, output] = model.price ? [model.price.input, model.price.cached, model.price.output] : (found?.slice(1).map(Number) ?? []);
      if (input === undefined || cached === undefined || output === undefined) return '';
      return t('models.price_is', { input: format.money(input), cached: format.money(cached), output: format.money(output) });
    },
  };
}

function columnsOf(t: Text, format: Format, known: Known): Column<Listed>[] {
  const limit = (tokens: number | null | undefined) => (tokens ? <span title={t('models.tokens', { count: tokens })}>{format.short(tokens)}</span> : '');
  return [
    { id: 'id', head: t('models.id'), fixed: true, width: 264, cell: (it) => <code className="font-mono" title={it.id}>{it.id}</code> },
    { id: 'name', head: t('models.name'), width: 220, extra: true, cell: (it) => <span title={it.display_name}>{it.display_name}</span> },
    {
      id: 'allowed',
      head: t('models.allowed'),
      width: 112,
      cell: (it) => (known.isAllowed(it) ? <Pill tone="good">{t('models.allowed.yes')}</Pill> : <Pill tone="off">{t('models.allowed.no')}</Pill>),
    },
    { id: 'input', head: t('models.input_limit'), width: 96, numeric: true, cell: (it) => limit(it.input_limit) },
    { id: 'output', head: t('models.output_limit'), width: 104, numeric: true, cell: (it) => limit(it.output_limit) },
    { id: 'thinking', head: t('models.thinks'), width: 72, cell: (it) => (it.thinking ? t('models.thinks.yes') : '') },
    {
      id: 'price',
      head: t('models.price'),
      width: 200,
      cell: (it) => known.price(t, format, it) || <span className="text-muted">{t('models.price.none')}</span>,
    },
    {
      id: 'aliases',
      head: t('models.aliases'),
      cell: (it) => {
        const names = known.aliases(it);
        return <span className="flex gap-1" title={names.join(', ')}>{names.map((name) => <Tag key={name}>{name}</Tag>)}</span>;
      },
    },
    {
      id: 'methods',
      head: t('models.methods'),
      width: 260,
      extra: true,
      cell: (it) => <span title={it.methods?.join(', ')}>{it.methods?.join(', ')}</span>,
    },
  ];
}
