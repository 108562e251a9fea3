import fc from 'fast-check'
import { expect, test } from 'vitest'

import { aligned, WAYS } from '../../src/canvas/align.ts'

const HEIGHTS = { a: 65, b: 130, c: 260 }
const PLACES = { a: [0, 0], b: [1, 1], c: [4, 3] } as const

test.each([
  ['left', { b: [0, 1], c: [0, 3] }],
  ['right', { a: [4, 0], b: [4, 1] }],
  ['top', { b: [1, 0], c: [4, 0] }],
  ['bottom', { a: [0, 4.5], b: [1, 4] }],
  ['across', { b: [2, 1] }],
  ['down', { b: [1, 1.25] }],
] as const)('%s', (way, expected) => {
  expect(aligned(PLACES, HEIGHTS, way)).toEqual(expected)
})

test('what is aligned already does not move, and two cannot be spaced', () => {
  expect(aligned({ a: [0, 0], b: [0, 1] }, HEIGHTS, 'left')).toEqual({})
  expect(aligned({ a: [0, 0], b: [3, 1] }, HEIGHTS, 'across')).toEqual({})
})

test('aligning twice is aligning once', () => {
  const places = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 })), { minKeys: 2 })
  fc.assert(
    fc.property(places, fc.constantFrom(...WAYS), (before, way) => {
      const once = { ...before, ...aligned(before, HEIGHTS, way) }
      const again = aligned(once, HEIGHTS, way)
      for (const [name, at] of Object.entries(again)) at.forEach((value, axis) => expect(value).toBeCloseTo(once[name]?.[axis] ?? NaN, 9))
    }),
    { numRuns: 2000, seed: 5 },
  )
})
