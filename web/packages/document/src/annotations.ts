import { isMap, isScalar, isSeq, type Node } from 'yaml'

import { chained, rounded, type Change, type Command } from './chain.ts'
import { node, removeAt, setAt } from './edit.ts'
import { child, type Colour, type Graph, type Outline } from './outline.ts'
import type { Splice } from './splice.ts'

type Place = readonly [number, number]

export function addNote(name: string, text: string, at: Place): Command {
  return { label: `Add a note`, run: (now) => setAt(now, ['notes', name], { text, at: rounded(at) }) }
}

export function setNote(name: string, text: string): Command {
  return { label: `Change the note ${name}`, run: (now) => (has(now, 'notes', name) ? setAt(now, ['notes', name, 'text'], text) : []) }
}

export function resizeNote(name: string, at: Place, size: Place): Command {
  const sized: Change = (now) => setAt(now, ['notes', name, 'size'], rounded(size))
  return {
    label: `Resize the note ${name}`,
    run: (now) => (has(now, 'notes', name) ? chained((later) => setAt(later, ['notes', name, 'at'], rounded(at)), sized)(now) : []),
  }
}

/** A new place for notes, as part of a move of several things. */
export function notesMoved(places: Readonly<Record<string, Place>>): Change {
  return chained(...Object.entries(places).map(([name, at]): Change => (now) => (has(now, 'notes', name) ? setAt(now, ['notes', name, 'at'], rounded(at)) : [])))
}

export function notesRemoved(names: readonly string[]): Change {
  return chained(...names.map((name): Change => (now) => removeAt(now, ['notes', name])))
}

/** Draw a frame round steps. Those that are in another group leave it: a step is in one. */
export function addGroup(name: string, steps: readonly string[]): Command {
  return {
    label: `Group ${steps.length} steps`,
    run: chained(...steps.map(leaving), (now) => setAt(now, ['groups', name], { steps: [...steps] })),
  }
}

/** Take frames away; their steps stay. */
export function ungroup(names: readonly string[]): Command {
  return { label: names.length === 1 ? `Ungroup ${names[0] ?? ''}` : `Remove ${names.length} groups`, run: groupsRemoved(names) }
}

export function groupsRemoved(names: readonly string[]): Change {
  return chained(...names.map((name): Change => (now) => removeAt(now, ['groups', name])))
}

export function setGroup(name: string, field: 'title' | 'colour' | 'collapsed', value: string | boolean, label: string): Command {
  return { label, run: (now) => changeGroup(now, name, field, value) }
}

/** Take a step out of the group that it is in, and the group away when nothing is left in it. */
export function leaving(step: string): Change {
  return (now) => {
    const groups = node(now, ['groups'])
    const found = isMap(groups) ? groups.items.find((pair) => memberNodes(pair.value as Node | null).some((one) => value(one) === step)) : undefined
    if (!found) return []
    const name = value(found.key as Node)
    const left = memberNodes(found.value as Node | null).map(value).filter((one) => one !== step)
    if (!left.length) return removeAt(now, ['groups', name])
    return setAt(now, isSeq(found.value) ? ['groups', name] : ['groups', name, 'steps'], left)
  }
}

/** Where groups name a step. */
export function membersNamed(now: Outline, step: string): Node[] {
  const groups = node(now, ['groups'])
  return isMap(groups) ? groups.items.flatMap((pair) => memberNodes(pair.value as Node | null)).filter((one) => value(one) === step) : []
}

/** A fresh name such as `note-2`, for what has no name of its own. */
export function freshAnnotation(graph: Graph | null, kind: 'note' | 'group'): string {
  const taken = new Set((kind === 'note' ? graph?.notes : graph?.groups)?.map((one) => one.name))
  let count = 1
  while (taken.has(`${kind}-${count}`)) count++
  return `${kind}-${count}`
}

function changeGroup(now: Outline, name: string, field: string, next: string | boolean): Splice[] {
  const body = node(now, ['groups', name])
  const plain = next === '' || next === false || (field === 'colour' && next === ('grey' satisfies Colour))
  if (isMap(body)) return plain ? (child(body, field) ? removeAt(now, ['groups', name, field]) : []) : setAt(now, ['groups', name, field], next)
  if (!isSeq(body) || plain) return []
  return setAt(now, ['groups', name], { steps: memberNodes(body).map(value), [field]: next })
}

function memberNodes(body: Node | null): Node[] {
  const list = isSeq(body) ? body : child(body, 'steps')
  return isSeq(list) ? (list.items as Node[]) : []
}

function value(found: Node): string {
  return isScalar(found) ? String(found.value) : ''
}

function has(now: Outline, part: string, name: string): boolean {
  return isMap(node(now, [part, name]))
}
