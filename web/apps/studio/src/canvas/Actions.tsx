import { lazy, Suspense, useEffect, useState } from 'react'

import { useEditor } from '../state/editor.ts'
import { sorted } from '../state/things.ts'
import { strings } from '../strings.ts'
import { align, groupSelected, ungroupSelected, writeNote } from './acts.ts'
import { WAYS } from './align.ts'
import { listen, ready } from './listen.ts'
import type { Place } from './geometry.ts'

const MakePipeline = lazy(() => import('./MakePipeline.tsx'))

/** What can be done with the canvas, and with what is selected on it. */
export function Actions({ centre }: { readonly centre: () => Place }) {
  const [making, setMaking] = useState(false)
  const selected = useEditor((state) => state.selected)
  useEffect(() => listen(centre), [centre])
  useEffect(() => {
    if (selected.length) void ready()
  }, [selected])
  const { steps, groups } = sorted(selected)
  const problem = useEditor((state) => (state.broken ? state.document?.outline.problem : null))
  return (
    <div className="actions" role="toolbar" aria-label={strings.actions}>
      <button type="button" title="N" onClick={() => writeNote(centre())}>
        + {strings.note}
      </button>
      {steps.length > 0 && (
        <>
          <button type="button" title="G" onClick={groupSelected}>
            {strings.group}
          </button>
          <button type="button" title="Ctrl+D" onClick={() => void ready().then((clipboard) => clipboard.duplicate())}>
            {strings.duplicate}
          </button>
        </>
      )}
      {(steps.length > 1 || groups.length > 0) && (
        <button type="button" onClick={() => setMaking(true)}>
          {strings.makePipeline}
        </button>
      )}
      {making && (
        <Suspense>
          <MakePipeline onClose={() => setMaking(false)} />
        </Suspense>
      )}
      {groups.length > 0 && (
        <button type="button" title="Shift+G" onClick={ungroupSelected}>
          {strings.ungroup}
        </button>
      )}
      {steps.length > 1 &&
        WAYS.map((way) => (
          <button key={way} type="button" onClick={() => align(way)}>
            {strings.align[way]}
          </button>
        ))}
      {problem && (
        <p className="broken" role="status">
          {problem.line}:{problem.column} {problem.message} – {strings.broken}
        </p>
      )}
    </div>
  )
}
