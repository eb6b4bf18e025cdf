// The live list of models, as one pool sees it.

import { useMayChange } from '../../api/queries.ts';
import type { Model, Pool } from '../../api/schema.ts';
import { useFormat, useText, type Text } from '../../i18n/index.tsx';
import type { Format } from '../../i18n/format.ts';
import { useParam } from '../../ui/address.ts';
import { Input } from '../../ui/field.tsx';
import { useModels } from '../../ui/models/data.ts';
import { RefreshModels } from '../../ui/models/refresh.tsx';
import { Pill, Tag } from '../../ui/pill.tsx';
import { Empty, Shown } from '../../ui/state.tsx';
import { ColumnChoice, Table, type Column } from '../../ui/table/index.tsx';

export function ModelList({ owner, seen }: { owner: number | null; seen: Pool }) {
  const t = useText();
  const models = useModels(seen.id);
  const mayChange = useMayChange();
  const format = useFormat();
  const [search, setSearch] = useParam('search');
  const columns = columnsOf(t, format);
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
          const texts = (it: Model) => `${it.id} ${it.display_name} ${it.aliases.join(' ')}`.toLowerCase();
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

/** What a million tokens cost, in, from a cache, and out. */
function price(t: Text, format: Format, { price: known }: Model): string {
  if (!known) return '';
  return t('models.price_is', { input: format.money(known.input), cached: format.money(known.cached), output: format.money(known.output) });
}

function columnsOf(t: Text, format: Format): Column<Model>[] {
  const limit = (tokens: number | null | undefined) => (tokens ? <span title={t('models.tokens', { count: tokens })}>{format.short(tokens)}</span> : '');
  return [
    { id: 'id', head: t('models.id'), fixed: true, width: 248, cell: (it) => <code className="font-mono" title={it.id}>{it.id}</code> },
    { id: 'name', head: t('models.name'), width: 220, extra: true, cell: (it) => <span title={it.display_name}>{it.display_name}</span> },
    {
      id: 'allowed',
      head: t('models.allowed'),
      width: 112,
      cell: (it) => (it.allowed ? <Pill tone="good">{t('models.allowed.yes')}</Pill> : <Pill tone="off">{t('models.allowed.no')}</Pill>),
    },
    { id: 'input', head: t('models.input_limit'), width: 96, numeric: true, cell: (it) => limit(it.input_limit) },
    { id: 'output', head: t('models.output_limit'), width: 104, numeric: true, cell: (it) => limit(it.output_limit) },
    { id: 'thinking', head: t('models.thinks'), width: 72, cell: (it) => (it.thinking ? t('models.thinks.yes') : '') },
    {
      id: 'price',
      head: t('models.price'),
      width: 224,
      cell: (it) => price(t, format, it) || <span className="text-muted">{t('models.price.none')}</span>,
    },
    {
      id: 'aliases',
      head: t('models.aliases'),
      cell: (it) => <span className="flex gap-1" title={it.aliases.join(', ')}>{it.aliases.map((name) => <Tag key={name}>{name}</Tag>)}</span>,
    },
    {
      id: 'methods',
      head: t('models.methods'),
      width: 260,
      extra: true,
      cell: (it) => <span title={it.methods.join(', ')}>{it.methods.join(', ')}</span>,
    },
  ];
}
