import type { Component, VersionDifference } from '@assay/api'
import type { Graph, Group, Note, Step } from '@assay/document'
import type { Edge, Node } from '@xyflow/react'

import { strings } from '../strings.ts'
import { changeText, SIGNS, type Mark } from '../versions/marks.ts'
import { groupId, noteId } from '../state/things.ts'
import { COLUMN, heightOf, heightsOf, places, ROW, WIDTH, type Place } from './geometry.ts'
import { portsOf } from './ports.ts'

// xyflow wants types that have an index signature: an interface has none
/* eslint-disable @typescript-eslint/consistent-type-definitions */
export type MarkedNote = Node<{ readonly note: Note; readonly mark: Mark }, 'note'>
export type MarkedFrame = Node<{ readonly group: Group; readonly mark: Mark }, 'frame'>
export type MarkedData = {
  readonly step: Step
  readonly mark: Mark
  readonly notes: readonly string[]
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
}
/* eslint-enable @typescript-eslint/consistent-type-definitions */
export type MarkedStep = Node<MarkedData, 'marked'>
export type MarkedNode = MarkedStep | MarkedNote | MarkedFrame

const MOST_NOTES = 5
const MOST_DRAWN = 80
const APART = 0.75
const NOTE_LINE = 18
const FRAME_EDGE = 18
const FRAME_TITLE = 34

/** Both versions on top of each other: what went stands where it stood, moved down where something else stands now. */
export function pictured(found: VersionDifference, before: Graph, after: Graph, components: Readonly<Record<string, Component>>): { nodes: MarkedNode[]; edges: Edge[] } {
  const said = new Map(found.steps.map((step) => [step.step, step]))
  const gone = before.steps.filter((step) => said.get(step.name)?.change === 'removed')
  const removedWires = found.wires.filter((wire) => wire.change === 'removed' && wire.kind === 'port')
  const merged: Graph = {
    ...after,
    steps: [...after.steps, ...gone],
    edges: [
      ...after.edges,
      ...removedWires.map((wire) => ({ source: { step: wire.source, port: wire.port }, target: { step: wire.target, port: wire.into }, kind: 'port' as const })),
    ],
  }
  const at = apart(places(merged, heightsOf(merged, components)), gone)
  const nodes = merged.steps.map((step): MarkedStep => {
    const change = said.get(step.name)
    const mark = change?.change ?? 'same'
    const notes = [...(change?.was ? [`${strings.versions.was} ${change.was}`] : []), ...(change?.changes.map(changeText) ?? [])]
    const wired = merged.edges.filter((edge) => edge.kind === 'port')
    const known = portsOf(step, components[step.use], merged)
    const more = (names: readonly string[], own: readonly { name: string }[]) => [...new Set([...own.map((port) => port.name), ...names])]
    const [x, y] = at[step.name] ?? [0, 0]
    return {
      id: step.name,
      type: 'marked',
      position: { x: x * COLUMN, y: y * ROW },
      draggable: false,
      ariaLabel: [step.name, strings.versions.marks[mark], ...notes].join(', '),
      data: {
        step,
        mark,
        notes: notes.length > MOST_NOTES ? [...notes.slice(0, MOST_NOTES - 1), `… ${notes.length - MOST_NOTES + 1}`] : notes,
        inputs: more(wired.filter((edge) => edge.target.step === step.name).map((edge) => edge.target.port), known.inputs),
        outputs: more(wired.filter((edge) => edge.source.step === step.name).map((edge) => edge.source.port), known.outputs),
      },
    }
  })
  const edges = edgesOf(merged, found)
  const drawn = nodes.length > MOST_DRAWN ? around(nodes, edges) : { nodes, edges }
  return { nodes: [...framesOf(found, before, after, drawn.nodes), ...notesOf(found, before, after, nodes.length > MOST_DRAWN), ...drawn.nodes], edges: drawn.edges }
}

function markOf(found: VersionDifference, kind: 'note' | 'group', name: string): Mark {
  return found.annotations.find((one) => one.kind === kind && one.name === name)?.change ?? 'same'
}

