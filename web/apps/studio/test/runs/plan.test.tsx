// @vitest-environment jsdom
import { api, Refused, type Param, type Plan } from '@assay/api'
import { outline } from '@assay/document'
import { act } from 'react'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { RunBar } from '../../src/runs/RunBar.tsx'
import { Runs } from '../../src/runs/Runs.tsx'
import { retry } from '../../src/runs/start.ts'
import { useEditor } from '../../src/state/editor.ts'
import { useRun } from '../../src/state/run.ts'
import { clean, page, pressed, served, shown, type, until, withDialogs, type Answers } from '../rendered.tsx'

const TEXT = 'assay: 1\nname: toy\nparams:\n  least: {type: int, default: 5}\nsteps:\n  tell: {use: ./steps.py:tell}\n'
const LEAST: Param = {
  name: 'least', type: 'int', items: null, required: false, default: 5, nullable: false, min: 1, max: 99, choices: [], unit: 'years', help: 'Who counts.', secret: false, path: 'any', column_of: '',
}

function refused(): never {
  throw new Refused({ code: 'missing-parameter', message: "parameter 'least' is not given and has no default", culprit: 'least', hint: '', faults: [] })
}

function planOf(body: unknown): Plan {
  const { params } = body as { params: Record<string, unknown> }
  const changed = Object.keys(params)
  const reasons = changed.map((about) => ({ cause: 'parameter changed', about, detail: '' }))
  return { pipeline: 'toy', counts: changed.length ? { run: 1, reuse: 0, skip: 0 } : { run: 0, reuse: 1, skip: 0 }, steps: [{ step: 'tell', verb: changed.length ? 'run' : 'reuse', reasons, key: 'a', run_items: 0, reused_items: 0 }] }
}

const ROWS = [{ run: 'r-1', status: 'succeeded', pipeline: 'toy', file: 'toy.yaml', started: 1, finished: 2, steps: {} }]
const answers: Answers = {
  'POST /api/plan': ({ body }) => planOf(body),
  'POST /api/runs': () => ({ run: 'r-1' }),
  'GET /api/runs': () => ROWS,
  'GET /api/runs/{run}': () => ({ run: 'r-1', status: 'succeeded', sequence: 9, steps: [], given: { least: 44 } }),
}

beforeEach(() => {
  withDialogs()
  useEditor.setState({ path: 'toy.yaml', text: TEXT, savedText: TEXT, graph: outline(TEXT).graph, faults: [], notice: '', params: [LEAST] })
  useRun.setState({ run: null, status: '', steps: {}, given: {} })
})
afterEach(clean)

const field = () => page().querySelector<HTMLInputElement>('dialog .plan-values input') ?? new HTMLInputElement()
const title = () => page().querySelector('dialog h2')?.textContent
const paramsAsked = (asked: ReturnType<typeof served>, path: string) => asked.filter((one) => one.path === path).flatMap((one) => (one.body ? [(one.body as { params: unknown }).params] : []))

/** Write into the field and leave it. */
function left(text: string): void {
  type(field(), text)
  field().blur()
}

test('another value counts for this run alone: the plan is made anew, the run is started with it, the file stays', async () => {
  const asked = served(answers)
  shown(<RunBar />)
  pressed('▶ Run')
  await until(() => page().querySelector('dialog'))
  expect(title()).toBe('What will happen: 1 reused')
  expect(field().value).toBe('5')
  expect(page().querySelector('dialog fieldset')?.textContent).toContain('Who counts. from 1 to 99 years')
  left('44')
  await until(() => title()?.includes('1 to run'))
  expect(page().querySelector('dialog tr')?.textContent).toBe('tellrunparameter changed least')
  expect(page().querySelector('dialog [role=status]')?.textContent).toContain('1 to run')
  pressed('Start')
  await until(() => useRun.getState().status === 'succeeded')
  expect(paramsAsked(asked, '/api/plan')).toEqual([{}, { least: 44 }])
  expect(paramsAsked(asked, '/api/runs')).toEqual([{ least: 44 }])
  expect(useEditor.getState().text).toBe(TEXT)
})

test('a value is taken back to that of the file', async () => {
  const asked = served(answers)
  shown(<RunBar />)
  pressed('▶ Run')
  await until(() => page().querySelector('dialog'))
  left('44')
  await until(() => title()?.includes('1 to run'))
  pressed('Reset to the default: least')
  await until(() => title()?.includes('1 reused'))
  expect(field().value).toBe('5')
  expect(paramsAsked(asked, '/api/plan').at(-1)).toEqual({})
})

test('a plan that cannot be made for want of a value is said above the form, and made when the value is there', async () => {
  served({ ...answers, 'POST /api/plan': refused })
  useEditor.setState({ params: [{ ...LEAST, required: true, default: null }] })
  shown(<RunBar />)
  pressed('▶ Run')
  await until(() => page().querySelector('dialog [role=alert]'))
  expect(page().querySelector<HTMLButtonElement>('dialog button.primary')?.disabled).toBe(true)
  served(answers)
  left('7')
  await until(() => title()?.includes('1 to run'))
  expect(page().querySelector('dialog [role=alert]')).toBeNull()
  expect(page().querySelector<HTMLButtonElement>('dialog button.primary')?.disabled).toBe(false)
})

test('of two questions the later one is answered, whichever answer comes first', async () => {
  const held: (() => void)[] = []
  const asked = served(answers)
  shown(<RunBar />)
  pressed('▶ Run')
  await until(() => page().querySelector('dialog'))
  const answer = api.POST
  const late = async (path: string, given: never) => {
    if (JSON.stringify(given).includes('"least":44')) await new Promise<void>((go) => held.push(go))
    return (answer as (path: string, given: never) => unknown)(path, given)
  }
  Object.assign(api, { POST: late })
  left('44')
  await until(() => held.length)
  pressed('Reset to the default: least')
  await until(() => paramsAsked(asked, '/api/plan').length === 2)
  held[0]?.()
  await until(() => paramsAsked(asked, '/api/plan').length === 3)
  await until(() => page().querySelector('dialog table')?.getAttribute('aria-busy') === 'false')
  expect(title()).toBe('What will happen: 1 reused')
})

test('what a run was given stands beside it, and goes with a retry as long as the pipeline has it', async () => {
  const asked = served(answers)
  useRun.setState({ run: 'r-1', status: 'failed', given: { least: 44, gone: 1 } })
  shown(<Runs />)
  await until(() => page().querySelector('tr'))
  expect(page().querySelector('tr th')?.textContent).toBe('r-1least 44, gone 1')
  await act(() => retry('tell', false))
  expect(paramsAsked(asked, '/api/runs')).toEqual([{ least: 44 }])
})
