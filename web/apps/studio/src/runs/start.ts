import { api, ask, Refused, type Plan } from '@assay/api'
import type { Json } from '@assay/document'

import { announce, save, useEditor } from '../state/editor.ts'
import { begin, forget, useRun, watch } from '../state/run.ts'
import { useTarget } from '../state/target.ts'
import { runStarted, strings } from '../strings.ts'

/** Of the pipeline's own parameters, by name. */
export type Values = Readonly<Record<string, Json>>

export interface Part {
  readonly to?: string[]
  readonly start?: string[]
  readonly only?: string[]
  readonly force?: string[]
  /** Those that take another value than the file gives. */
  readonly params?: Values
}

/** What a run would do, or why that cannot be said. */
export interface Planned {
  readonly plan: Plan | null
  readonly fault: string
}

const HERE = 'local'
const ALL = { to: [], start: [], only: [], force: [], force_all: false, params: {} }

function asked(part: Part, path: string) {
  return { ...ALL, ...part, path, target: useTarget.getState().name ?? HERE }
}

/** Say what a run would do, or nothing when the file, which is what runs, could not be saved first. */
export async function planned(part: Part): Promise<Planned | null> {
  const path = useEditor.getState().path
  if (path === null || !(await save())) return null
  try {
    return { plan: await ask(api.POST('/api/plan', { body: asked(part, path) })), fault: '' }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return { plan: null, fault: [error.problem.message, ...error.problem.faults.map((fault) => fault.message)].join(' ') }
  }
}

/** Save, run, and follow. */
export async function start(part: Part): Promise<void> {
  const { path, graph } = useEditor.getState()
  if (path === null || !(await save())) return
  begin(part.only ?? graph?.steps.map((step) => step.name) ?? [], part.params)
  try {
    const { run } = await ask(api.POST('/api/runs', { body: asked(part, path) }))
    announce(runStarted(run))
    await watch(run)
  } catch (error) {
    forget()
    if (!(error instanceof Refused)) throw error
    announce([error.problem.message, error.problem.hint].filter(Boolean).join(' – '))
  }
}

/** Run a step again although nothing changed, with what its run was given: alone, or with all that follow. */
export function retry(step: string, following: boolean): Promise<void> {
  const declared = useEditor.getState().params.map((param) => param.name)
  const params = Object.fromEntries(Object.entries(useRun.getState().given).filter(([name]) => declared.includes(name)))
  return start({ params, force: [step], ...(following ? { start: [step] } : { only: [step] }) })
}

export async function cancel(run: string): Promise<void> {
  await ask(api.POST('/api/runs/{run}/cancel', { params: { path: { run } } }))
  announce(strings.cancelling)
}

export async function resume(run: string): Promise<void> {
  try {
    await ask(api.POST('/api/runs/{run}/resume', { params: { path: { run } } }))
    await watch(run)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    announce(error.problem.message)
  }
}
