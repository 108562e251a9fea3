import { lazy, Suspense, useState } from 'react'

import { Dialog } from '../parts/Dialog.tsx'
import { strings } from '../strings.ts'

export const Gallery = lazy(() => import('./Gallery.tsx'))

/** The gallery in a dialog, while another pipeline is open. */
export function NewPipeline() {
  const [open, setOpen] = useState(false)
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        {strings.newOne}
      </button>
      {open && (
        <Dialog title={strings.newPipeline} onClose={() => setOpen(false)}>
          <Suspense>
            <Gallery onMade={() => setOpen(false)} />
          </Suspense>
          <button type="button" onClick={() => setOpen(false)}>
            {strings.close}
          </button>
        </Dialog>
      )}
    </>
  )
}
