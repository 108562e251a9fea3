import { api, ask, type Comparison } from '@assay/api'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { ExploreLinks } from '../explore/ExploreLinks.tsx'
import { useEditor } from '../state/editor.ts'
import { useRun, watch } from '../state/run.ts'
import { duration, figure, strings } from '../strings.ts'
import { TrustFigures } from './TrustFigures.tsx'

/** The runs of this pipeline; one is shown on the canvas, another may be held beside it. */
export function Runs() {
  const pipeline = useEditor((state) => state.graph?.name)
  const shown = useRun((state) => state.run)
  const status = useRun((state) => state.status)
  const given = useRun((state) => state.given)
  const told = Object.entries(given).map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(', ')
  const [other, setOther] = useState<string | null>(null)
  const rows = useQuery({
    queryKey: ['runs', pipeline, shown, status],
    queryFn: () => ask(api.GET('/api/runs', { params: { query: { pipeline: pipeline ?? '' } } })),
  }).data
  if (!rows?.length) return <p className="empty">{strings.noRuns}</p>
  return (
    <div className="runs">
      <table>
        <tbody>
          {rows.map((row) => (
            <tr key={row.run} aria-selected={row.run === shown}>
              <th scope="row">
                <button type="button" className="quiet" onClick={() => void watch(row.run)}>
                  {row.run}
                </button>
                {row.run === shown && told && <small>{told}</small>}
              </th>
              <td>
                <span className={`badge status-${row.status}`}>{row.status}</span>
              </td>
              <td>
                <a href={`/?run=${encodeURIComponent(row.run)}`} target="_blank" rel="noreferrer" aria-label={`${strings.runPage} ${row.run}`}>
                  {strings.runPage}
                </a>
              </td>
              <td>{row.finished ? duration(row.finished - row.started) : ''}</td>
              <td>
                {shown && row.run !== shown && (
                  <button type="button" className="quiet" onClick={() => setOther(row.run)}>
                    {strings.compare} {shown}
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {shown && <ExploreLinks run={shown} />}
      {shown && other && other !== shown && <SideBySide a={other} b={shown} />}
    </div>
  )
}

function SideBySide({ a, b }: { readonly a: string; readonly b: string }) {
  const found = useQuery({ queryKey: ['compare', a, b], queryFn: () => ask(api.GET('/api/compare', { params: { query: { a, b } } })) }).data
  if (!found) return null
  return (
    <table className="compare">
      <thead>
        <tr>
          <th />
          <th scope="col">{a}</th>
          <th scope="col">{b}</th>
          <th scope="col">{strings.difference}</th>
        </tr>
      </thead>
      <tbody>
        {Object.entries(found.params).map(([name, pair]) => (
          <tr key={`p-${name}`} className={pair.a === pair.b ? 'same' : ''}>
            <th scope="row">{name}</th>
            <td>{JSON.stringify(pair.a)}</td>
            <td>{JSON.stringify(pair.b)}</td>
            <td />
          </tr>
        ))}
        {Object.entries(found.metrics).map(([name, pair]) => (
          <tr key={`m-${name}`} className={pair.difference === 0 ? 'same' : ''}>
            <th scope="row">{name}</th>
            <td>{withInterval(pair.a)}</td>
            <td>{withInterval(pair.b)}</td>
            <td>{pair.difference === null ? '' : figure(pair.difference)}</td>
          </tr>
        ))}
        <TrustFigures figures={found.trust} />
      </tbody>
    </table>
  )
}

function withInterval(value: Comparison['metrics'][string]['a']): string {
  if (!value) return ''
  const low = value.low ?? null
  const high = value.high ?? null
  return low === null || high === null ? figure(value.value) : `${figure(value.value)} [${figure(low)}, ${figure(high)}]`
}
