import type { CasePage, CaseRow, CaseTable } from '@assay/api'

import { outputRoot } from '../parts/addresses.ts'
import { figure, filled } from '../strings.ts'
import { PAGE, readable } from './question.ts'
import { useRoving } from '../parts/roving.ts'
import type { PredictionsPlace } from './state.ts'
import { OUTCOMES, WORDS } from './words.ts'

interface Facts {
  readonly place: PredictionsPlace
  readonly table: CaseTable
  readonly found: CasePage
  readonly page: number
  readonly onPage: (page: number) => void
  readonly onOpen: (index: number) => void
}

/** Cases as tiles; one of them takes the Tab key, arrow keys move between them. */
export function CaseList({ place, table, found, page, onPage, onOpen }: Facts) {
  const roving = useRoving(found.rows.length)
  const pictured = table.images !== null
  if (!found.rows.length) return <p className="empty">{WORDS.none}</p>
  return (
    <>
      {!pictured && <p className="help">{table.key === 'file' ? WORDS.noPicture : WORDS.noImages}</p>}
      <ul className="explore-grid" onKeyDown={roving.onKeyDown}>
        {found.rows.map((row, index) => (
          <li key={row.number}>
            <button type="button" tabIndex={index === roving.at ? 0 : -1} onFocus={() => roving.onFocus(index)} onClick={() => onOpen(index)}>
              {pictured && <img loading="lazy" alt="" src={`${outputRoot(place.run, place.step, place.port)}/cases/${row.number}/picture?edge=128&item=${place.item}`} />}
              <Caption row={row} />
            </button>
          </li>
        ))}
      </ul>
      <nav className="row" aria-label={filled(WORDS.page, { from: page * PAGE + 1, to: page * PAGE + found.rows.length, total: found.total })}>
        <button type="button" disabled={page === 0} onClick={() => onPage(page - 1)}>
          {WORDS.previousPage}
        </button>
        <span>{filled(WORDS.page, { from: page * PAGE + 1, to: page * PAGE + found.rows.length, total: found.total })}</span>
        <button type="button" disabled={(page + 1) * PAGE >= found.total} onClick={() => onPage(page + 1)}>
          {WORDS.nextPage}
        </button>
      </nav>
    </>
  )
}

function Caption({ row }: { readonly row: CaseRow }) {
  return (
    <span className="explore-caption">
      <b className={`outcome-${OUTCOMES[row.outcome].mark}`}>
        <span aria-hidden="true">{OUTCOMES[row.outcome].mark}</span>
        <span className="hidden">{row.outcome}</span>
      </b>{' '}
      {figure(row.score)}
      <small>
        <bdi>{[row.sex, readable(row.age), row.patient || row.name].filter(Boolean).join(' ')}</bdi>
      </small>
    </span>
  )
}
