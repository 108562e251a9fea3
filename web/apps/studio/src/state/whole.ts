import { useRun, type StepView } from './run.ts'

const WORST = ['failed', 'running', 'retrying', 'waiting', 'cancelled', 'skipped', 'reused', 'succeeded']

/** The state that matters most among several steps; empty when none of them has one. */
export function worst(statuses: readonly string[]): string {
  const rest = statuses.some((one) => one === 'succeeded' || one === 'reused') ? statuses.filter((one) => one !== 'skipped') : statuses
  return WORST.find((one) => rest.includes(one)) ?? ''
}

/** The steps of a run that ran in the place of one that uses a pipeline. */
export function insideOf(steps: Readonly<Record<string, StepView>>, name: string): [string, StepView][] {
  return Object.entries(steps).filter(([one]) => one.startsWith(`${name}/`))
}

/** The same as one word, for the step that uses the pipeline. */
export function useWhole(name: string): string {
  return useRun((state) => worst(insideOf(state.steps, name).map(([, view]) => view.status)))
}
