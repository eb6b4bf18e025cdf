// Texts such as `gpt-4o=gemini-2.5-pro` and `gemini-2.5-pro=1.25/0.31/10`, and their rows.

/** The cells of an entry, from left to right. */
export type Row = string[];

/** How many cells stand right of the `=`, parted by `/`. */
export type Format = { right: number };

export const PAIR: Format = { right: 1 };
export const PRICE: Format = { right: 3 };

export function read(format: Format, text: string): Row[] {
  const entries = text.split(',').map((it) => it.trim());
  return entries.filter(Boolean).map((entry) => {
    const at = entry.indexOf('=');
    const [left, rest] = at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
    const cells = format.right === 1 ? [rest] : rest.split('/');
    return [left.trim(), ...Array.from({ length: format.right }, (_, index) => (cells[index] ?? '').trim())];
  });
}

export const write = (format: Format, rows: Row[]): string =>
  rows.map(([left = '', ...right]) => `${left.trim()}=${right.slice(0, format.right).map((it) => it.trim()).join('/')}`).join(',');

/** Whether a cell would be read as something else: commas and equals signs part entries and cells. */
export const isBroken = (cell: string): boolean => /[,=]/.test(cell);

const isCell = (cell: string): boolean => cell.trim() !== '' && !isBroken(cell);

/** Whether a row can be written. */
export const isUsable = (row: Row): boolean => row.every(isCell);

