import type { Preview } from '@assay/api'

import { figure, strings } from '../strings.ts'
import { words } from './words.ts'

type Table = Extract<Preview, { kind: 'table' }>

/** A page of a table under its schema: type, missing share, different values, ends. */
export function TableView({ shape, page, onPage }: { readonly shape: Table; readonly page: number; readonly onPage: (page: number) => void }) {
  const end = shape.start + shape.rows.length
  const last = shape.total === null ? shape.rows.length === 0 : end >= shape.total
  return (
    <>
      <div className="scroll" tabIndex={0} role="region" aria-label={strings.result}>
        <table>
          <thead>
            <tr>
              {shape.columns.map((column, place) => (
                <th scope="col" key={place}>
                  {column.name}
                  <small>
                    {column.type}
                    {column.missing > 0 && `, ${share(column.missing)} ${strings.missing}`}
                  </small>
                  {column.type !== 'empty' && (
                    <small>
                      {column.distinct} {words.different}
                      {column.least !== null && column.most !== null && `, ${figure(column.least)} … ${figure(column.most)}`}
                    </small>
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shape.rows.map((row, number) => (
              <tr key={number}>
                {row.map((cell, place) => (
                  <td key={place}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className="row">
        <button type="button" disabled={page === 0} aria-label={words.before} onClick={() => onPage(page - 1)}>
          ◀
        </button>
        <span className="help" role="status">
          {words.rows} {shape.rows.length ? shape.start + 1 : end}–{end} {shape.total !== null && `${strings.of} ${shape.total}`}
        </span>
        <button type="button" disabled={last} aria-label={words.after} onClick={() => onPage(page + 1)}>
          ▶
        </button>
        {(shape.total === null || shape.looked_at < shape.total) && (
          <span className="help">
            {words.columnsBy} {shape.looked_at}
          </span>
        )}
      </div>
    </>
  )
}

/** A share of a hundred; what is there at all is not said to be none. */
function share(part: number): string {
  return part < 0.005 ? '< 1 %' : `${(part * 100).toFixed(0)} %`
}
