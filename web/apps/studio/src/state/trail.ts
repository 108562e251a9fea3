import { create } from 'zustand'

import { useExplore } from '../explore/state.ts'
import { hideDifference } from '../versions/state.ts'
import { closeFile, openFile, save, useEditor } from './editor.ts'
import { forget, useRun, type StepView } from './run.ts'

interface Trail {
  /** The pipelines that lead to the open one, outermost first. */
  readonly files: readonly string[]
  /** The file that is open because of them; another one has no way back. */
  readonly here: string
  /** What the steps of the open file are called in a run of the outermost one: `adults/` before their own names. */
  readonly prefix: string
}

const NOWHERE: Trail = { files: [], here: '', prefix: '' }

export const useTrail = create<Trail>(() => NOWHERE)

/** Open the pipeline that a step uses. */
export async function openNested(step: string, use: string): Promise<void> {
  const { path } = useEditor.getState()
  if (path === null || !(await save())) return
  const { files, here, prefix } = useTrail.getState()
  const next = beside(path, use)
  await openFile(next)
  const known = here === path
  useTrail.setState({ files: known ? [...files, path] : [path], here: next, prefix: `${known ? prefix : ''}${step}/` })
}

/** Go back to the pipeline that leads here. */
export async function goBack(): Promise<void> {
  const { files, prefix } = useTrail.getState()
  const last = files.at(-1)
  if (last === undefined || !(await save())) return
  await openFile(last)
  const outer = files.slice(0, -1)
  useTrail.setState(outer.length ? { files: outer, here: last, prefix: prefix.split('/').slice(0, -2).join('/') + '/' } : NOWHERE)
}

/** Leave the open file for the list of files, with all that was shown of it. */
export async function backToFiles(): Promise<void> {
  if (!(await closeFile())) return
  hideDifference()
  useExplore.setState({ place: null })
  useTrail.setState(NOWHERE)
  forget()
  history.replaceState(null, '', '/') // an address that names a file or a run would open it again
}

/** What a step of the open file is called in the run that is shown. */
export function useRunName(step: string): string {
  const path = useEditor((state) => state.path)
  return useTrail((state) => (state.here === path ? state.prefix + step : step))
}

/** How a step of the open file stands in the run that is shown; it may be called constructor. */
export function useStepView(step: string): StepView | undefined {
  const name = useRunName(step)
  return useRun((state) => (Object.hasOwn(state.steps, name) ? state.steps[name] : undefined))
}

/** The path of the workspace that `use`, written in `path`, names. */
export function beside(path: string, use: string): string {
  const parts = path.split('/').slice(0, -1)
  for (const part of use.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}
