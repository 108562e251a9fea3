import { useEditor } from '../state/editor.ts'
import { strings } from '../strings.ts'
import { start } from './start.ts'

/** Run this step, all up to it, or all from it on. */
export function RunPart({ step }: { readonly step: string }) {
  const broken = useEditor((state) => state.faults.some((fault) => fault.severity === 'error'))
  return (
    <div className="row">
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
