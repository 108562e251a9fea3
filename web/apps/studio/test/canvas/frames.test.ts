import { outline } from '@assay/document'
import { expect, test } from 'vitest'

import { carried, framed } from '../../src/canvas/annotations/frames.ts'
import { edgesOf, nodesOf } from '../../src/canvas/elements.ts'

const TEXT = (collapsed: boolean) => `assay: 1
name: x
steps:
  a: {use: i/a}
  b: {use: t/b, in: {p: a.o}}
  c: {use: t/c, in: {p: b.o}}
  d: {use: t/d, in: {p: c.o, q: b.o}}
layout: {a: [0, 0], b: [1, 0], c: [2, 0], d: [3, 0]}
groups: {g: {steps: [b, c], collapsed: ${collapsed}}}
notes: {n: {text: hello, at: [1, 2], size: [2, 1]}}
`

function drawn(collapsed: boolean) {
  const graph = outline(TEXT(collapsed)).graph
  if (!graph) throw new Error('no graph')
  return { nodes: nodesOf(graph, {}, [], ['group:g']), edges: edgesOf(graph, {}) }
}

test('a frame is round its steps, and selected as a thing of its own', () => {
  const { nodes, edges } = drawn(false)
  const frame = nodes.find((node) => node.id === 'group:g')
  expect(frame).toMatchObject({ position: { x: 242, y: -34 }, width: 496, selected: true })
  expect(nodes.filter((node) => node.hidden)).toEqual([])
  expect(edges).toHaveLength(4)
  expect(nodes.find((node) => node.id === 'note:n')).toMatchObject({ position: { x: 260, y: 260 }, width: 520, height: 130 })
})

test('a closed group hides its steps; wires from outside end at it, those inside are gone', () => {
  const { nodes, edges } = drawn(true)
  expect(nodes.filter((node) => node.hidden).map((node) => node.id)).toEqual(['b', 'c'])
  expect(edges.map(({ source, sourceHandle, target, targetHandle }) => [source, sourceHandle, target, targetHandle])).toEqual([
    ['a', 'o|?', 'group:g', 'b.p'],
    ['group:g', 'c.o', 'd', 'p|?'],
    ['group:g', 'b.o', 'd', 'q|?'],
  ])
  expect(nodes.find((node) => node.id === 'group:g')?.data).toMatchObject({ inputs: ['b.p'], outputs: ['c.o', 'b.o'] })
})

test('a frame that moves takes its steps along, and follows a step that moves', () => {
  const { nodes } = drawn(false)
  const moves = carried([{ id: 'group:g', type: 'position', position: { x: 252, y: -24 }, dragging: false }], nodes)
  expect(moves.map((move) => [move.id, move.position, move.dragging])).toEqual([
    ['b', { x: 270, y: 10 }, false],
    ['c', { x: 530, y: 10 }, false],
  ])
  const lower = framed(nodes.map((node) => (node.id === 'c' ? { ...node, position: { x: 520, y: 200 } } : node)))
  expect(lower.find((node) => node.id === 'group:g')?.height).toBeGreaterThan(200)
})

test('a step that moves by itself is not moved twice', () => {
  const { nodes } = drawn(false)
  const own = { id: 'b', type: 'position', position: { x: 261, y: 0 } } as const
  expect(carried([{ id: 'group:g', type: 'position', position: { x: 252, y: -24 } }, own], nodes).map((move) => move.id)).toEqual(['c'])
})
