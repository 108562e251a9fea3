import type { Component, VersionDifference } from '@assay/api'
import type { Graph, Step } from '@assay/document'
import type { Edge, Node } from '@xyflow/react'

import { strings } from '../strings.ts'
import { changeText, SIGNS, type Mark } from '../versions/marks.ts'
import { COLUMN, heightsOf, places, ROW, type Place } from './geometry.ts'
import { portsOf } from './ports.ts'

// xyflow wants a type that has an index signature: an interface has none
// eslint-disable-next-line @typescript-eslint/consistent-type-definitions
export type MarkedData = {
  readonly step: Step
  readonly mark: Mark
  readonly notes: readonly string[]
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
}
export type MarkedNode = Node<MarkedData, 'marked'>

const MOST_NOTES = 5
const MOST_DRAWN = 80
const APART = 0.75

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
  const nodes = merged.steps.map((step): MarkedNode => {
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
  return nodes.length > MOST_DRAWN ? around(nodes, edges) : { nodes, edges }
}

/** Of a large pipeline only what differs, and what it is wired to. */
function around(nodes: readonly MarkedNode[], edges: readonly Edge[]): { nodes: MarkedNode[]; edges: Edge[] } {
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
