import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node, type Pair, type YAMLMap } from 'yaml'

import type { Json } from './value.ts'

/** What an input is wired to: `step.port`. */
export interface Source {
  readonly step: string
  readonly port: string
}

export interface Step {
  readonly name: string
  readonly use: string
  readonly inputs: Readonly<Record<string, readonly Source[]>>
  readonly values: Readonly<Record<string, Json>>
  /** Everything else that stands in the step: `if`, `foreach`, `retry`, keys nobody knows. */
  readonly others: Readonly<Record<string, Json>>
  readonly final: boolean
  readonly at: readonly [number, number] | null
  /** Where the step's key stands in the text. */
  readonly from: number
}

export interface Edge {
  readonly source: Source
  readonly target: { readonly step: string; readonly port: string }
  /** `port` feeds an input; `value` a parameter, condition or mapping. */
  readonly kind: 'port' | 'value'
}

/** A text on the canvas; `size` is null when it is as large as its text asks. */
export interface Note {
  readonly name: string
  readonly text: string
  readonly at: readonly [number, number]
  readonly size: readonly [number, number] | null
}

export const COLOURS = ['grey', 'blue', 'green', 'amber', 'red', 'violet'] as const
export type Colour = (typeof COLOURS)[number]

/** A named frame round steps; a step belongs to the first group that counts it. */
export interface Group {
  readonly name: string
  readonly title: string
  readonly steps: readonly string[]
  readonly colour: Colour
  readonly collapsed: boolean
}

export interface Graph {
  readonly name: string
  readonly description: string
  readonly params: Readonly<Record<string, Json>>
  readonly steps: readonly Step[]
  readonly edges: readonly Edge[]
  readonly notes: readonly Note[]
  readonly groups: readonly Group[]
}

export interface Problem {
  readonly message: string
  readonly line: number
  readonly column: number
}

/** A text, parsed: its syntax tree for splices, and its graph, `null` when it is no pipeline at all. */
export interface Outline {
  readonly text: string
  readonly tree: Document
  readonly graph: Graph | null
  readonly problem: Problem | null
}