/** The notes of both versions; of a large pipeline only those that differ. */
function notesOf(found: VersionDifference, before: Graph, after: Graph, large: boolean): MarkedNote[] {
  const gone = before.notes.filter((note) => markOf(found, 'note', note.name) === 'removed')
  return [...after.notes, ...gone].flatMap((note): MarkedNote[] => {
    const mark = markOf(found, 'note', note.name)
    if (large && mark === 'same') return []
    const size = note.size ? { width: note.size[0] * COLUMN, height: note.size[1] * ROW } : { width: COLUMN }
    return [
      {
        id: noteId(note.name),
        type: 'note',
        position: { x: note.at[0] * COLUMN, y: note.at[1] * ROW },
        ...size,
        draggable: false,
        className: note.size ? '' : 'note-free',
        ariaLabel: [note.text.slice(0, 80), strings.versions.marks[mark]].join(', '),
        data: { note, mark },
      },
    ]
  })
}

/** A frame for each group of both versions, drawn open, round those of its steps that are drawn. */
function framesOf(found: VersionDifference, before: Graph, after: Graph, drawn: readonly MarkedStep[]): MarkedFrame[] {
  const now = new Map(found.steps.flatMap((step) => (step.was ? [[step.was, step.step] as const] : [])))
  const steps = new Map(drawn.map((node) => [node.id, node]))
  const gone = before.groups.filter((group) => markOf(found, 'group', group.name) === 'removed')
  return [...after.groups, ...gone].flatMap((group): MarkedFrame[] => {
    const inside = group.steps.flatMap((name) => steps.get(name) ?? steps.get(now.get(name) ?? '') ?? [])
    if (!inside.length) return []
    const mark = markOf(found, 'group', group.name)
    const x = Math.min(...inside.map((one) => one.position.x)) - FRAME_EDGE
    const y = Math.min(...inside.map((one) => one.position.y)) - FRAME_TITLE
    const right = Math.max(...inside.map((one) => one.position.x)) + WIDTH + FRAME_EDGE
    const bottom = Math.max(...inside.map(({ position, data }) => position.y + heightOf(data.inputs.length, data.outputs.length) + NOTE_LINE * data.notes.length)) + FRAME_EDGE
    return [
      {
        id: groupId(group.name),
        type: 'frame',
        position: { x, y },
        width: right - x,
        height: bottom - y,
        zIndex: -1,
        draggable: false,
        ariaLabel: [group.title, strings.versions.marks[mark]].join(', '),
        data: { group, mark },
      },
    ]
  })
}

/** Of a large pipeline only what differs, and what it is wired to. */
function around(nodes: readonly MarkedStep[], edges: readonly Edge[]): { nodes: MarkedStep[]; edges: Edge[] } {
  const differs = new Set(nodes.filter((node) => node.data.mark !== 'same').map((node) => node.id))
  for (const edge of edges) if (edge.className !== 'wire-same') differs.add(edge.source).add(edge.target)
  const beside = edges.flatMap((edge) => (differs.has(edge.source) || differs.has(edge.target) ? [edge.source, edge.target] : []))
  const kept = new Set([...differs, ...beside].slice(0, MOST_DRAWN))
  return {
    nodes: nodes.filter((node) => kept.has(node.id)),
    edges: edges.filter((edge) => kept.has(edge.source) && kept.has(edge.target)),
  }
}

function edgesOf(merged: Graph, found: VersionDifference): Edge[] {
  const name = (source: string, port: string, target: string, into: string) => `${source}.${port}>${target}.${into}`
  const marks = new Map(found.wires.map((wire) => [name(wire.source, wire.port, wire.target, wire.into), wire.change]))
  return merged.edges.flatMap((edge) => {
    if (edge.kind !== 'port') return []
    const id = name(edge.source.step, edge.source.port, edge.target.step, edge.target.port)
    const mark: Mark = marks.get(id) ?? 'same'
    return {
      id,
      source: edge.source.step,
      target: edge.target.step,
      sourceHandle: edge.source.port,
      targetHandle: edge.target.port,
      className: `wire-${mark}`,
      label: SIGNS[mark],
      ariaLabel: `${edge.source.step}.${edge.source.port} → ${edge.target.step}.${edge.target.port}, ${strings.versions.marks[mark]}`,
    }
  })
}

function apart(at: Readonly<Record<string, Place>>, gone: readonly Step[]): Record<string, Place> {
  const result: Record<string, Place> = { ...at }
  for (const { name } of gone) {
    const [x, wished] = result[name] ?? [0, 0]
    const column = Object.entries(result).filter(([other, place]) => other !== name && Math.abs(place[0] - x) < APART).map(([, place]) => place[1])
    let y = wished
    for (const taken of column.sort((a, b) => a - b)) if (Math.abs(taken - y) < APART) y = taken + 1
    result[name] = [x, y]
  }
  return result
}
