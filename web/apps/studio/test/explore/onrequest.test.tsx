// @vitest-environment jsdom
import type { CaseExplanation, ExplanationFound } from '@assay/api'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { OnRequest } from '../../src/explore/OnRequest.tsx'
import { clean, page, pressed, shown } from '../rendered.tsx'

const FOUND: ExplanationFound = {
  method: 'occlusion',
  title: 'occlusion (blur, 6 px)',
  instead: '',
  score: 0.75,
  strongest: 1.5,
  constant: false,
  curves: [{ fill: 'blur', deletion: 0.125, insertion: 0.5, random_deletion: 0.25, random_insertion: 0.375, beaten: 10 }],
  random_maps: 10,
  asked: 1500,
}
let acts: string[]
beforeEach(() => {
  acts = []
})
afterEach(clean)

function told(explanation: Partial<CaseExplanation> | undefined, more: { fault?: string; able?: boolean } = {}): string {
  const whole = explanation && { status: 'none' as const, done: 0, total: 0, problem: '', hint: '', found: null, ...explanation }
  shown(<OnRequest explanation={whole} fault={more.fault ?? ''} positive="covid" able={more.able ?? true} act={(one) => acts.push(one)} />)
  return page().textContent
}

test('an image that no step explained can be explained, watched and cancelled', () => {
  expect(told({})).toContain('No step explained this image')
  pressed('Explain this image')
  expect(told({ status: 'running' })).toContain('being begun')
  expect(page().querySelector('progress')?.hasAttribute('value')).toBe(false)
  expect(told({ status: 'running', done: 30, total: 1500 })).toContain('asked about 30 of about 1500 changed images')
  expect(page().querySelector('progress')?.value).toBe(30)
  pressed('Cancel')
  expect(told({ status: 'cancelled' })).toContain('was cancelled')
  pressed('Explain this image again')
  expect(acts).toEqual(['begin', 'cancel', 'begin'])
})

test('what was computed says that it is no evidence, and stands beside random maps', () => {
  const text = told({ status: 'done', found: FOUND })
  expect(text).toContain('not part of the signed evidence')
  expect([...page().querySelectorAll('tbody td')].map((cell) => cell.textContent)).toEqual(['0.125 (random 0.250)', '0.500 (random 0.375)', '10 of 10 random maps'])
  expect(text).toContain('Probability of covid: 0.750')
  expect(text).not.toContain('No step explained this image')
  expect(page().querySelector('button')).toBeNull()
})

test('another method than that of the run, and a map that says nothing, are told', () => {
  const text = told({ status: 'done', found: { ...FOUND, instead: 'grad-cam needs more than answers of the model', constant: true } })
  expect(text).toContain('By occlusion, because grad-cam needs more than answers of the model.')
  expect(page().querySelector('.failure')?.textContent).toContain('same everywhere')
})

test('what went wrong is said with what to do, and may be tried again; without the model nothing is offered', () => {
  told({ status: 'failed', problem: 'it was ended after 600 s', hint: 'a step may take longer' })
  expect(page().querySelector('[role=alert]')?.textContent).toBe('it was ended after 600 s a step may take longer')
  pressed('Explain this image again')
  told({}, { fault: 'another image is being explained' })
  expect(page().querySelector('[role=alert]')?.textContent).toBe('another image is being explained')
  told({}, { able: false })
  expect(page().querySelector('button')).toBeNull()
})