const REFERENCE = /\$([A-Za-z_][\w-]*)\.([A-Za-z_][\w-]*)/g
const CONDITION = /(?<![\w.'"])\$?([A-Za-z_][\w-]*)\.([A-Za-z_][\w-]*)/g
const KNOWN = new Set(['use', 'in', 'with'])

export function outline(text: string): Outline {
  const lines = new LineCounter()
  const tree = parseDocument(text, { lineCounter: lines, keepSourceTokens: false, prettyErrors: false, uniqueKeys: true })
  const error = tree.errors[0]
  if (error) {
    const { line, col } = lines.linePos(error.pos[0])
    return { text, tree, graph: null, problem: { message: error.message, line, column: col } }
  }
  return { text, tree, graph: isMap(tree.contents) ? graphOf(tree.contents) : null, problem: null }
}

/** The value of `key` in a map. */
export function entry(map: YAMLMap, key: string): Pair<Node, Node | null> | undefined {
  return map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key) as
    | Pair<Node, Node | null>
    | undefined
}

export function child(node: Node | null | undefined, key: string): Node | null {
  return isMap(node) ? (entry(node, key)?.value ?? null) : null
}

function graphOf(root: YAMLMap): Graph {
  const layout = child(root, 'layout')
  const steps = (['steps', 'finally'] as const).flatMap((part) => {
    const map = child(root, part)
    if (!isMap(map)) return []
    return map.items.flatMap((pair) => {
      if (!isScalar(pair.key)) return []
      const name = String(pair.key.value)
      return [stepOf(name, pair.value as Node | null, part === 'finally', place(layout, name), pair.key.range?.[0] ?? 0)]
    })
  })
  const params = child(root, 'params')
  return {
    name: text(child(root, 'name')),
    description: text(child(root, 'description')),
    params: record(params),
    steps,
    edges: edgesOf(steps),
    notes: notesOf(child(root, 'notes')),
    groups: groupsOf(child(root, 'groups'), new Set(steps.map((step) => step.name))),
  }
}

function notesOf(map: Node | null): Note[] {
  return named(map).map(([name, body]) => ({
    name,
    text: text(child(body, 'text')),
    at: pair(child(body, 'at')) ?? [0, 0],
    size: pair(child(body, 'size')),
  }))
}

function groupsOf(map: Node | null, known: ReadonlySet<string>): Group[] {
  const taken = new Set<string>()
  return named(map).map(([name, body]) => {
    const list = isSeq(body) ? body : child(body, 'steps')
    const members = isSeq(list) ? list.items.flatMap((item) => (isScalar(item) ? [String(item.value)] : [])) : []
    const steps = members.filter((member) => known.has(member) && !taken.has(member))
    steps.forEach((member) => taken.add(member))
    const colour = text(child(body, 'colour')) as Colour
    return {
      name,
      title: text(child(body, 'title')) || name,
      steps: [...new Set(steps)],
      colour: COLOURS.includes(colour) ? colour : 'grey',
      collapsed: text(child(body, 'collapsed')) === 'true',
    }
  })
}

function named(map: Node | null): [string, Node | null][] {
  return isMap(map) ? map.items.flatMap((item) => (isScalar(item.key) ? [[String(item.key.value), item.value as Node | null]] : [])) : []
}

function stepOf(name: string, node: Node | null, final: boolean, at: Step['at'], from: number): Step {
  const all = record(node)
  return {
    name,
    use: text(child(node, 'use')),
    inputs: Object.fromEntries(Object.entries(record(child(node, 'in'))).map(([port, value]) => [port, sources(value)])),
    values: record(child(node, 'with')),
    others: Object.fromEntries(Object.entries(all).filter(([key]) => !KNOWN.has(key))),
    final,
    at,
    from,
  }
}

/** Read `step.port`, or a list of such; what is neither is left to `assay check`. */
function sources(value: Json): Source[] {
  const listed = Array.isArray(value) ? (value as readonly Json[]) : [value]
  return listed.flatMap((item) => {
    const match = typeof item === 'string' ? /^\$?([^.$]+)\.([^.]+)$/.exec(item) : null
    return match ? [{ step: match[1] ?? '', port: match[2] ?? '' }] : []
  })
}

function edgesOf(steps: readonly Step[]): Edge[] {
  const names = new Set(steps.map((step) => step.name))
  return steps.flatMap((step) => {
    const wired = Object.entries(step.inputs).flatMap(([port, from]) =>
      from.map((source): Edge => ({ source, target: { step: step.name, port }, kind: 'port' })),
    )
    const read = Object.entries({ ...step.values, ...step.others }).flatMap(([port, value]) =>
      (port === 'if' ? conditions(value) : references(value)).map((source): Edge => ({ source, target: { step: step.name, port }, kind: 'value' })),
    )
    return [...wired, ...read].filter((edge) => names.has(edge.source.step))
  })
}

/** Every `step.port` in a condition, each once: conditions name steps without a sign. */
function conditions(value: Json): Source[] {
  const text = typeof value === 'string' ? value : ''
  const found = [...text.matchAll(CONDITION)].map(([whole, step = '', port = '']) => [whole, { step, port }] as const)
  return [...new Map(found).values()]
}

/** Every `$step.port` in a value, each once; `$params.x` is no step. */
export function references(value: Json): Source[] {
  const found = new Map<string, Source>()
  for (const match of JSON.stringify(value ?? null).matchAll(REFERENCE)) {
    const [whole, step = '', port = ''] = match
    if (step !== 'params' && step !== 'item') found.set(whole, { step, port })
  }
  return [...found.values()]
}

function place(layout: Node | null, name: string): Step['at'] {
  return isMap(layout) ? pair(entry(layout, name)?.value ?? null) : null
}

function pair(value: Node | null): readonly [number, number] | null {
  if (!isSeq(value)) return null
  const [x = NaN, y = NaN] = value.items.map((item) => (isScalar(item) ? Number(item.value) : NaN))
  return Number.isFinite(x) && Number.isFinite(y) ? [x, y] : null
}

function record(node: Node | null): Record<string, Json> {
  const value: unknown = isMap(node) ? node.toJSON() : {}
  return value as Record<string, Json>
}

function text(node: Node | null): string {
  return isScalar<string | number | boolean | null>(node) && node.value !== null ? String(node.value) : ''
}
