import type { VersionDifference } from '@assay/api'
import { outline } from '@assay/document'
import { describe, expect, test } from 'vitest'

import { pictured, type MarkedNode } from '../../src/canvas/difference.ts'
import { linesOf } from '../../src/versions/marks.ts'

const BEFORE = `assay: 1
name: p
steps:
  a: {use: ./s.py:x}
  b: {use: ./s.py:x, in: {t: a.out}}
  c: {use: ./s.py:x}
layout: {a: [0, 0], b: [1, 0], c: [3, 0]}
notes:
  why: {text: Because., at: [0, 2]}
  gone: {text: "<img onerror>", at: [1, 2], size: [2, 1]}
groups:
  both: {steps: [a, b], title: Both, colour: blue}
  old: {steps: [c]}
`
const AFTER = BEFORE.replace('Because.', 'For this.').replace(/ {2}gone: .*\n/, '').replace('  old: {steps: [c]}', '  fresh: {steps: [c], collapsed: true}').replaceAll('a: [0, 0]', 'a: [0, 0.5]')

const found = {
  a: 'a', b: 'b', same: false, summary: '', pipeline: [], steps: [], wires: [], before: BEFORE,
  annotations: [
    { kind: 'note', name: 'why', title: 'For this.', change: 'changed', changes: [{ path: 'text', change: 'changed', from: 'Because.', to: 'For this.' }] },
    { kind: 'note', name: 'gone', title: '<img onerror>', change: 'removed', changes: [] },
    { kind: 'group', name: 'fresh', title: 'fresh', change: 'added', changes: [] },
    { kind: 'group', name: 'old', title: 'old', change: 'removed', changes: [] },
  ],
} as unknown as VersionDifference

function shown(difference: VersionDifference): MarkedNode[] {
  const [before, after] = [outline(BEFORE).graph, outline(AFTER).graph]
  if (!before || !after) throw new Error('no graph')
  return pictured(difference, before, after, {}).nodes
}

describe('notes and groups in a difference', () => {
  test('those of both versions are there, each with its mark, frames first and open', () => {
    expect(shown(found).map((node) => `${node.type} ${node.id} ${node.data.mark}`)).toEqual([
      'frame group:both same',
      'frame group:fresh added',
      'frame group:old removed',
      'note note:why changed',
      'note note:gone removed',
      'marked a same',
      'marked b same',
      'marked c same',
    ])
  })

  test('a frame is round its steps, and a note has its place and size', () => {
    const [both, , , , gone, a, b] = shown(found)
    for (const step of [a, b]) {
      expect(both?.position.x).toBeLessThan(step?.position.x ?? 0)
      expect(both?.position.y).toBeLessThan(step?.position.y ?? 0)
      expect((both?.position.x ?? 0) + (both?.width ?? 0)).toBeGreaterThan((step?.position.x ?? 0) + 200)
    }
    expect(gone).toMatchObject({ position: { x: 260, y: 260 }, width: 520, height: 130 })
  })

  test('the list says what changed', () => {
    expect(linesOf(found).map((line) => `${line.mark} ${line.text}`)).toEqual([
      'changed note why (For this.); text: "Because." → "For this."',
      'removed note gone (<img onerror>)',
      'added group fresh',
      'removed group old',
    ])
  })
})
