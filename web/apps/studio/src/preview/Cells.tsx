import { figure, strings } from '../strings.ts'

const MOST = 200

type Cell = string | number | boolean | null

/** Rows under named columns, the first two hundred; a long table scrolls, by keys too. */
export function Cells({ title, columns, rows }: { readonly title: string; readonly columns: readonly string[]; readonly rows: readonly (readonly Cell[])[] }) {
  return (
    <div className="scroll cells" tabIndex={0} role="region" aria-label={title}>
      <table>
        <thead>
          <tr>
            {columns.map((name) => (
              <th scope="col" key={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, MOST).map((row, number) => (
            <tr key={number}>
              {row.map((cell, place) => (
                <td key={place} className={typeof cell === 'number' ? 'number' : ''}>
                  {shown(cell)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > MOST && (
        <p className="help">
          {MOST} {strings.of} {rows.length}
        </p>
      )}
    </div>
  )
}

function shown(cell: Cell): string {
  if (cell === null) return '–'
  return typeof cell === 'number' ? figure(cell) : String(cell)
}
