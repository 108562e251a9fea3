import { fragment, pasted } from '@assay/document/fragment'

import { run, select, useEditor } from '../state/editor.ts'
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

/** Selected steps, and those of selected groups. */
export function selectedSteps(): string[] {
  const { graph, selected } = useEditor.getState()
  const { steps, groups } = sorted(selected)
  const inside = graph?.groups.filter((group) => groups.includes(group.name)).flatMap((group) => group.steps) ?? []
  return [...new Set([...steps, ...inside])]
}
