import { chained, rounded, type Change, type Command } from './chain.ts'
import { addStep, pathOf, removeSteps } from './commands.ts'
import { PipelineDocument } from './document.ts'
import { setAt } from './edit.ts'
import { fragment } from './fragment.ts'
import { references, type Graph, type Outline, type Source, type Step } from './outline.ts'
import { written, type Json } from './value.ts'

type Place = readonly [number, number]

/** Steps made a pipeline of their own: its text, and what becomes of the pipeline that they leave. */
export interface Extract {
  readonly text: string
  readonly command: Command
}

/** What an extraction has to know of components. */
export interface Known {
  /** The type that an output carries, such as `Images`. */
  readonly output: (source: Source) => string
  readonly places: Readonly<Record<string, Place>>
}

/**
 * Move steps into a pipeline file of their own, used by one step in their place. What they take from outside becomes its
 * inputs, what others take from them its outputs, and parameters of the pipeline that they read its parameters.
 *
 * @returns a sentence, when it cannot be done
 */
export function extracted(now: Outline, names: readonly string[], name: string, use: string, known: Known): Extract | string {
  const graph = now.graph
  const chosen = new Set(names)
  const steps = graph?.steps.filter((step) => chosen.has(step.name)) ?? []
  if (!graph || !steps.length) return 'Select the steps first.'
  const stops = refusal(graph, steps, chosen)
  if (stops) return stops
  const inputs = new Map<string, Source>()
  const outputs = new Map<string, Source>()
  for (const edge of graph.edges) {
    if (edge.kind === 'port' && chosen.has(edge.target.step) && !chosen.has(edge.source.step)) named(inputs, edge.source)
    if (chosen.has(edge.source.step) && !chosen.has(edge.target.step)) named(outputs, edge.source)
  }
  const params = [...new Set(steps.flatMap((step) => paramsOf(step)))]
  const text = inner(now, graph, steps, { name, inputs, outputs, params, known })
  return { text, command: outer(graph, steps, { name, use, inputs, outputs, params, known }) }
}

interface Ports {
  readonly name: string
  readonly inputs: ReadonlyMap<string, Source>
  readonly outputs: ReadonlyMap<string, Source>
  readonly params: readonly string[]
  readonly known: Known
}

function refusal(graph: Graph, steps: readonly Step[], chosen: ReadonlySet<string>): string {
  if (steps.some((step) => step.final) && steps.some((step) => !step.final)) return 'Steps that run at the end cannot go with others.'
  const reads = graph.edges.find((edge) => edge.kind === 'value' && chosen.has(edge.target.step) && !chosen.has(edge.source.step))
  if (reads) return `${reads.target.step} reads the value ${reads.source.step}.${reads.source.port} of a step outside: take that step too.`
  const spoken = graph.steps.find((step) => !chosen.has(step.name) && waits(step).some((one) => chosen.has(one)))
  if (spoken) return `${spoken.name} speaks of one of these steps in its condition, list or "after": take that step too.`
  const outside = steps.find((step) => waits(step).some((one) => !chosen.has(one) && graph.steps.some((other) => other.name === one)))
  if (outside) return `${outside.name} speaks of a step outside in its condition, list or "after": take that step too.`
  const around = reachable(graph, chosen)
  return around ? `${around} would stand before and after the new step: take it too.` : ''
}

/** A step outside that is fed by the chosen ones and feeds them: the new step would wait for itself. */
function reachable(graph: Graph, chosen: ReadonlySet<string>): string | null {
  const after = new Set(chosen)
  for (let grown = true; grown; ) {
    grown = false
    for (const edge of graph.edges) {
      if (!after.has(edge.source.step) || after.has(edge.target.step)) continue
      after.add(edge.target.step)
      grown = true
    }
  }
  return graph.edges.find((edge) => after.has(edge.source.step) && !chosen.has(edge.source.step) && chosen.has(edge.target.step))?.source.step ?? null
}

/** Steps that conditions, lists and `after` name: what no wire shows. */
function waits(step: Step): string[] {
  const after = step.others.after
  const listed = (Array.isArray(after) ? after : [after]).filter((one) => typeof one === 'string')
  const condition = typeof step.others.if === 'string' ? [...step.others.if.matchAll(/([A-Za-z_][\w-]*)\.[A-Za-z_]/g)].map((match) => match[1] ?? '') : []
  const files = step.others.foreach
  const folder = files !== null && typeof files === 'object' && !Array.isArray(files) ? (files as Record<string, Json>).files : null
  return [...listed, ...condition, ...(typeof folder === 'string' ? [folder.split('.')[0] ?? ''] : []), ...references(step.others.foreach ?? null).map((one) => one.step)]
}

function paramsOf(step: Step): string[] {
  const text = JSON.stringify([step.values, step.others])
  return [...text.matchAll(/\bparams\.([A-Za-z_][\w-]*)/g)].map((match) => match[1] ?? '')
}

