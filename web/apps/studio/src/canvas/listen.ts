import { removeSteps } from '@assay/document'

import { announce, run, useEditor } from '../state/editor.ts'
import { strings } from '../strings.ts'
import type { Place } from './geometry.ts'

type Clipboard = typeof import('./clipboard.ts')

let loaded: Clipboard | null = null

/** Have what copies ready: a copy has to answer at once, and is of what is selected. */
export async function ready(): Promise<Clipboard> {
  loaded ??= await import('./clipboard.ts')
  return loaded
}

/** Listen to the browser's own copy, cut and paste: they need no permission, and bring text from anywhere. */
export function listen(at: () => Place): () => void {
  const elsewhere = (event: Event) => event.target instanceof Element && event.target.closest('input, textarea, select, .cm-editor, dialog') !== null
  const give = (clipboard: Clipboard, type: string, write: (text: string) => void) => {
    const text = clipboard.copied()
    if (!text) return false
    write(text)
    const names = clipboard.selectedSteps()
    if (type === 'cut') run(removeSteps(names))
    else announce(`${strings.copied} ${names.join(', ')}`)
    return true
  }
  const take = (event: ClipboardEvent) => {
    if (elsewhere(event) || String(getSelection())) return
    if (loaded) {
      if (give(loaded, event.type, (text) => event.clipboardData?.setData('text/plain', text))) event.preventDefault()
    } else if (useEditor.getState().selected.length) {
      event.preventDefault() // the key came before what answers it: the clipboard is written a moment later
      void ready().then((clipboard) => give(clipboard, event.type, (text) => void navigator.clipboard.writeText(text)))
    }
  }
  const put = (event: ClipboardEvent) => {
    if (elsewhere(event) || useEditor.getState().path === null) return
    event.preventDefault()
    const text = event.clipboardData?.getData('text/plain') ?? ''
    const place = at()
    void ready().then((clipboard) => clipboard.paste(text, place) || announce(strings.nothingToPaste))
  }
  document.addEventListener('copy', take)
  document.addEventListener('cut', take)
  document.addEventListener('paste', put)
  return () => {
    document.removeEventListener('copy', take)
    document.removeEventListener('cut', take)
    document.removeEventListener('paste', put)
  }
}
