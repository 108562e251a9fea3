import { api, ask, type Case, type CaseRow, type CaseTable } from '@assay/api'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'

import { figure, filled } from '../strings.ts'
import { Layers } from './Layers.tsx'
import { Nearest } from './Nearest.tsx'
import { readable } from './question.ts'
import type { PredictionsPlace } from './state.ts'
import { WORDS } from './words.ts'

interface Facts {
  readonly place: PredictionsPlace
  readonly table: CaseTable
  readonly row: CaseRow
  readonly position: number
  readonly total: number
  readonly onMove: (position: number) => void
  readonly onClose: () => void
}

/** One case: its image with what lies over it, truth and prediction, and everything that is known of the patient. */
export function CaseView({ place, table, row, position, total, onMove, onClose }: Facts) {
  const heading = useRef<HTMLHeadingElement>(null)
  const path = { run: place.run, step: place.step, port: place.port, number: row.number }
  const { data: found, error } = useQuery({
    queryKey: ['case', place, row.number],
    queryFn: () => ask(api.GET('/api/runs/{run}/outputs/{step}/{port}/cases/{number}', { params: { path, query: { item: place.item } } })),
    staleTime: Infinity,
  })
  useEffect(() => heading.current?.focus(), [])
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.target instanceof HTMLElement && event.target.closest('input, select, textarea, [role="slider"]')) return
      if (event.key === 'Escape') onClose()
      else if (event.target instanceof HTMLElement && event.target.closest('.explore-near')) return // there they move between training images
      else if (event.key === 'ArrowRight' && position + 1 < total) onMove(position + 1)
      else if (event.key === 'ArrowLeft' && position > 0) onMove(position - 1)
      else return
      event.preventDefault()
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [onClose, onMove, position, total])
  return (
    <article className="explore-case">
      <div className="row">
        <button type="button" onClick={onClose}>
          {WORDS.backToList}
        </button>
        <button type="button" disabled={position === 0} onClick={() => onMove(position - 1)}>
          ← {WORDS.previous}
        </button>
        <button type="button" disabled={position + 1 >= total} onClick={() => onMove(position + 1)}>
          {WORDS.next} →
        </button>
        <span className="help">{WORDS.keys}</span>
      </div>
      <h2 ref={heading} tabIndex={-1}>
        {WORDS.case} {position + 1} / {total}: {row.outcome}
      </h2>
      {error && <p className="failure" role="alert">{error.message}</p>}
      <div className="explore-sides">
        {found && (found.picture ? <Layers place={place} table={table} found={found} /> : <p className="help">{table.key === 'file' ? WORDS.noPicture : WORDS.noImages}</p>)}
        <div>
          <Facts row={row} table={table} found={found} />
          {found?.picture && <Nearest place={place} table={table} row={row} />}
        </div>
      </div>
    </article>
  )
}

function Facts({ row, table, found }: { readonly row: CaseRow; readonly table: CaseTable; readonly found: Case | undefined }) {
  const first = [
    [WORDS.truth, row.label],
    [WORDS.answer, row.predicted],
    [WORDS.score, `${figure(row.score)} (${filled('{called} {positive} {at} {threshold}', { called: WORDS.called.toLowerCase(), positive: table.positive, at: WORDS.threshold, threshold: figure(row.threshold) })})`],
    [WORDS.patient, [row.patient, row.sex, readable(row.age)].filter(Boolean).join(', ')],
  ] as const
  return (
    <>
      <table className="explore-facts">
        <tbody>
          {first.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>
                <bdi>{value}</bdi>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {found && (
        <details>
          <summary>{WORDS.facts}</summary>
          <table>
            <tbody>
              {Object.entries(found.cells).map(([name, value]) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td>
                    <bdi>{value === '' ? WORDS.unknown : readable(value)}</bdi>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      )}
    </>
  )
}
