import type { Component } from '@assay/api'
import type { Edge as Wire, Graph, Group, Step } from '@assay/document'
import type { Edge, Node } from '@xyflow/react'

import { groupId, noteId } from '../state/things.ts'
import { framed, type GroupNodeType } from './annotations/frames.ts'
import { COLUMN, heightsOf, places, ROW } from './geometry.ts'
import { portsOf, type PortView } from './ports.ts'

// xyflow wants types that have an index signature: an interface has none
/* eslint-disable @typescript-eslint/consistent-type-definitions */
export type StepData = {
  readonly step: Step
  readonly component: Component | undefined
  readonly inputs: readonly PortView[]
  readonly outputs: readonly PortView[]
}
export type NoteData = { readonly name: string; readonly text: string }
/* eslint-enable @typescript-eslint/consistent-type-definitions */
export type StepNodeType = Node<StepData, 'step'>
export type NoteNodeType = Node<NoteData, 'note'>
export type CanvasNode = StepNodeType | NoteNodeType | GroupNodeType
export type WireEdge = Edge<{ readonly wire: Wire }>

type Components = Readonly<Record<string, Component>>

/** Everything that is drawn: steps that no closed group hides, notes, and frames. What stayed the same is the same object. */
export function nodesOf(graph: Graph, components: Components, before: readonly CanvasNode[], selected: readonly string[]): CanvasNode[] {
  const old = new Map(before.map((node) => [node.id, node]))
  const heights = heightsOf(graph, components)
  const at = places(graph, heights)
  const chosen = new Set(selected)
  const hidden = hiddenIn(graph)
  const steps = graph.steps.map((step): StepNodeType => {
    const [x, y] = at[step.name] ?? [0, 0]
    const component = components[step.use]
    const known = old.get(step.name)
    const data = known?.type === 'step' ? known.data : undefined
    const same = data && data.component === component && JSON.stringify(data.step) === JSON.stringify(step)
    return {
      ...(known as StepNodeType | undefined),
      id: step.name,
      type: 'step',
      position: { x: x * COLUMN, y: y * ROW },
      selected: chosen.has(step.name),
      hidden: hidden.has(step.name),
      ariaLabel: `${step.name}, ${component?.title ?? step.use}`,
      data: same ? data : { step, component, ...portsOf(step, component, graph) },
    }
  })
  const notes = graph.notes.map((note): NoteNodeType => {
    const id = noteId(note.name)
    const [x, y] = note.at
    const size = note.size ? { width: note.size[0] * COLUMN, height: note.size[1] * ROW } : { width: COLUMN }
    return {
      ...(old.get(id) as NoteNodeType | undefined),
      id,
      type: 'note',
      position: { x: x * COLUMN, y: y * ROW },
      ...size,
      selected: chosen.has(id),
      className: note.size ? '' : 'note-free',
      ariaLabel: `Note: ${note.text.slice(0, 80)}`,
      data: { name: note.name, text: note.text },
    }
  })
  const frames = graph.groups.map((group) => frameNode(group, graph, old.get(groupId(group.name)), chosen, heights))
  return framed([...frames, ...notes, ...steps])
}

/** The wires; one that ends inside a closed group ends at the group. */
export function edgesOf(graph: Graph, components: Components): WireEdge[] {
  const steps = new Map(graph.steps.map((step) => [step.name, step]))
  const hidden = hiddenIn(graph)
  const type = (name: string, port: string, side: 'inputs' | 'outputs') => {
    const step = steps.get(name)
    return step ? (portsOf(step, components[step.use], graph)[side].find((one) => one.name === port)?.type ?? '?') : '?'
  }
  const end = (name: string, port: string, side: 'inputs' | 'outputs'): [string, string] => {
    const group = hidden.get(name)
    return group === undefined ? [name, `${port}|${type(name, port, side)}`] : [groupId(group), `${name}.${port}`]
  }
  return graph.edges.flatMap((wire) => {
    if (wire.kind === 'value' || !steps.has(wire.source.step)) return []
    const inside = hidden.get(wire.source.step)
    if (inside !== undefined && inside === hidden.get(wire.target.step)) return []
    const [source, sourceHandle] = end(wire.source.step, wire.source.port, 'outputs')
    const [target, targetHandle] = end(wire.target.step, wire.target.port, 'inputs')
    return {
      id: `${wire.source.step}.${wire.source.port}>${wire.target.step}.${wire.target.port}`,
      source,
      target,
      sourceHandle,
      targetHandle,
      ariaLabel: `${wire.source.step}.${wire.source.port} feeds ${wire.target.step}.${wire.target.port}`,
      data: { wire },
    }
  })
}

function frameNode(group: Group, graph: Graph, known: CanvasNode | undefined, chosen: ReadonlySet<string>, heights: Readonly<Record<string, number>>): GroupNodeType {
  const id = groupId(group.name)
  const members = new Set(group.steps)
  const crossing = graph.edges.filter((edge) => edge.kind === 'port' && members.has(edge.source.step) !== members.has(edge.target.step))
  const ports = (side: 'source' | 'target') =>
    crossing.filter((edge) => members.has(edge[side].step)).map((edge) => `${edge[side].step}.${edge[side].port}`)
  return {
    ...(known as GroupNodeType | undefined),
    id,
    type: 'frame',
    position: { x: 0, y: 0 },
    zIndex: group.collapsed ? 0 : -1,
    dragHandle: '.group-title',
    selected: chosen.has(id),
    ariaLabel: `Group ${group.title}, ${group.steps.length} steps`,
    className: group.collapsed ? 'group-node' : 'group-node group-node-open',
    data: { group, heights, inputs: [...new Set(ports('target'))], outputs: [...new Set(ports('source'))] },
  }
}

/** Which closed group hides a step. */
function hiddenIn(graph: Graph): Map<string, string> {
  return new Map(graph.groups.filter((group) => group.collapsed).flatMap((group) => group.steps.map((step) => [step, group.name])))
}
