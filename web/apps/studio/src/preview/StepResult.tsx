import { lazy, Suspense, useState } from 'react'

import { Dialog } from '../parts/Dialog.tsx'
import { useRun } from '../state/run.ts'
import { strings } from '../strings.ts'

const Preview = lazy(() => import('./Preview.tsx'))
const Log = lazy(() => import('./Log.tsx'))

/** What a step of the shown run printed and gave; a click on a port opens it. */
export function StepResult({ step }: { readonly step: string }) {
  const run = useRun((state) => state.run)
  const view = useRun((state) => state.steps[step])
  const [open, setOpen] = useState<string | null>(null)
  if (!run || !view) return null
  return (
    <section>
      <h3>{strings.result}</h3>
      {view.message && <p className={view.status === 'failed' ? 'failure' : 'help'}>{view.message}</p>}
      {view.reasons.length > 0 && <p className="help">{view.reasons.join(', ')}</p>}
      <div className="row">
        <button type="button" onClick={() => setOpen('log')}>
          {strings.log}
        </button>
        {view.outputs.map((port) => (
          <button type="button" key={port} onClick={() => setOpen(`port:${port}`)}>
            {port}
          </button>
        ))}
      </div>
      {open && (
        <Dialog title={`${step}: ${open.replace('port:', '')}`} onClose={() => setOpen(null)}>
          <Suspense>
            {open === 'log' ? <Log run={run} step={step} /> : <Preview run={run} step={step} port={open.replace('port:', '')} />}
          </Suspense>
          <button type="button" onClick={() => setOpen(null)}>
            {strings.close}
          </button>
        </Dialog>
      )}
    </section>
  )
}
