// @vitest-environment jsdom
import type { CaseRow, CaseTable, NearImage, Nearest as Found } from '@assay/api'
import { QueryClient } from '@tanstack/react-query'
import { act } from 'react'
import { afterEach, expect, test } from 'vitest'

import { Nearest } from '../../src/explore/Nearest.tsx'
import { clean, key, page, pressed, shown } from '../rendered.tsx'

const PLACE = { run: 'r1', step: 'predict', port: 'predictions', item: 0 }
const ROW = { number: 4, name: 'images/a.png', patient: 'p1' } as CaseRow
const port = { step: 'fit', port: 'model', item: 0 }
const TABLE = { model: port, training: port, images: port } as unknown as CaseTable
afterEach(clean)

function near(file: string, more: Partial<NearImage> = {}): NearImage {
  return { file, patient: 'p9', label: 'covid', split: 'train', distance: 0.125, same_patient: false, same_file: false, ...more }
}

function told(found: Partial<Found>, table = TABLE): string {
  const queries = new QueryClient({ defaultOptions: { queries: { enabled: false, staleTime: Infinity } } })
  const whole: Found = { done: 3, among: 3, total: 3, kind: 'features', why: '', median: 0.5, of_patient: 0, nearest: [], ...found }
  queries.setQueryData(['nearest', PLACE, ROW.number], whole)
  shown(<Nearest key={JSON.stringify(found)} place={PLACE} table={table} row={ROW} />, queries)
  return page().textContent
}

function press(name: string): void {
  key(document.activeElement ?? document.body, name)
}

test('each neighbour tells label, patient and distance, and what it is small beside', () => {
  const text = told({ nearest: [near('images/1.png'), near('images/2 b.png', { label: 'other', distance: 0.25 })] })
  expect([...page().querySelectorAll('li')].map((one) => one.textContent)).toEqual(['covidp9distance 0.125', 'otherp9distance 0.250'])
  expect(text).toContain('Half of the 3 training images are farther than 0.500.')
  expect(page().querySelectorAll('img')[1]?.getAttribute('src')).toBe('/api/runs/r1/outputs/predict/predictions/cases/4/nearest/images/2%20b.png?edge=128&item=0')
  expect(page().querySelector('[role=alert]')).toBeNull()
})

test('one of them takes the Tab key, arrow keys move, Enter shows one large and again takes it away', () => {
  told({ nearest: [near('images/1.png'), near('images/2.png')] })
  const [first, second] = [...page().querySelectorAll('button')]
  expect([first?.tabIndex, second?.tabIndex]).toEqual([0, -1])
  act(() => first?.focus())
  press('ArrowRight')
  expect(document.activeElement).toBe(second)
  expect([first?.tabIndex, second?.tabIndex]).toEqual([-1, 0])
  press('ArrowRight')
  expect(document.activeElement).toBe(second)
  if (second) pressed(second)
  expect(page().querySelector('figure img')?.getAttribute('alt')).toBe('Training image images/2.png')
  expect(second?.getAttribute('aria-pressed')).toBe('true')
  if (second) pressed(second)
  expect(page().querySelector('figure')).toBeNull()
})

test('the same patient or the same bytes among the training images are called a leak', () => {
  const text = told({ of_patient: 2, nearest: [near('images/1.png', { same_patient: true, patient: 'p1' }), near('images/2.png', { same_file: true, distance: 0 })] })
  expect(page().querySelector('[role=alert]')?.textContent).toBe('Leak: 2 of 3 training images are of this patient. 1 of the nearest training images have the same bytes as this image.')
  expect([...page().querySelectorAll('.explore-leak')].map((one) => one.textContent)).toEqual(['same patient', 'same image'])
  expect(text).toContain('p1')
})

test('what is not known yet, cannot be known, or is compared in another way is said', () => {
  expect(told({ done: 1, median: null })).toContain('1 of 3 training images looked at; this is done once.')
  expect(page().querySelector('progress')?.value).toBe(1)
  expect(told({}, { ...TABLE, training: null })).toContain('are not among the outputs of this run')
  expect(told({ kind: 'pixels', why: 'it has no features', total: 9 })).toContain('By the pixels, because it has no features')
  expect(page().textContent).toContain('Looked at were 3 of 9 training images, drawn by lot.')
})
