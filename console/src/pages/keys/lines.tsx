// What became, or would become, of keys that are added: counts, and each line with why.

import { useMemo } from 'react';
import { useFormat, useText } from '../../i18n/index.tsx';
import { Pill, type Tone } from '../../ui/pill.tsx';
import { Table, type Column } from '../../ui/table/index.tsx';
import { countOf, type Line } from './paste.ts';

const TONES: Record<string, Tone> = { added: 'good', duplicate: 'off', refused: 'bad' };
/** What the server says of lines that it cannot take. */
const REFUSALS: Record<string, string> = {
  'it is shorter than 8 characters': 'short',
  'a key is visible ASCII without spaces and commas': 'text',
  'a weight is a number from 1 to 1000000': 'weight',
};
const ORDER = ['refused', 'duplicate', 'added'];

/** `tense` says whether it was done, or would be. */
export function Lines({ lines, tense }: { lines: Line[]; tense: 'would' | 'was' }) {
  const t = useText();
  const format = useFormat();
  const sorted = useMemo(
    () => [...lines].sort((one, other) => ORDER.indexOf(one.result) - ORDER.indexOf(other.result) || one.line - other.line),
    [lines],
  );
  const whyOf = (it: Line) => (it.isRepeated ? t('keys.repeated') : t.of('keys.refusal', REFUSALS[it.why ?? ''] ?? it.why ?? ''));
  const columns: Column<Line>[] = [
    { id: 'line', head: t('keys.line'), width: 72, numeric: true, fixed: true, cell: (it) => format.number(it.line) },
    { id: 'key', head: t('keys.key'), width: 96, cell: (it) => (it.last4 ? <code className="font-mono">…{it.last4}</code> : '–') },
    { id: 'result', head: t('keys.becomes'), width: 152, cell: (it) => <Pill tone={TONES[it.result] ?? 'off'}>{t.of(`keys.${tense}`, it.result)}</Pill> },
    { id: 'why', head: t('keys.why'), cell: (it) => <span title={whyOf(it)}>{whyOf(it)}</span> },
  ];
  return (
    <div className="flex flex-col gap-2">
      <p role="status" className="flex flex-wrap gap-x-4 gap-y-1">
        {['added', 'duplicate', 'refused'].map((result) => (
          <Pill key={result} tone={TONES[result] ?? 'off'}>
            {t(`keys.count_${tense}_${result}` as 'keys.count_was_added', { count: countOf(lines, result) })}
          </Pill>
        ))}
      </p>
      <Table
        name="lines"
        label={t('keys.lines')}
        columns={columns}
        count={sorted.length}
        row={(index) => sorted[index]}
        id={(it) => it.line}
        height="220px"
      />
    </div>
  );
}
