import { expect, test } from 'vitest'

import { boundsOf, inside, near, touches, widened } from '../../src/canvas/culling.ts'
import type { CanvasNode } from '../../src/canvas/elements.ts'

const node = (id: string, x: number, y: number, more: object = {}) =>
  ({ id, type: 'step', position: { x, y }, data: { inputs: [], outputs: [] }, ...more }) as unknown as CanvasNode
const grid = (count: number) => Array.from({ length: count }, (_, n) => node(`s${n}`, (n % 20) * 260, Math.floor(n / 20) * 130))

test('what is in sight is near, and what is selected wherever it is', () => {
  const nodes = [...grid(400), node('far', 90_000, 0, { selected: true }), node('hidden', 0, 0, { hidden: true })]
  const found = near(nodes, { x: 0, y: 0, width: 500, height: 200 })
  expect([...found].sort()).toEqual(['far', 's0', 's1', 's20', 's21'])
})

test('more than can be handled is not near at all', () => {
  expect(near(grid(400), { x: 0, y: 0, width: 9000, height: 9000 }).size).toBe(0)
})

test('boxes', () => {
  expect(boundsOf([node('a', -10, 0), node('b', 300, 100)])).toEqual({ x: -10, y: 0, width: 510, height: 152 })
  const box = { x: 0, y: 0, width: 10, height: 10 }
  expect(widened(box, 0.5)).toEqual({ x: -5, y: -5, width: 20, height: 20 })
  expect(inside(box, widened(box, 0.1))).toBe(true)
  expect(inside(widened(box, 0.1), box)).toBe(false)
  expect(touches(box, { ...box, x: 10 })).toBe(false)
  expect(touches(box, { ...box, x: 9 })).toBe(true)
})
