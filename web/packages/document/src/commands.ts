import { isMap, isScalar, isSeq, type Node } from 'yaml'

import { groupsRemoved, leaving, membersNamed, notesMoved, notesRemoved } from './annotations.ts'
import { chained, rounded, type Change, type Command } from './chain.ts'
import { node, removeAt, setAt, type Path } from './edit.ts'
import type { Graph, Outline, Source, Step } from './outline.ts'
import type { Splice } from './splice.ts'
import type { Json } from './value.ts'

/** What a step may be called. */
export const NAME = /^[A-Za-z_][\w-]{0,62}$/

export interface NewStep {
  readonly name: string
  readonly use: string
  readonly at?: readonly [number, number]
  readonly inputs?: Readonly<Record<string, Source>>
}

export function addStep(step: NewStep): Command {
  const body: Record<string, Json> = { use: step.use }
  const wired = Object.entries(step.inputs ?? {})
  if (wired.length) body.in = Object.fromEntries(wired.map(([port, source]) => [port, `${source.step}.${source.port}`]))
  const at = step.at
  return {
    label: `Add ${step.name}`,
    run: chained(
      (now) => setAt(now, ['steps', step.name], body),
      ...(at ? [(now: Outline) => setAt(now, ['layout', step.name], rounded(at))] : []),
    ),
  }
}

/** Add a step between an output and an input that do not fit: it takes the one and gives its `output` to the other. */
export function insertBetween(step: NewStep, output: string, target: { step: string; port: string; many: boolean }): Command {
  return {
    label: `Insert ${step.name} before ${target.step}`,
    run: chained(addStep(step).run, connect({ step: step.name, port: output }, target).run),
  }
}

/** Remove steps, everything wired to them, and their places. */
export function removeSteps(names: readonly string[]): Command {
  const gone = new Set(names)
  const unwire = (now: Outline): Change[] =>
    steps(now)
      .filter((step) => !gone.has(step.name))
      .flatMap((step) =>
        Object.entries(step.inputs).flatMap(([port, from]) =>
          from.filter((source) => gone.has(source.step)).map((source) => unwired(step, port, source)),
        ),
      )
  return {
    label: names.length === 1 ? `Remove ${names[0] ?? ''}` : `Remove ${names.length} steps`,
    run: (now) =>
      chained(
        ...unwire(now),
        ...names.flatMap((name): Change[] => [
          (later) => removeAt(later, pathOf(later, name)),
          (later) => removeAt(later, ['layout', name]),
          leaving(name),
        ]),
      )(now),
  }
}

/** Things of a canvas, by kind and name. */
export interface Things {
  readonly steps: readonly string[]
  readonly notes: readonly string[]
  readonly groups: readonly string[]
}

/** Remove steps, notes and frames as one change; what was in a frame stays. */
export function removeThings({ steps: gone, notes, groups }: Things): Command {
  if (!notes.length && !groups.length) return removeSteps(gone)
  const count = gone.length + notes.length + groups.length
  const label = count > 1 ? `Remove ${count} things` : `Remove ${[...notes, ...groups].join()}`
  return { label, run: chained(groupsRemoved(groups), notesRemoved(notes), removeSteps(gone).run) }
}

export function connect(source: Source, target: { step: string; port: string; many: boolean }): Command {
  return {
    label: `Connect ${source.step} to ${target.step}`,
    run: (now) => {
      const step = find(now, target.step)
      if (!step) return []
      const before = step.inputs[target.port] ?? []
      const text = `${source.step}.${source.port}`
      if (before.some((known) => `${known.step}.${known.port}` === text)) return []
      const value: Json = target.many && before.length ? [...before.map((known) => `${known.step}.${known.port}`), text] : text
      return setAt(now, [...pathOf(now, target.step), 'in', target.port], value)
    },
  }
}

export function disconnect(source: Source, target: { step: string; port: string }): Command {
  return {
    label: `Disconnect ${source.step} from ${target.step}`,
    run: (now) => {
      const step = find(now, target.step)
      return step ? unwired(step, target.port, source)(now) : []
    },
  }
}

export function setValue(step: string, param: string, value: Json): Command {
  return { label: `Change ${param} of ${step}`, run: (now) => setAt(now, [...pathOf(now, step), 'with', param], value) }
}

export function clearValue(step: string, param: string): Command {
  return { label: `Reset ${param} of ${step}`, run: (now) => removeAt(now, [...pathOf(now, step), 'with', param]) }
}

/** Say which secret a parameter is, by the secret's name; a value that stood under `with:` goes: it is never to be in the file. */
export function bindSecret(step: string, param: string, name: string): Command {
  const written: Change = (now) => {
    const path = [...pathOf(now, step), 'secrets', param]
    return name ? setAt(now, path, name) : removeAt(now, path)
  }
  return { label: `${name ? 'Change' : 'Reset'} ${param} of ${step}`, run: chained((now) => removeAt(now, [...pathOf(now, step), 'with', param]), written) }
}

