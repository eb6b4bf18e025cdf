// A short list as a table that becomes cards where there is no room: for a few things with acts beside them.

import type { ReactNode } from 'react';

export type RowColumn<Row> = { head: string; cell: (row: Row) => ReactNode; numeric?: boolean; acts?: boolean };

type RowsProps<Row> = { label: string; rows: Row[]; columns: RowColumn<Row>[]; id: (row: Row) => number | string; empty?: ReactNode };

export function Rows<Row>({ label, rows, columns, id, empty }: RowsProps<Row>) {
  if (rows.length === 0 && empty) return <div className="card">{empty}</div>;
  return (
    <div className="card min-w-0">
      <table aria-label={label} className="block w-full min-[800px]:table">
        <thead className="hidden min-[800px]:table-header-group">
          <tr>
            {columns.map((column) => (
              <th key={column.head} scope="col" className={`border-b border-line px-4 py-2 text-xs text-muted ${column.numeric || column.acts ? 'text-right' : 'text-left'}`}>
                {column.acts ? <span className="sr-only">{column.head}</span> : column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="block min-[800px]:table-row-group">
          {rows.map((row) => (
            <tr key={id(row)} className="block border-b border-line px-4 py-2 last:border-b-0 min-[800px]:table-row min-[800px]:p-0 min-[800px]:[&:last-child>td]:border-b-0">
              {columns.map((column) => (
                <td
                  key={column.head}
                  className={`flex min-w-0 justify-between gap-4 py-1 min-[800px]:table-cell min-[800px]:border-b min-[800px]:border-line min-[800px]:px-4 min-[800px]:py-2 ${
                    column.numeric || column.acts ? 'min-[800px]:text-right' : ''
                  }`}
                >
                  <span aria-hidden="true" className="shrink-0 text-xs text-muted min-[800px]:hidden">
                    {column.acts ? '' : column.head}
                  </span>
                  <span className={`min-w-0 break-words ${column.acts ? 'flex flex-wrap justify-end gap-1' : ''}`}>{column.cell(row)}</span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