/** Give a source the name of its port, or of step and port where another has that. */
function named(ports: Map<string, Source>, source: Source): void {
  if (nameOf(ports, source) !== null) return
  let name = source.port
  for (let count = 1; ports.has(name); count++) name = count === 1 ? `${source.step}-${source.port}` : `${source.step}-${source.port}-${count}`
  ports.set(name, source)
}

function nameOf(ports: ReadonlyMap<string, Source>, source: Source): string | null {
  return [...ports].find(([, one]) => one.step === source.step && one.port === source.port)?.[0] ?? null
}

function inner(now: Outline, graph: Graph, steps: readonly Step[], { name, inputs, outputs, params, known }: Ports): string {
  const head = [
    'assay: 1',
    `name: ${written(name)}`,
    ...section('params', params.map((param) => [param, graph.params[param] ?? {}])),
    ...section('inputs', [...inputs].map(([port, source]) => [port, known.output(source)])),
    ...section('outputs', [...outputs].map(([port, source]) => [port, `${source.step}.${source.port}`])),
  ]
  const body = fragment(now, steps.map((step) => step.name), shifted(steps, known.places)).replace(/^finally:$/m, 'steps:')
  const document = new PipelineDocument(`${head.join('\n')}\n${body}`)
  const wires = steps.flatMap((step) =>
    Object.entries(step.inputs).map(([port, from]): Change => {
      const sources = from.map((source) => {
        const input = nameOf(inputs, source)
        return input === null ? `${source.step}.${source.port}` : `inputs.${input}`
      })
      return (later) => setAt(later, [...pathOf(later, step.name), 'in', port], sources.length === 1 ? (sources[0] ?? '') : sources)
    }),
  )
  document.run({ label: '', run: chained(...wires.filter((_, place) => changes(steps, inputs)[place])) })
  return document.text
}

/** Which inputs of the steps, in their order, take something from outside. */
function changes(steps: readonly Step[], inputs: ReadonlyMap<string, Source>): boolean[] {
  return steps.flatMap((step) => Object.values(step.inputs).map((from) => from.some((source) => nameOf(inputs, source) !== null)))
}

function outer(graph: Graph, steps: readonly Step[], { name, use, inputs, outputs, params, known }: Ports & { readonly use: string }): Command {
  const chosen = new Set(steps.map((step) => step.name))
  const at = steps.flatMap((step) => placeOf(known.places, step).map(([, place]) => place))
  const middle: Place = [sum(at.map(([x]) => x)) / (at.length || 1), sum(at.map(([, y]) => y)) / (at.length || 1)]
  const consumers = graph.steps.filter((step) => !chosen.has(step.name))
  const rewired = consumers.flatMap((step) => [
    ...Object.entries(step.inputs).flatMap(([port, from]): Change[] => {
      if (!from.some((source) => nameOf(outputs, source) !== null)) return []
      const sources = from.map((source) => (nameOf(outputs, source) === null ? `${source.step}.${source.port}` : `${name}.${nameOf(outputs, source)}`))
      return [(now) => setAt(now, [...pathOf(now, step.name), 'in', port], sources.length === 1 ? (sources[0] ?? '') : sources)]
    }),
    ...Object.entries(step.values).flatMap(([param, value]): Change[] => {
      const next = reread(value, outputs, name)
      return JSON.stringify(next) === JSON.stringify(value) ? [] : [(now) => setAt(now, [...pathOf(now, step.name), 'with', param], next)]
    }),
  ])
  const given = params.map((param): Change => (now) => setAt(now, ['steps', name, 'with', param], `$params.${param}`))
  const added = addStep({ name, use, at: middle, inputs: Object.fromEntries(inputs) })
  return {
    label: `Make a pipeline of ${steps.length} steps`,
    // the consumers are rewired before the steps go: what is wired to a step that goes is cut
    run: chained(added.run, ...given, ...rewired, removeSteps([...chosen]).run),
  }
}

function reread(value: Json, outputs: ReadonlyMap<string, Source>, name: string): Json {
  let text = JSON.stringify(value)
  for (const [port, source] of outputs) text = text.replaceAll(`"$${source.step}.${source.port}"`, `"$${name}.${port}"`)
  return JSON.parse(text) as Json
}

function section(title: string, entries: readonly (readonly [string, Json])[]): string[] {
  return entries.length ? [`${title}:`, ...entries.map(([key, value]) => `  ${written(key)}: ${written(value)}`)] : []
}

/** The places of the steps, the first column and row at nought. */
function shifted(steps: readonly Step[], places: Readonly<Record<string, Place>>): Record<string, Place> {
  const known = steps.flatMap((step) => placeOf(places, step))
  const left = Math.min(...known.map(([, [x]]) => x))
  const top = Math.min(...known.map(([, [, y]]) => y))
  return Object.fromEntries(known.map(([name, [x, y]]) => [name, rounded([x - left, y - top]) as unknown as Place]))
}

function placeOf(places: Readonly<Record<string, Place>>, step: Step): (readonly [string, Place])[] {
  const place = places[step.name]
  return place ? [[step.name, place]] : []
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
