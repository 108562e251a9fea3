import { useShallow } from 'zustand/react/shallow'

import { useRun } from '../state/run.ts'
import { openNested, useRunName } from '../state/trail.ts'
import { insideOf } from '../state/whole.ts'
import { strings } from '../strings.ts'

/** A step that is a pipeline: the way into it, and how its steps stand in the run that is shown. */
export function Nested({ step, use }: { readonly step: string; readonly use: string }) {
  const name = useRunName(step)
  const inside = useRun(useShallow((state) => insideOf(state.steps, name).map(([one, view]) => `${one.slice(name.length + 1)}: ${view.status}`)))
  return (
    <>
      <button type="button" onClick={() => void openNested(step, use)}>
        {strings.openPipeline}
      </button>
      <ul className="nested">
        {inside.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </>
  )
}
