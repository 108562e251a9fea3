// @vitest-environment jsdom
import { act } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { embedded } from '../../src/preview/chart/embedded.ts'
import { Figure } from '../../src/preview/chart/Figure.tsx'
import { drawable } from '../../src/preview/chart/grammar.ts'
import { numbersOf } from '../../src/preview/chart/numbers.ts'
import house from './house.json'

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })

const LINE = { mark: 'line', data: { values: [{ x: 1, y: 2 }] }, encoding: { x: { field: 'x', type: 'quantitative' }, y: { field: 'y', type: 'quantitative' } } }

describe('the form of a chart', () => {
  test.each(house.map((one) => [one.title, one] as const))('what Assay writes has it: %s', (_, one) => {
    expect(drawable(one)).toBe(true)
    expect(numbersOf(one).rows.length).toBeGreaterThan(0)
  })

  test.each([
    ['an address', { ...LINE, data: { url: 'http://evil/x.json' } }],
    ['a sequence', { ...LINE, data: { sequence: { start: 0, stop: 1e12 } } }],
    ['an expression', { ...LINE, transform: [{ calculate: 'sequence(1e9)', as: 'z' }] }],
    ['a filter that computes', { ...LINE, transform: [{ filter: 'sequence(1e9).length' }] }],
    ['signals', { ...LINE, params: [{ name: 'p', expr: '1' }] }],
    ['a link', { ...LINE, encoding: { ...LINE.encoding, href: { value: 'javascript:alert(1)' } } }],
    ['an image', { ...LINE, mark: { type: 'image' }, encoding: { ...LINE.encoding, url: { value: 'http://evil/x.png' } } }],
    ['ticks without end', { ...LINE, encoding: { ...LINE.encoding, x: { field: 'x', type: 'quantitative', axis: { tickCount: 1e9 } } } }],
    ['bins without end', { ...LINE, encoding: { ...LINE.encoding, x: { field: 'x', type: 'quantitative', bin: { step: 1e-9 } } } }],
    ['a field that is a path', { ...LINE, encoding: { ...LINE.encoding, x: { field: "x']||alert(1)", type: 'quantitative' } } }],
    ['options of an embedder', { ...LINE, usermeta: { embedOptions: { loader: {} } } }],
    ['too many points', { ...LINE, data: { values: Array.from({ length: 5001 }, (_, x) => ({ x })) } }],
    ['a picture of a mile', { ...LINE, width: 1e9 }],
    ['no mark', { data: { values: [] } }],
    ['nothing', null],
    ['text', 'line'],
    ['a list', [LINE]],
    ['a prototype', JSON.parse('{"__proto__": {"mark": "line"}, "constructor": 1, "mark": "line"}') as unknown],
  ])('a stranger with %s is not drawn', (_, one) => {
    expect(drawable(one)).toBe(false)
  })
})

test('numbers are those of the points, of layers too, without what only orders them', () => {
  const found = numbersOf({ layer: [{ data: { values: [{ x: 1, order: 0, low: null }, { x: 2, y: 'a' }, 'odd', { z: {} }] } }], data: { values: [{ x: 0, series: '' }] } })
  expect(found).toEqual({ columns: ['x', 'y'], rows: [[0, null], [1, null], [2, 'a']] })
  expect(numbersOf({ data: { values: 'x' }, layer: 3 }).rows).toEqual([])
})

test('a drawing gives its chart back, and a broken one nothing', () => {
  const svg = (kept: string) => `<svg xmlns="http://www.w3.org/2000/svg"><metadata class="vega-lite">${kept}</metadata></svg>`
  expect(embedded(svg('{"title": "a &lt; b"}'))).toEqual({ title: 'a < b' })
  for (const text of [svg('{'), svg('3'), '<svg xmlns="http://www.w3.org/2000/svg"/>', 'no svg', '']) expect(embedded(text)).toBeUndefined()
})

describe('a figure', () => {
  let place: HTMLElement
  let root: Root
  beforeEach(() => {
    place = document.body.appendChild(document.createElement('div'))
    root = createRoot(place)
  })
  afterEach(() => {
    act(() => root.unmount())
    place.remove()
  })

  test('is drawn, and its numbers stand beside it', async () => {
    for (const one of house) {
      await import('../../src/preview/chart/Plot.tsx') // what the figure loads when it is shown
      await act(async () => {
        root.render(<Figure key={one.title} title={one.title} specification={one} picture="data:," />)
        await vi.dynamicImportSettled()
      })
      await vi.waitFor(() => expect(place.querySelector('.plot svg .mark-rect, .plot svg .mark-line, .plot svg .mark-symbol')).not.toBeNull())
      expect(place.querySelector('.plot')?.getAttribute('aria-label')).toBe(one.title)
      expect(place.querySelectorAll('tbody tr').length).toBe(one.data.values.length)
    }
  })

  test('of another form is the picture that came with it, and its numbers', () => {
    act(() => root.render(<Figure title="odd" specification={{ ...LINE, params: [] }} picture="data:image/png;base64,AA" />))
    expect(place.querySelector('img')?.getAttribute('alt')).toBe('odd')
    expect(place.querySelector('.plot')).toBeNull()
    expect(place.querySelectorAll('tbody tr').length).toBe(1)
  })
})
