import { useEditor } from './state/editor.ts'
import { goBack, useTrail } from './state/trail.ts'
import { strings } from './strings.ts'

/** The way back from a pipeline that a step uses. */
export function Back() {
  const path = useEditor((state) => state.path)
  const last = useTrail((state) => (state.here === path ? state.files.at(-1) : undefined))
  if (last === undefined) return null
  return (
    <button type="button" onClick={() => void goBack()}>
      ← {strings.back} {last}
    </button>
  )
}
