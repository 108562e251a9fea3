import { removeSteps } from '@assay/document'
import { fragment, pasted } from '@assay/document/fragment'

import { announce, run, select, useEditor } from '../state/editor.ts'
import { sorted } from '../state/things.ts'
import { strings } from '../strings.ts'
import { heightsOf, places, type Place } from './geometry.ts'

/** The selected steps as text: of a group, the steps in it. */
export function copied(): string {
  const { document, graph, components } = useEditor.getState()
  if (!document || !graph || document.outline.problem) return ''
  return fragment(document.outline, selectedSteps(), places(graph, heightsOf(graph, components)))
}

/** Put the steps of a text on the canvas; false when it holds none. */
export function paste(text: string, at: Place | null, what?: string): boolean {
  const found = pasted(useEditor.getState().graph, text, at, what)
  if (!found) return false
  if (run(found.command)) select(found.names)
  return true
}

/** The same steps once more, a little aside. */
export function duplicate(): void {
  const { graph, components } = useEditor.getState()
  const names = selectedSteps()
  if (!graph || !names.length) return
  const at = places(graph, heightsOf(graph, components))
  const left = Math.min(...names.map((name) => at[name]?.[0] ?? 0))
  const top = Math.min(...names.map((name) => at[name]?.[1] ?? 0))
  paste(copied(), [left + 0.2, top + 0.4], strings.duplicate)
}

/** Listen to the browser's own copy, cut and paste: they need no permission, and bring text from anywhere. */
export function listen(at: () => Place): () => void {
  const elsewhere = (event: Event) => event.target instanceof Element && event.target.closest('input, textarea, select, .cm-editor, dialog') !== null
  const take = (event: ClipboardEvent) => {
    if (elsewhere(event) || String(getSelection())) return
    const text = copied()
    if (!text) return
    event.clipboardData?.setData('text/plain', text)
    event.preventDefault()
    const names = selectedSteps()
    if (event.type === 'cut') run(removeSteps(names))
    else announce(`${strings.copied} ${names.join(', ')}`)
  }
  const put = (event: ClipboardEvent) => {
    if (elsewhere(event) || useEditor.getState().path === null) return
    event.preventDefault()
    if (!paste(event.clipboardData?.getData('text/plain') ?? '', at())) announce(strings.nothingToPaste)
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

/** Selected steps, and those of selected groups. */
export function selectedSteps(): string[] {
  const { graph, selected } = useEditor.getState()
  const { steps, groups } = sorted(selected)
  const inside = graph?.groups.filter((group) => groups.includes(group.name)).flatMap((group) => group.steps) ?? []
  return [...new Set([...steps, ...inside])]
}