/** Give a parameter of the pipeline another default; one that is written as its default alone stays so. */
export function setParam(name: string, value: Json): Command {
  return { label: `Change ${name}`, run: (now) => setAt(now, isMap(node(now, ['params', name])) ? ['params', name, 'default'] : ['params', name], value) }
}

export function setField(path: Path, value: Json | undefined, label: string): Command {
  return { label, run: (now) => (value === undefined ? removeAt(now, path) : setAt(now, path, value)) }
}

/** Steps and notes at new places, as one change. */
export function moveThings(steps: Readonly<Record<string, readonly [number, number]>>, notes: Readonly<Record<string, readonly [number, number]>>): Command {
  const count = Object.keys(steps).length + Object.keys(notes).length
  if (!Object.keys(notes).length) return moveSteps(steps)
  const label = count === 1 ? `Move ${Object.keys(notes).join()}` : `Move ${count} things`
  return { label, run: chained(moveSteps(steps).run, notesMoved(notes)) }
}

export function moveSteps(places: Readonly<Record<string, readonly [number, number]>>): Command {
  const names = Object.keys(places)
  return {
    label: names.length === 1 ? `Move ${names[0] ?? ''}` : `Move ${names.length} steps`,
    run: chained(
      ...Object.entries(places).map(([name, at]): Change => (now) => setAt(now, ['layout', name], rounded(at))),
    ),
  }
}

/** Give a step another name, everywhere it is spoken of. */
export function renameStep(from: string, to: string): Command {
  return {
    label: `Rename ${from} to ${to}`,
    run: (now) => {
      const path = pathOf(now, from)
      const map = node(now, path.slice(0, -1))
      const key = isMap(map) ? map.items.find((pair) => isScalar(pair.key) && pair.key.value === from)?.key : null
      if (!(key as Node | null)?.range || find(now, to) || !NAME.test(to)) return []
      const layout = node(now, ['layout'])
      const placed = isMap(layout) ? layout.items.find((pair) => isScalar(pair.key) && pair.key.value === from)?.key : null
      const keys = [key, placed, ...membersNamed(now, from)].flatMap((found) => {
        const range = (found as Node | null | undefined)?.range
        return range ? [{ from: range[0], to: range[1], insert: to }] : []
      })
      return [...keys, ...spoken(now, from, to)]
    },
  }
}

/** A fresh name made of a component's: `train`, `train-2`, … */
export function freshName(graph: Graph | null, use: string): string {
  const base = (use.split('@')[0] ?? use).split(/[/:]/).at(-1)?.replace(/\.\w+$/, '').replace(/[^\w-]/g, '-') ?? 'step'
  const taken = new Set(graph?.steps.map((step) => step.name))
  let name = base || 'step'
  for (let count = 2; taken.has(name); count++) name = `${base}-${count}`
  return name
}

/** Where a step stands in the file. */
export function pathOf(now: Outline, step: string): Path {
  return [find(now, step)?.final ? 'finally' : 'steps', step]
}

function unwired(step: Step, port: string, source: Source): Change {
  return (now) => {
    const path = [...pathOf(now, step.name), 'in', port]
    const current = find(now, step.name)?.inputs[port] ?? []
    const left = current.filter((known) => known.step !== source.step || known.port !== source.port)
    if (!left.length) return removeAt(now, path)
    return setAt(now, path, left.map((known) => `${known.step}.${known.port}`))
  }
}

/** Every text in the steps that names `from.port` or `$from.port`, with the new name. */
function spoken(now: Outline, from: string, to: string): Splice[] {
  const escaped = from.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const wired = new RegExp(`^(\\$?)${escaped}(?=\\.)`)
  const inside = new RegExp(`\\$${escaped}(?=\\.)`, 'g')
  const condition = new RegExp(`(?<![\\w.$'"])${escaped}(?=\\.[A-Za-z_])`, 'g') // conditions name steps without a sign
  const found: Splice[] = []
  const visit = (value: Node | null, under: string, depth: number): void => {
    if (isMap(value)) value.items.forEach((pair) => visit(pair.value as Node | null, depth === 1 ? keyOf(pair.key as Node) : under, depth + 1))
    else if (isSeq(value)) value.items.forEach((item) => visit(item as Node, under, depth + 1))
    else if (isScalar(value) && typeof value.value === 'string' && value.range) {
      const source = now.text.slice(value.range[0], value.range[1])
      const quote = /^["']/.test(source) ? 1 : 0
      const body = source.slice(quote)
      const changed = under === 'in' ? body.replace(wired, `$1${to}`) : under === 'if' ? body.replace(condition, to) : body
      const next = changed.replace(inside, `$$${to}`)
      if (next !== body) found.push({ from: value.range[0] + quote, to: value.range[1], insert: next })
    }
  }
  for (const part of ['steps', 'finally']) visit(node(now, [part]), '', 0)
  return found
}

function keyOf(key: Node): string {
  return isScalar(key) ? String(key.value) : ''
}

function steps(now: Outline): readonly Step[] {
  return now.graph?.steps ?? []
}

function find(now: Outline, name: string): Step | undefined {
  return steps(now).find((step) => step.name === name)
}
