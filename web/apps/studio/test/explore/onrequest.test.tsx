// @vitest-environment jsdom
import type { CaseExplanation, ExplanationFound } from '@assay/api'
import { act } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { OnRequest } from '../../src/explore/OnRequest.tsx'

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })

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
let place: HTMLElement
let root: Root
let acts: string[]
beforeEach(() => {
  place = document.body.appendChild(document.createElement('div'))
  root = createRoot(place)
  acts = []
})
afterEach(() => {
  act(() => root.unmount())
  place.remove()
})

function shown(explanation: Partial<CaseExplanation> | undefined, more: { fault?: string; able?: boolean } = {}): string {
  const whole = explanation && { status: 'none' as const, done: 0, total: 0, problem: '', hint: '', found: null, ...explanation }
  act(() => root.render(<OnRequest explanation={whole} fault={more.fault ?? ''} positive="covid" able={more.able ?? true} act={(one) => acts.push(one)} />))
  return place.textContent
}

function press(name: string): void {
  const button = [...place.querySelectorAll('button')].find((one) => one.textContent === name)
  if (!button) throw new Error(`no button ${name}`)
  act(() => button.click())
}

test('an image that no step explained can be explained, watched and cancelled', () => {
  expect(shown({})).toContain('No step explained this image')
  press('Explain this image')
  expect(shown({ status: 'running' })).toContain('being begun')
  expect(place.querySelector('progress')?.hasAttribute('value')).toBe(false)
  expect(shown({ status: 'running', done: 30, total: 1500 })).toContain('asked about 30 of about 1500 changed images')
  expect(place.querySelector('progress')?.value).toBe(30)
  press('Cancel')
  expect(shown({ status: 'cancelled' })).toContain('was cancelled')
  press('Explain this image again')
  expect(acts).toEqual(['begin', 'cancel', 'begin'])
})

test('what was computed says that it is no evidence, and stands beside random maps', () => {
  const text = shown({ status: 'done', found: FOUND })
  expect(text).toContain('not part of the signed evidence')
  expect([...place.querySelectorAll('tbody td')].map((cell) => cell.textContent)).toEqual(['0.125 (random 0.250)', '0.500 (random 0.375)', '10 of 10 random maps'])
  expect(text).toContain('Probability of covid: 0.750')
  expect(text).not.toContain('No step explained this image')
  expect(place.querySelector('button')).toBeNull()
})

test('another method than that of the run, and a map that says nothing, are told', () => {
  const text = shown({ status: 'done', found: { ...FOUND, instead: 'grad-cam needs more than answers of the model', constant: true } })
  expect(text).toContain('By occlusion, because grad-cam needs more than answers of the model.')
  expect(place.querySelector('.failure')?.textContent).toContain('same everywhere')
})

test('what went wrong is said with what to do, and may be tried again; without the model nothing is offered', () => {
  shown({ status: 'failed', problem: 'it was ended after 600 s', hint: 'a step may take longer' })
  expect(place.querySelector('[role=alert]')?.textContent).toBe('it was ended after 600 s a step may take longer')
  press('Explain this image again')
  shown({}, { fault: 'another image is being explained' })
  expect(place.querySelector('[role=alert]')?.textContent).toBe('another image is being explained')
  shown({}, { able: false })
  expect(place.querySelector('button')).toBeNull()
})
