import type { Session } from '@assay/api'
import { lazy, Suspense, useState } from 'react'

import { useSession } from '../state/catalog.ts'
import { announce, useEditor } from '../state/editor.ts'
import { useRun } from '../state/run.ts'
import { chooseTarget, useTarget } from '../state/target.ts'
import { strings } from '../strings.ts'
import { cancel, planned, resume, start, type Planned } from './start.ts'

const PlanDialog = lazy(() => import('./PlanDialog.tsx'))

/** Start a run after showing what it would do; while one goes on, stop it. */
export function RunBar() {
  const [shown, setShown] = useState<Planned | null>(null)
  const run = useRun((state) => state.run)
  const status = useRun((state) => state.status)
  const errors = useEditor((state) => state.faults.some((fault) => fault.severity === 'error'))
  const going = status === 'running' || status === 'starting'
  const ask = () => {
    void planned({}).then((found) => {
      if (found?.plan === null && !useEditor.getState().params.length) announce(found.fault)
      else setShown(found) // where there are parameters, another value may be what is missing
    })
  }
  return (
    <div className="row" role="group" aria-label={strings.run}>
      <Where />
      {going ? (
        <button type="button" className="danger" disabled={!run} onClick={() => run && void cancel(run)}>
          {run ? strings.cancel : strings.starting}
        </button>
      ) : (
        <button type="button" className="primary" disabled={errors} onClick={ask}>
          ▶ {strings.run}
        </button>
      )}
      {run && ['failed', 'cancelled', 'interrupted'].includes(status) && (
        <button type="button" onClick={() => void resume(run)}>
          {strings.resume}
        </button>
      )}
      {run && !going && (
        <a href={`/?run=${encodeURIComponent(run)}`} target="_blank" rel="noreferrer">
          {strings.runPage}
        </a>
      )}
      {status && <span className={`badge status-${status}`}>{status}</span>}
      {shown && (
        <Suspense>
          <PlanDialog
            first={shown}
            onClose={() => setShown(null)}
            onStart={(params) => {
              setShown(null)
              void start({ params })
            }}
          />
        </Suspense>
      )}
    </div>
  )
}

/** Where runs go: the places that the server offers. */
function Where() {
  const targets = useSession()?.targets ?? []
  const name = useTarget((state) => state.name)
  const chosen = targets.find((target) => target.name === name) ?? targets[0]
  if (!chosen) return null
  return (
    <select aria-label={strings.target} title={room(chosen)} value={chosen.name} onChange={(event) => chooseTarget(event.target.value)}>
      {targets.map((target) => (
        <option key={target.name} value={target.name}>
          {target.title}
        </option>
      ))}
    </select>
  )
}

/** `2 cpu, 8 GB, 1 gpu`. */
function room({ cpu, memory, gpu }: Session['targets'][number]): string {
  return [`${cpu} cpu`, memory === null ? '' : `${Math.round(memory / 2 ** 30)} GB`, gpu ? `${gpu} gpu` : ''].filter(Boolean).join(', ')
}
