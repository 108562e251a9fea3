// @vitest-environment jsdom
import type { Plan } from '@assay/api'
import { outline } from '@assay/document'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { RunBar } from '../../src/runs/RunBar.tsx'
import { Runs } from '../../src/runs/Runs.tsx'
import { useEditor } from '../../src/state/editor.ts'
import { useRun } from '../../src/state/run.ts'
import { clean, page, pressed, served, shown, until, withDialogs, type Answers } from '../rendered.tsx'

const TEXT = 'assay: 1\nname: toy\nsteps:\n  read: {use: ./steps.py:people}\n  tell: {use: ./steps.py:tell, in: {table: read.dataset}}\n'
const PLAN: Plan = {
  pipeline: 'toy',
  counts: { run: 1, reuse: 1, skip: 0 },
  steps: [
    { step: 'read', verb: 'reuse', reasons: [], key: 'a', run_items: 0, reused_items: 0 },
    { step: 'tell', verb: 'run', reasons: [{ cause: 'parameter changed', about: 'least', detail: '<b>1 → 2</b>' }], key: 'b', run_items: 0, reused_items: 0 },
  ],
}
const RUN = { run: 'r-2', status: 'succeeded', sequence: 9, steps: [], given: {} }
const answers: Answers = {
  'GET /api/session': () => ({ version: '1', workspace: 'w', types: [], targets: [{ name: 'local', title: 'This computer', cpu: 2, memory: 8 * 2 ** 30, gpu: 0 }] }),
  'POST /api/plan': () => PLAN,
  'POST /api/runs': () => ({ run: 'r-2' }),
  'GET /api/runs/{run}': () => RUN,
  'POST /api/runs/{run}/cancel': () => ({ run: 'r-2' }),
}
const badge = () => page().querySelector('.badge')?.textContent

beforeEach(() => {
  withDialogs()
  useEditor.setState({ path: 'toy.yaml', text: TEXT, savedText: TEXT, graph: outline(TEXT).graph, faults: [], notice: '' })
  useRun.setState({ run: null, status: '', steps: {} })
})
afterEach(clean)

describe('the plan', () => {
  test('says what will happen to each step and why; Start runs that file, there, and shows it', async () => {
    const asked = served(answers)
    shown(<RunBar />)
    await until(() => page().querySelector('option'))
    pressed('▶ Run')
    const dialog = await until(() => page().querySelector('dialog'))
    expect(dialog.getAttribute('aria-label')).toBe('What will happen: 1 to run, 1 reused')
    expect([...dialog.querySelectorAll('tr')].map((row) => [...row.children].map((cell) => cell.textContent))).toEqual([
      ['read', 'reuse', ''],
      ['tell', 'run', 'parameter changed least <b>1 → 2</b>'],
    ])
    expect(asked.some((one) => one.path === '/api/runs')).toBe(false)
    pressed('Start')
    await until(() => badge() === 'succeeded')
    expect(asked.find((one) => one.path === '/api/runs')?.body).toMatchObject({ path: 'toy.yaml', target: 'local', to: [], only: [] })
    expect(page().querySelector('dialog')).toBeNull()
    expect(page().querySelector('a')?.getAttribute('href')).toBe('/?run=r-2')
  })

  test('is left without a run by Close', async () => {
    const asked = served(answers)
    shown(<RunBar />)
    pressed('▶ Run')
    await until(() => page().querySelector('dialog'))
    pressed('Close')
    expect(page().querySelector('dialog')).toBeNull()
    expect(asked.map((one) => one.path)).not.toContain('/api/runs')
    expect(badge()).toBeUndefined()
  })

  test('that cannot be made is said, and what is in error cannot be run', async () => {
    served({ 'GET /api/session': answers['GET /api/session'] ?? (() => null) })
    shown(<RunBar />)
    pressed('▶ Run')
    await until(() => useEditor.getState().notice.includes('nobody answers POST /api/plan'))
    expect(page().querySelector('dialog')).toBeNull()
    useEditor.setState({ faults: [{ code: 'x', severity: 'error', message: '', culprit: '', hint: '', location: null, fixable: false, fix: null }] })
    await until(() => page().querySelector<HTMLButtonElement>('button.primary')?.disabled)
  })
})

describe('a run', () => {
  test('that goes on can be cancelled, and one that failed be resumed', async () => {
    const asked = served(answers)
    useRun.setState({ run: 'r-2', status: 'running' })
    shown(<RunBar />)
    expect(page().querySelector('button.primary')).toBeNull()
    pressed('Cancel')
    await until(() => asked.some((one) => one.path === '/api/runs/r-2/cancel'))
    useRun.setState({ status: 'failed' })
    await until(() => badge() === 'failed')
    pressed('Resume')
    await until(() => useEditor.getState().notice.includes('nobody answers POST /api/runs/{run}/resume'))
  })
})

const row = (run: string, status: string, seconds: number | null) => ({ run, status, pipeline: 'toy', file: 'toy.yaml', started: 100, finished: seconds === null ? null : 100 + seconds, steps: {} })

describe('the runs of a pipeline', () => {
  test('are listed with their state and time, one is shown by a click, and another held beside it', async () => {
    const pair = (a: number, b: number) => ({ a: { value: a, low: a - 0.1, high: a + 0.1 }, b: { value: b, low: null, high: null }, difference: b - a })
    const asked = served({
      ...answers,
      'GET /api/runs': () => [row('r-2', 'succeeded', 75), row('r-1', 'failed', null)],
      'GET /api/compare': () => ({ params: { least: { a: 1, b: 2 }, same: { a: 3, b: 3 } }, metrics: { auroc: pair(0.5, 0.75) }, trust: {} }),
    })
    shown(<Runs />)
    await until(() => page().querySelector('tr'))
    expect(asked[0]?.query).toEqual({ pipeline: 'toy' })
    expect([...page().querySelectorAll('tr')].map((one) => one.textContent)).toEqual(['r-2succeededRun page1 min 15 s', 'r-1failedRun page'])
    pressed('r-2')
    await until(() => page().querySelector('tr[aria-selected=true]')?.textContent.startsWith('r-2'))
    pressed('Compare with r-2')
    const table = await until(() => page().querySelector('table.compare'))
    expect(asked.find((one) => one.path === '/api/compare')?.query).toEqual({ a: 'r-1', b: 'r-2' })
    expect([...table.querySelectorAll('tbody tr')].map((one) => `${one.className}:${one.textContent}`)).toEqual([':least12', 'same:same33', ':auroc0.500 [0.400, 0.600]0.7500.250'])
  })

  test('that there are none is said', async () => {
    served({ 'GET /api/runs': () => [] })
    shown(<Runs />)
    await until(() => page().textContent === 'This pipeline has not run yet.')
  })
})
