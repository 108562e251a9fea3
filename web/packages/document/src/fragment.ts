import { isMap, isScalar, type Node, type Pair, type YAMLMap } from 'yaml'

import { disconnect, NAME, pathOf, renameStep } from './commands.ts'
import { chained, rounded, type Change, type Command } from './chain.ts'
import { PipelineDocument } from './document.ts'
import { node, removeAt, setAt } from './edit.ts'
import { outline, references, type Graph, type Outline, type Step } from './outline.ts'
import type { Splice } from './splice.ts'
import type { Json } from './value.ts'

type Place = readonly [number, number]
type Placed = Readonly<Record<string, Place>>

const INDENT = '  '

/** Steps as a text of their own, in the words of the file, comments inside them included. */
export function fragment(now: Outline, names: readonly string[], at: Placed = {}): string {
  const graph = now.graph
  const known = names.filter((name) => graph?.steps.some((step) => step.name === name))
  if (!known.length) return ''
  const part = (key: string) => {
    const found = known.filter((name) => pathOf(now, name)[0] === key)
    return found.length ? [`${key}:`, ...found.flatMap((name) => sourceOf(now, name).map((line) => (line ? INDENT + line : '')))] : []
  }
  const placed = known.flatMap((name) => (at[name] ? [`${INDENT}${name}: [${(rounded(at[name]) as readonly number[]).join(', ')}]`] : []))
  return [...part('steps'), ...part('finally'), ...(placed.length ? ['layout:', ...placed] : []), ''].join('\n')
}

/**
 * The steps that a text holds: a whole pipeline, a part of one, steps without `steps:`, or any of these in a fenced or
 * indented block of a page of text. `null` when there are none.
 */
