import { api, ask, Refused, type Plan } from '@assay/api'

import { announce, save, useEditor } from '../state/editor.ts'
import { begin, forget, watch } from '../state/run.ts'
import { useTarget } from '../state/target.ts'
import { runStarted, strings } from '../strings.ts'

export interface Part {
  readonly to?: string[]
  readonly start?: string[]
  readonly only?: string[]
  readonly force?: string[]
}

const HERE = 'local'
const ALL = { to: [], start: [], only: [], force: [], force_all: false, params: {} }

function asked(part: Part, path: string) {
  return { ...ALL, ...part, path, target: useTarget.getState().name ?? HERE }
}

/** Say what a run would do; the file is saved first, since that is what runs. */
export async function plan(part: Part): Promise<Plan | null> {
  const path = useEditor.getState().path
  if (path === null || !(await save())) return null
  return ask(api.POST('/api/plan', { body: asked(part, path) }))
}

/** Save, run, and follow. */
export async function start(part: Part): Promise<void> {
  const { path, graph } = useEditor.getState()
  if (path === null || !(await save())) return
  begin(part.only ?? graph?.steps.map((step) => step.name) ?? [])
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

/** Run a step again although nothing changed: alone, or with all that follow. */
export function retry(step: string, following: boolean): Promise<void> {
  return start(following ? { start: [step], force: [step] } : { only: [step], force: [step] })
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
