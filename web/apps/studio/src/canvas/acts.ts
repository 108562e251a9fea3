import { addGroup, addNote, freshAnnotation, moveSteps, ungroup } from '@assay/document'

import { run, select, useEditor } from '../state/editor.ts'
import { groupId, noteId, sorted } from '../state/things.ts'
import { aligned, type Way } from './align.ts'
import { heightsOf, places, type Place } from './geometry.ts'

/** Put an empty note on the canvas and begin to write it. */
export function writeNote(at: Place): void {
  const name = freshAnnotation(useEditor.getState().graph, 'note')
  if (run(addNote(name, '', at))) select([noteId(name)])
}

/** Draw a frame round the selected steps. */
export function groupSelected(): void {
  const { graph, selected } = useEditor.getState()
  const { steps } = sorted(selected)
  const name = freshAnnotation(graph, 'group')
  if (steps.length && run(addGroup(name, steps))) select([groupId(name)])
}

export function ungroupSelected(): void {
  const { groups } = sorted(useEditor.getState().selected)
  if (groups.length) run(ungroup(groups))
}

/** Bring the selected steps to one line, or space them evenly. */
export function align(way: Way): void {
  const { graph, components, selected } = useEditor.getState()
  if (!graph) return
  const heights = heightsOf(graph, components)
  const all = places(graph, heights)
  const chosen = Object.fromEntries(sorted(selected).steps.flatMap((name) => (all[name] ? [[name, all[name]] as const] : [])))
  const moved = aligned(chosen, heights, way)
  if (Object.keys(moved).length) run({ ...moveSteps(moved), label: `Align ${Object.keys(chosen).length} steps` })
}
