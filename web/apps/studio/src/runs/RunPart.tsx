import { useEditor } from '../state/editor.ts'
import { useRun } from '../state/run.ts'
import { useStepView } from '../state/trail.ts'
import { strings } from '../strings.ts'
import { retry, start } from './start.ts'

/** Run this step, all up to it, or all from it on; one that went wrong is tried again. */
export function RunPart({ step }: { readonly step: string }) {
  const broken = useEditor((state) => state.faults.some((fault) => fault.severity === 'error'))
  const status = useStepView(step)?.status
  const going = useRun((state) => state.status === 'running')
  const wrong = status === 'failed' || status === 'cancelled'
  return (
    <div className="row">
      {wrong && (
        <>
          <button type="button" className="primary" disabled={broken || going} onClick={() => void retry(step, false)}>
            {strings.retry}
          </button>
          <button type="button" disabled={broken || going} onClick={() => void retry(step, true)}>
            {strings.retryFrom}
          </button>
        </>
      )}
      <button type="button" disabled={broken} onClick={() => void start({ only: [step], force: [step] })}>
        {strings.runThis}
      </button>
      <button type="button" disabled={broken} onClick={() => void start({ to: [step] })}>
        {strings.runTo}
      </button>
      <button type="button" disabled={broken} onClick={() => void start({ start: [step] })}>
        {strings.runFrom}
      </button>
    </div>
  )
}
