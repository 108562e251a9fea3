import './pickers.css'

import type { Param } from '@assay/api'
import { setValue, type Json } from '@assay/document'
import { lazy, Suspense, useRef, useState } from 'react'

import { run } from '../state/editor.ts'
import { Typed } from './Typed.tsx'
import { PICK } from './words.ts'

const Browser = lazy(() => import('./Browser.tsx'))

/** A parameter that names a file or folder: written, or found in the workspace. */
export default function PathField({ id, step, param, value }: { readonly id: string; readonly step: string; readonly param: Param; readonly value: Json | undefined }) {
  const [open, setOpen] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  const text = typeof value === 'string' ? value : ''
  const put = (next: string) => run(setValue(step, param.name, next))
  const close = () => {
    setOpen(false)
    button.current?.focus()
  }
  return (
    <div className="pick-line">
      <Typed id={id} aria-describedby={`${id}-help`} value={text} onDone={put} />
      <button type="button" ref={button} aria-label={`${PICK.browseFor} ${param.name}`} onClick={() => setOpen(true)}>
        {PICK.browse}
      </button>
      {open && (
        <Suspense>
          <Browser
            kind={param.path}
            title={`${PICK.browseFor} ${param.name}`}
            value={text}
            onClose={close}
            onChoose={(chosen) => {
              if (chosen !== text) put(chosen)
              close()
            }}
          />
        </Suspense>
      )}
    </div>
  )
}
