import { isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml'

import { child, entry, type Outline } from './outline.ts'
import type { Splice } from './splice.ts'
import { written, type Json } from './value.ts'

export type Path = readonly string[]

/** Put `value` at `path`; what is missing on the way is made. Touches no other byte. */
export function setAt(outline: Outline, path: Path, value: Json): Splice[] {
  const root = outline.tree.contents
  if (!isMap(root)) return []
  const { map, depth } = deepest(root, path)
  const key = path[depth]
  if (key === undefined) return []
  const rest = path.slice(depth + 1)
  const pair = entry(map, key)
  if (!pair) return insert(outline.text, map, key, fresh(rest, value, depth, outline.text), depth)
  const content = nested(rest, value)
  const node = pair.value
  if (node?.range && !(isScalar(node) && node.value === null && node.range[0] === node.range[1])) {
    return replace(outline.text, node, content)
  }
  const after = (pair.key.range?.[1] ?? 0) + outline.text.slice(pair.key.range?.[1] ?? 0).indexOf(':') + 1
  return [{ from: after, to: after, insert: ` ${content}` }]
}

/** Take the entry at `path` away, and every map that is empty then. */
export function removeAt(outline: Outline, path: Path): Splice[] {
  const root = outline.tree.contents
  if (!isMap(root)) return []
  let cut = path.length
  while (cut > 1 && onlyChild(outline, path.slice(0, cut))) cut--
  const parent = cut === 1 ? root : node(outline, path.slice(0, cut - 1))
  const key = path[cut - 1]
  return isMap(parent) && key !== undefined ? removeEntry(outline.text, parent, key) : []
}

/** The node at `path`. */
export function node(outline: Outline, path: Path): Node | null {
  return path.reduce<Node | null>((found, key) => child(found, key), outline.tree.contents)
}

function onlyChild(outline: Outline, path: Path): boolean {
  const parent = path.length === 1 ? null : node(outline, path.slice(0, -1))
  const own = path.at(-1)
  // an empty `steps:` is kept: the file stays a pipeline
  return (path.length > 2 || path[0] !== 'steps') && isMap(parent) && parent.items.length === 1 && own !== undefined && entry(parent, own) !== undefined
}

function deepest(root: YAMLMap, path: Path): { map: YAMLMap; depth: number } {
  let map = root
  for (let depth = 0; depth < path.length - 1; depth++) {
    const inner = child(map, path[depth] ?? '')
    if (!isMap(inner) || inner.items.length === 0) return { map, depth }
    map = inner
  }
  return { map, depth: path.length - 1 }
}

/** A new part of the file is written one entry a line, so that a later change of one is one changed line. */
function fresh(rest: Path, value: Json, depth: number, text: string): string {
  const [name, ...below] = rest
  if (depth > 0 || name === undefined) return nested(rest, value)
  return `${text.includes('\r\n') ? '\r\n' : '\n'}  ${written(name)}: ${nested(below, value)}`
}

function nested(rest: Path, value: Json): string {
  return written(rest.reduceRight<Json>((inner, key) => ({ [key]: inner }), value))
}

function replace(text: string, found: Node, content: string): Splice[] {
  const [from, to] = found.range ?? [0, 0]
  const before = text.slice(from, to)
  if (before === content) return []
  // a block collection or block scalar ends with its line
  const block = (isMap(found) || isSeq(found)) && !found.flow
  const scalar = isScalar(found) && (found.type === 'BLOCK_LITERAL' || found.type === 'BLOCK_FOLDED')
  if (!block && !scalar) return [{ from, to, insert: content }]
  const start = block ? lineBreakBefore(text, from) : from
  return [{ from: start, to: trimmedEnd(text, start, to), insert: `${block ? ' ' : ''}${content}` }]
}

function insert(text: string, map: YAMLMap, key: string, content: string, depth: number): Splice[] {
  const pair = `${written(key)}:${/^[\r\n]/.test(content) && !map.flow ? '' : ' '}${content}`
  const last = map.items.at(-1)
  if (map.flow) {
    const close = (map.range?.[1] ?? 1) - 1
    if (!last) return [{ from: close, to: close, insert: pair }]
    const end = endOf(last as { key: Node; value: Node | null })
    const comma = /^\s*,/.test(text.slice(end, close))
    return comma ? [{ from: close, to: close, insert: ` ${pair}` }] : [{ from: end, to: end, insert: `, ${pair}` }]
  }
  const first = map.items[0]?.key as Node | undefined
  const indent = first?.range ? ' '.repeat(column(text, first.range[0])) : '  '.repeat(depth)
  const end = last ? lineEnd(text, trimmedEnd(text, 0, endOf(last as { key: Node; value: Node | null }))) : text.length
  const newline = text.includes('\r\n') ? '\r\n' : '\n'
  const lead = end === 0 || (end === text.length && text.endsWith('\n') && !last) ? '' : newline
  return [{ from: end, to: end, insert: `${lead}${indent}${pair}${lead ? '' : newline}` }]
}

function removeEntry(text: string, map: YAMLMap, key: string): Splice[] {
  const place = map.items.findIndex((pair) => isScalar(pair.key) && String(pair.key.value) === key)
  const pair = map.items[place] as { key: Node; value: Node | null } | undefined
  if (!pair) return []
  const from = pair.key.range?.[0] ?? 0
  const end = trimmedEnd(text, from, endOf(pair))
  if (!map.flow) {
    const start = text.lastIndexOf('\n', from - 1) + 1
    const stop = lineEnd(text, end)
    return [{ from: start, to: text.startsWith('\r\n', stop) ? stop + 2 : Math.min(stop + 1, text.length), insert: '' }]
  }
  const next = map.items[place + 1] as { key: Node } | undefined
  if (next?.key.range) return [{ from, to: next.key.range[0], insert: '' }]
  const before = map.items[place - 1] as { key: Node; value: Node | null } | undefined
  if (before) return [{ from: endOf(before), to: end, insert: '' }]
  return [{ from, to: end, insert: '' }]
}

function endOf(pair: { key: Node; value: Node | null }): number {
  return pair.value?.range?.[1] ?? pair.key.range?.[1] ?? 0
}

/** A block value's range reaches to the next content: its own end is before the white space and comments that follow. */
function trimmedEnd(text: string, from: number, to: number): number {
  let end = to
  while (end > from && /\s/.test(text[end - 1] ?? '')) end--
  return end
}

function lineBreakBefore(text: string, from: number): number {
  let start = from
  while (start > 0 && /[ \t\r\n]/.test(text[start - 1] ?? '')) start--
  return start
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  if (end < 0) return text.length
  return text[end - 1] === '\r' && end - 1 >= from ? end - 1 : end
}

function column(text: string, place: number): number {
  return place - (text.lastIndexOf('\n', place - 1) + 1)
}