export function stepsIn(text: string): PipelineDocument | null {
  const plain = text.replaceAll('\r\n', '\n').replaceAll('\t', INDENT)
  const fenced = [...plain.matchAll(/^ *(```|~~~)[^\n]*\n([\s\S]*?)\n *\1/gm)].map((match) => match[2] ?? '')
  const indented = plain.match(/(?:^(?: {4}.*|\s*)$\n?)+/gm) ?? []
  for (const one of [plain, ...fenced, ...indented]) {
    const body = dedented(one.split('\n')).join('\n')
    for (const candidate of [body, `steps:\n${body.replace(/^(?=.)/gm, INDENT)}`]) {
      const document = new PipelineDocument(candidate)
      const steps = document.outline.graph?.steps ?? []
      if (!document.outline.problem && steps.length && steps.every((step) => step.use)) return document
    }
  }
  return null
}

/** A pasted text as a change, and what its steps are called here. */
export interface Paste {
  readonly names: readonly string[]
  readonly command: Command
}

/**
 * Put the steps of a text into a pipeline. A name that is taken gets a number; wires among them stay, and so do those to steps
 * that are here under the same name; others are cut.
 */
export function pasted(graph: Graph | null, text: string, at: Place | null, what = 'Paste'): Paste | null {
  const source = stepsIn(text)
  const steps = source?.graph?.steps
  if (!source || !steps?.length) return null
  const here = new Set(graph?.steps.map((step) => step.name))
  cut(source, here)
  rename(source, here)
  const outlined = source.outline
  const found = outlined.graph?.steps.filter((step) => NAME.test(step.name)) ?? []
  if (!found.length) return null
  const places = placesOf(found, at)
  const names = found.map((step) => step.name)
  const label = names.length === 1 ? `${what} ${names[0] ?? ''}` : `${what} ${names.length} steps`
  const run = chained(
    ...found.map((step): Change => (now) => inserted(now, step, sourceOf(outlined, step.name))),
    ...Object.entries(places).map(([name, place]): Change => (now) => setAt(now, ['layout', name], rounded(place))),
  )
  return { names, command: { label, run } }
}

/** The lines of a step, its key first, as if it stood at the margin. */
export function sourceOf(now: Outline, name: string): string[] {
  const pair = entryOf(now, name)
  const key = pair?.key.range?.[0] ?? 0
  const end = pair?.value?.range?.[1] ?? pair?.key.range?.[1] ?? 0
  const text = now.text.slice(key, end).trimEnd()
  const behind = /^[ \t]*#[^\n]*/.exec(now.text.slice(key + text.length))?.[0] ?? ''
  const margin = key - (now.text.lastIndexOf('\n', key - 1) + 1)
  const lines = `${text}${inFlow(now, name) ? '' : behind}`.split(/\r?\n/)
  return lines.map((line, place) => (place === 0 ? line : line.slice(Math.min(margin, /^ */.exec(line)?.[0].length ?? 0))))
}

function entryOf(now: Outline, name: string): Pair<Node, Node | null> | undefined {
  const map = node(now, pathOf(now, name).slice(0, -1))
  return isMap(map) ? (map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === name) as Pair<Node, Node | null> | undefined) : undefined
}

function inFlow(now: Outline, name: string): boolean {
  return (node(now, pathOf(now, name).slice(0, -1)) as YAMLMap | null)?.flow === true
}

function inserted(now: Outline, step: Step, lines: readonly string[]): Splice[] {
  const part = step.final ? 'finally' : 'steps'
  const map = node(now, [part])
  const empty = setAt(now, [part, step.name], { use: step.use })
  const [first] = empty
  if (!first || !isMap(map) || map.flow || !map.items.length) return setAt(now, [part, step.name], bodyOf(lines))
  const key = map.items[0]?.key as Node | undefined
  const start = key?.range?.[0] ?? 0
  const margin = ' '.repeat(start - (now.text.lastIndexOf('\n', start - 1) + 1))
  const newline = now.text.includes('\r\n') ? '\r\n' : '\n'
  const lead = /^\r?\n/.test(first.insert) ? newline : ''
  const tail = lead ? '' : newline
  return [{ ...first, insert: `${lead}${lines.map((line) => (line ? margin + line : '')).join(newline)}${tail}` }]
}

function bodyOf(lines: readonly string[]): Json {
  const root = outline(lines.join('\n')).tree.contents
  const value: unknown = isMap(root) ? (root.items[0]?.value as Node | null)?.toJSON() : {}
  return value as Json
}

/** Cut wires to steps that come from neither side. */
function cut(source: PipelineDocument, here: ReadonlySet<string>): void {
  const own = new Set(source.graph?.steps.map((step) => step.name))
  const foreign = (name: string) => !own.has(name) && !here.has(name) && !['item', 'inputs', 'params'].includes(name)
  for (const step of source.graph?.steps ?? []) {
    for (const [port, from] of Object.entries(step.inputs)) {
      for (const one of from) if (foreign(one.step)) source.run(disconnect(one, { step: step.name, port }))
    }
    for (const [param, value] of Object.entries(step.values)) {
      const reads = references(value).some((one) => foreign(one.step))
      if (reads) source.run({ label: '', run: (now) => removeAt(now, [...pathOf(now, step.name), 'with', param]) })
    }
  }
}

/** Give the steps whose names are taken others: first all of them ones that nobody has, so that none meets another on the way. */
function rename(source: PipelineDocument, here: ReadonlySet<string>): void {
  const own = source.graph?.steps.map((step) => step.name) ?? []
  const taken = new Set([...here, ...own])
  for (const name of own.filter((one) => here.has(one))) {
    let next = name
    for (let count = 2; taken.has(next); count++) next = `${name.replace(/-\d+$/, '')}-${count}`
    taken.add(next)
    source.run(renameStep(name, next))
  }
}

/** Where the steps go: as they stood to each other, the first of them at `at`; nowhere when nothing is known. */
function placesOf(steps: readonly Step[], at: Place | null): Placed {
  const placed = steps.flatMap((step) => (step.at ? [[step.name, step.at] as const] : []))
  if (!at) return Object.fromEntries(placed)
  const left = Math.min(...placed.map(([, [x]]) => x))
  const top = Math.min(...placed.map(([, [, y]]) => y))
  return Object.fromEntries(
    steps.map((step, number) => [step.name, step.at ? [at[0] + step.at[0] - left, at[1] + step.at[1] - top] : [at[0] + number, at[1]]] as const),
  )
}

function dedented(lines: readonly string[]): string[] {
  const margin = Math.min(...lines.filter((line) => line.trim()).map((line) => /^ */.exec(line)?.[0].length ?? 0))
  return Number.isFinite(margin) ? lines.map((line) => line.slice(margin)) : [...lines]
}
