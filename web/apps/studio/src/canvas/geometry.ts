import type { Component } from '@assay/api'
import type { Graph } from '@assay/document'

import { portsOf } from './ports.ts'

/** A place in the file counts in columns and rows of steps. */
export const COLUMN = 260
export const ROW = 130
export const WIDTH = 200

export type Place = readonly [number, number]

/** How high each step is drawn, in pixels. */
export type Heights = Readonly<Record<string, number>>

const HEAD = 52
const PORT = 17
const GAP = 40

export function heightsOf(graph: Graph, components: Readonly<Record<string, Component>>): Heights {
  return Object.fromEntries(
    graph.steps.map((step) => {
      const { inputs, outputs } = portsOf(step, components[step.use], graph)
      return [step.name, heightOf(inputs.length, outputs.length)]
    }),
  )
}

/** How high a step with so many ports is, before it is measured. */
export function heightOf(inputs: number, outputs: number): number {
  return HEAD + PORT * Math.max(inputs, outputs)
}

/** How far below the upper edge of a step its port is. */
export function portHeight(place: number): number {
  return HEAD + PORT * Math.max(0, place)
}

/** Where every step is: as the file says, or, where it says nothing, a column behind what it needs. */
export function places(graph: Graph, heights: Heights = {}): Readonly<Record<string, Place>> {
  const depth = depths(graph)
  const rows = new Map<number, number>()
  return Object.fromEntries(
    graph.steps.map((step) => {
      const column = depth.get(step.name) ?? 0
      const row = rows.get(column) ?? 0
      if (!step.at) rows.set(column, row + Math.max(1, ((heights[step.name] ?? 0) + GAP) / ROW))
      return [step.name, step.at ?? [column, row]]
    }),
  )
}

/** The longest way to each step; a cycle ends where it closes. */
function depths(graph: Graph): Map<string, number> {
  const needs = new Map<string, string[]>(graph.steps.map((step) => [step.name, []]))
  for (const edge of graph.edges) needs.get(edge.target.step)?.push(edge.source.step)
  const depth = new Map<string, number>()
  const open = new Set<string>()
  for (const { name } of graph.steps) {
    const stack = [name]
    while (stack.length) {
      const current = stack.at(-1) ?? ''
      const missing = (needs.get(current) ?? []).filter((need) => !depth.has(need) && !open.has(need) && needs.has(need))
      if (!depth.has(current) && missing.length) {
        open.add(current)
        stack.push(...missing)
        continue
      }
      stack.pop()
      open.delete(current)
      const below = (needs.get(current) ?? []).map((need) => depth.get(need) ?? -1)
      depth.set(current, Math.max(-1, ...below) + 1)
    }
  }
  return depth
}

/** Lay all steps out anew: a column each for what depends on what (elkjs, loaded when it is first wanted). */
export async function arranged(graph: Graph, heights: Heights): Promise<Record<string, Place>> {
  const { default: Elk } = await import('elkjs/lib/elk-api.js')
  const elk = new Elk({ workerFactory: () => new Worker(new URL('elkjs/lib/elk-worker.min.js', import.meta.url)) })
  try {
    const found = await elk.layout({
      id: 'root',
      layoutOptions: {
        'elk.algorithm': 'layered',
        'elk.direction': 'RIGHT',
        'elk.layered.spacing.nodeNodeBetweenLayers': String(COLUMN - WIDTH),
        'elk.spacing.nodeNode': '40',
      },
      children: graph.steps.map((step) => ({ id: step.name, width: WIDTH, height: heights[step.name] ?? ROW - GAP })),
      edges: graph.edges.map((edge, place) => ({ id: String(place), sources: [edge.source.step], targets: [edge.target.step] })),
    })
    return Object.fromEntries((found.children ?? []).map((node) => [node.id, [(node.x ?? 0) / COLUMN, (node.y ?? 0) / ROW]]))
  } finally {
    elk.terminateWorker()
  }
}
