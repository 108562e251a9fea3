// @vitest-environment jsdom
import { outline } from '@assay/document'
import { act } from 'react'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { OutlineTable } from '../../src/panels/OutlineTable.tsx'
import { inSight, toSee } from '../../src/panels/windowing.ts'
import { select, useEditor } from '../../src/state/editor.ts'
import { clean, key, page, pressed, shown, type } from '../rendered.tsx'

const COUNT = 5000
const steps = Array.from({ length: COUNT }, (_, n) => `  s${n}: {use: ./steps.py:${n === 4321 ? 'rare' : 'x'}}`)
const graph = outline(['assay: 1', 'name: many', 'steps:', ...steps, ''].join('\n')).graph

beforeEach(() => {
  useEditor.setState({ path: 'many.yaml', graph, selected: [] })
  shown(<OutlineTable />)
})
afterEach(clean)

const names = () => [...page().querySelectorAll('tbody button')].map((button) => button.textContent)
const focused = () => document.activeElement ?? document.body

test('of 5,000 steps only those in sight are elements, and a reader hears how many there are and which each is', () => {
  expect(page().getElementsByTagName('*').length).toBeLessThan(250)
  expect(names()[0]).toBe('s0')
  const grid = page().querySelector('[role=grid]')
  expect(grid?.getAttribute('aria-rowcount')).toBe('5001')
  expect([...page().querySelectorAll('tbody tr[aria-rowindex]')].slice(0, 3).map((row) => row.getAttribute('aria-rowindex'))).toEqual(['2', '3', '4'])
  expect(page().querySelector('[role=status]')?.textContent).toBe('5000 steps')
})

test('scrolling draws other rows, and no more of them', () => {
  const box = page().querySelector('.outline-rows')
  if (!box) throw new Error('no rows')
  act(() => {
    box.scrollTop = 28 * 3000
    box.dispatchEvent(new Event('scroll', { bubbles: true }))
  })
  expect(names()).toContain('s3000')
  expect(names()).not.toContain('s0')
  expect(page().getElementsByTagName('*').length).toBeLessThan(250)
  expect(page().querySelector('tr[aria-rowindex="3002"] button')?.textContent).toBe('s3000')
})

test('arrow keys, Page Down and End lead on beyond what is drawn; one row is a stop of the Tab key', () => {
  act(() => page().querySelector<HTMLElement>('tbody button')?.focus())
  for (let turn = 0; turn < 60; turn++) key(focused(), 'ArrowDown')
  expect(focused().textContent).toBe('s60')
  key(focused(), 'PageDown')
  expect(focused().textContent).toBe('s67')
  key(focused(), 'End')
  expect(focused().textContent).toBe('s4999')
  key(focused(), 'ArrowDown')
  expect(focused().textContent).toBe('s4999')
  expect(page().querySelectorAll('tbody [tabindex="0"]')).toHaveLength(1)
  key(focused(), 'Home')
  expect(focused().textContent).toBe('s0')
})

test('a step is found by name or component, and reached from the field', () => {
  const field = page().querySelector<HTMLInputElement>('input[type=search]')
  if (!field) throw new Error('no field')
  type(field, 'RARE')
  expect(names()).toEqual(['s4321'])
  expect(page().querySelector('[role=status]')?.textContent).toBe('1 of 5000 steps')
  key(field, 'Enter')
  expect(focused().textContent).toBe('s4321')
  pressed('s4321')
  expect(useEditor.getState().selected).toEqual(['s4321'])
  type(field, 'none such')
  expect(names()).toEqual([])
})

test('a step that is selected on the canvas is brought into sight, and marked', () => {
  act(() => select(['s2500']))
  expect(page().querySelector('tr[aria-selected=true]')?.textContent).toContain('s2500')
})

test('the rows in sight are drawn with a few beyond, and a row is brought into sight by the shortest way', () => {
  expect(inSight(0, 100, 10, 1000)).toEqual({ first: 0, end: 16 })
  expect(inSight(505, 100, 10, 1000)).toEqual({ first: 44, end: 67 })
  expect(inSight(99_999, 100, 10, 20)).toEqual({ first: 14, end: 20 })
  expect(toSee(5, 100, 100, 10)).toBe(50)
  expect(toSee(11, 100, 100, 10)).toBe(100)
  expect(toSee(30, 100, 100, 10)).toBe(220)
})
