import type { Component } from '@assay/api'
import type { Graph, Step } from '@assay/document'

export interface PortView {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly optional: boolean
}

/** The ports of a step: its component's, or, where there is none, those that wires speak of. */
export function portsOf(step: Step, component: Component | undefined, graph: Graph): { inputs: PortView[]; outputs: PortView[] } {
  if (component) return { inputs: component.inputs.map(view), outputs: component.outputs.map(view) }
  const outgoing = graph.edges.filter((edge) => edge.source.step === step.name && edge.kind === 'port')
  return {
    inputs: Object.keys(step.inputs).map(unknown),
    outputs: [...new Set(outgoing.map((edge) => edge.source.port))].map(unknown),
  }
}

/** A port's colour: the same for the same type on every canvas. */
export function colour(type: string): string {
  const inner = /^list\[(.+)\]$/.exec(type)?.[1] ?? type
  return `var(--type-${inner.toLowerCase()}, var(--type-file))`
}

function view(port: Component['inputs'][number]): PortView {
  return { name: port.name, type: port.type, help: port.help, optional: port.optional }
}

function unknown(name: string): PortView {
  return { name, type: '?', help: '', optional: true }
}
