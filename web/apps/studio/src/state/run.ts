import { api, ask, type Run } from '@assay/api'
import type { Json } from '@assay/document'
import { create } from 'zustand'

import { runEnded } from '../strings.ts'
import { announce } from './editor.ts'
import { useReach } from './reach.ts'
import { follow } from './stream.ts'

/** What a step looks like while, and after, it runs. */
export interface StepView {
  readonly status: string
  readonly seconds: number
  readonly started: number | null
  readonly progress: { readonly done: number; readonly total: number | null; readonly message: string } | null
  readonly message: string
  /** The last lines that it has printed, while it is at work and when it failed. */
  readonly tail: readonly string[]
  readonly outputs: readonly string[]
  readonly reasons: readonly string[]
}

interface Watched {
  readonly run: string | null
  readonly status: string
  readonly steps: Readonly<Record<string, StepView>>
  readonly sequence: number
  /** Parameters of the pipeline that it was given, beside what the file says. */
  readonly given: Readonly<Record<string, Json>>
}

const FRESH: StepView = { status: 'waiting', seconds: 0, started: null, progress: null, message: '', tail: [], outputs: [], reasons: [] }

export const useRun = create<Watched>(() => ({ run: null, status: '', steps: {}, sequence: 0, given: {} }))

const { getState: get, setState: set } = useRun
let stop: (() => void) | null = null

interface LogEvent {
  readonly sequence: number
  readonly time: number
  readonly type: string
  readonly key?: { readonly step: string; readonly item: number | null }
  readonly step?: string
  readonly [field: string]: unknown
}

/** Show a run, and follow it for as long as it goes on. */
export async function watch(run: string): Promise<void> {
  leave()
  const found = await ask(api.GET('/api/runs/{run}', { params: { path: { run } } }))
  const steps = Object.fromEntries(found.steps.filter((step) => step.item === null).map((step) => [step.step, viewOf(step)]))
  set({ run: found.run, status: found.status, steps, sequence: found.sequence, given: found.given as Record<string, Json> })
  if (found.status === 'running') stop = listen(found.run)
}

/** Show that a run has been asked for, before the server has answered. */
export function begin(names: readonly string[], given: Readonly<Record<string, Json>> = {}): void {
  leave()
  set({ run: null, status: 'starting', steps: Object.fromEntries(names.map((name) => [name, FRESH])), sequence: 0, given })
}

export function leave(): void {
  stop?.()
  stop = null
}

export function forget(): void {
  leave()
  set({ run: null, status: '', steps: {}, sequence: 0, given: {} })
}

/** From the last event that was taken in: none is lost or taken twice, whatever became of the server meanwhile. */
function listen(run: string): () => void {
  return follow(() => `/api/runs/${encodeURIComponent(run)}/events?tails=true&after=${get().sequence}`, {
    message: (data) => take(JSON.parse(data) as LogEvent),
    named: {
      tail: (data) => takeTail(JSON.parse(data) as Tail),
      end: (data) => {
        const { status } = JSON.parse(data) as { status: string }
        leave()
        set({ status })
        announce(runEnded(status))
      },
    },
    opened: () => useReach.setState({ reach: 'here' }),
    lost: () => useReach.getState().reach === 'here' && useReach.setState({ reach: 'gone' }),
  })
}

/** Fold one event in; one that was seen already, after a reconnect, changes nothing. */
export function take(event: LogEvent): void {
  if (event.sequence <= get().sequence) return
  const name = event.key?.item === null ? event.key.step : event.step
  const before = name === undefined ? undefined : (get().steps[name] ?? FRESH)
  const next = before && folded(before, event)
  set((state) => ({
    sequence: event.sequence,
    status: event.type === 'run.finished' ? String(event.outcome) : 'running',
    steps: next && name !== undefined && next !== before ? { ...state.steps, [name]: next } : state.steps,
  }))
}

interface Tail {
  readonly step: string
  readonly item: number | null
  readonly lines: readonly string[]
}

/** Keep what a step said last; of many elements, the one that spoke last. Of one that has ended well nothing is kept. */
export function takeTail({ step, item, lines }: Tail): void {
  const before = get().steps[step] ?? FRESH
  if (before.status === 'succeeded' || before.status === 'reused') return
  const tail = item === null ? lines : lines.map((line) => `[${item}] ${line}`)
  set((state) => ({ steps: { ...state.steps, [step]: { ...before, tail } } }))
}

function folded(step: StepView, event: LogEvent): StepView {
  const ended = { seconds: typeof event.seconds === 'number' ? event.seconds : step.seconds, progress: null }
  const well = { ...ended, tail: [] }
  const outputs = Object.keys((event.outputs as Record<string, unknown> | undefined) ?? {})
  switch (event.type) {
    case 'step.started':
      return { ...FRESH, status: 'running', started: event.time, reasons: (event.reasons as string[] | undefined) ?? [] }
    case 'step.expanded':
      return { ...step, status: 'running', started: step.started ?? event.time }
    case 'step.progress':
      return {
        ...step,
        progress: { done: Number(event.done), total: (event.total as number | null) ?? null, message: words(event.message) },
      }
    case 'step.finished':
    case 'step.mapped':
      return { ...step, ...well, status: 'succeeded', outputs }
    case 'step.reused':
      return { ...step, ...well, status: 'reused', outputs }
    case 'step.skipped':
      return { ...step, ...ended, status: 'skipped', message: words(event.because) || words(event.reason) }
    case 'step.cancelled':
      return { ...step, ...ended, status: 'cancelled' }
    case 'step.failed': {
      const failure = event.failure as { message?: string } | undefined
      const again = event.retry_in !== null && event.retry_in !== undefined
      return { ...step, ...ended, status: again ? 'retrying' : 'failed', message: failure?.message ?? '' }
    }
    default:
      return step
  }
}

function words(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function viewOf(step: Run['steps'][number]): StepView {
  return {
    status: step.status,
    seconds: step.seconds,
    started: step.started ?? null,
    progress: step.status === 'running' ? step.progress : null,
    message: step.failure?.message ?? step.because,
    tail: [],
    outputs: Object.keys(step.outputs),
    reasons: step.reasons,
  }
}
