import { useStoreApi } from '@xyflow/react'
import { useEffect, useState } from 'react'

import type { CanvasNode } from './elements.ts'
import { heightOf, WIDTH } from './geometry.ts'

/** Up to so many, everything is an element of the page; beyond, only what is near and in sight, and the rest is a drawing. */
export const FEW = 80
const MOST = 64
const MOST_CHOSEN = 20
const MARGIN = 0.2

export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export type View = ReturnType<typeof viewOf>

/** What the window shows, in the canvas's own pixels. */
export function viewOf({ transform: [x, y, zoom], width, height }: { transform: readonly [number, number, number]; width: number; height: number }) {
  return { x: -x / zoom, y: -y / zoom, width: width / zoom, height: height / zoom, zoom }
}

export function boxOf(node: CanvasNode): Box {
  const width = node.measured?.width ?? node.width ?? WIDTH
  const known = node.measured?.height ?? node.height
  const height = known ?? (node.type === 'step' ? heightOf(node.data.inputs.length, node.data.outputs.length) : 100)
  return { ...node.position, width, height }
}

export function boundsOf(nodes: readonly CanvasNode[]): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const node of nodes) {
    const box = boxOf(node)
    left = Math.min(left, box.x)
    top = Math.min(top, box.y)
    right = Math.max(right, box.x + box.width)
    bottom = Math.max(bottom, box.y + box.height)
  }
  return { x: left, y: top, width: right - left, height: bottom - top }
}

export function widened({ x, y, width, height }: Box, share: number): Box {
  return { x: x - width * share, y: y - height * share, width: width * (1 + 2 * share), height: height * (1 + 2 * share) }
}

export function inside(inner: Box, outer: Box): boolean {
  return inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.width <= outer.x + outer.width && inner.y + inner.height <= outer.y + outer.height
}

export function touches(one: Box, other: Box): boolean {
  return one.x < other.x + other.width && other.x < one.x + one.width && one.y < other.y + other.height && other.y < one.y + one.height
}

/** The nodes that are elements of the page: those in sight and what is selected; `null`: all of them. */
export function near(nodes: readonly CanvasNode[], sight: Box): ReadonlySet<string> {
  const found = nodes.filter((node) => !node.hidden && touches(boxOf(node), sight))
  const chosen = nodes.filter((node) => node.selected && !node.hidden).slice(0, MOST_CHOSEN)
  return new Set([...(found.length > MOST ? [] : found), ...chosen].map((node) => node.id))
}

/** Which nodes are elements of the page just now; asked anew only when what is in sight leaves what was prepared. */
export function useNear(nodes: readonly CanvasNode[]): ReadonlySet<string> | null {
  const store = useStoreApi()
  const many = nodes.length > FEW
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set())
  useEffect(() => {
    if (!many) return
    let prepared: (Box & { zoom: number }) | null = null
    const look = () => {
      const view = viewOf(store.getState())
      if (prepared?.zoom === view.zoom && inside(view, prepared)) return
      prepared = { ...widened(view, MARGIN), zoom: view.zoom }
      const next = near(nodes, prepared)
      setIds((before) => (before.size === next.size && [...next].every((id) => before.has(id)) ? before : next))
    }
    look()
    return store.subscribe(look)
  }, [many, nodes, store])
  return many ? ids : null
}
