import { lazy, Suspense, useEffect } from 'react'

import { useEditor } from '../state/editor.ts'
import { strings } from '../strings.ts'
import { offerTour, showKeys, useHelp } from './state.ts'

const Tour = lazy(() => import('./Tour.tsx'))
const Keys = lazy(() => import('./Keys.tsx'))

/** The tour for the first time, the sheet of keys behind `?`. Both are loaded when they are shown. */
export function Help() {
  const open = useEditor((state) => state.path !== null)
  const touring = useHelp((state) => state.stop !== null)
  const keys = useHelp((state) => state.keys)
  useEffect(() => {
    if (open) offerTour()
  }, [open])
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const writing = event.target instanceof Element && event.target.closest('input, textarea, select, .cm-editor') !== null
      if (event.key === '?' && !writing) showKeys(true)
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [])
  return (
    <>
      <button type="button" title={strings.keys} aria-label={strings.keys} onClick={() => showKeys(true)}>
        ?
      </button>
      <Suspense>
        {touring && open && <Tour />}
        {keys && <Keys />}
      </Suspense>
    </>
  )
}
