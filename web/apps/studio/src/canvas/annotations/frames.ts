import type { Group } from '@assay/document'
import type { Node, NodePositionChange } from '@xyflow/react'

import type { CanvasNode } from '../elements.ts'
import { ROW, WIDTH } from '../geometry.ts'

// xyflow wants a type that has an index signature: an interface has none
// eslint-disable-next-line @typescript-eslint/consistent-type-definitions
export type GroupData = {
  readonly group: Group
  /** How high each step is before it is measured. */
  readonly heights: Readonly<Record<string, number>>
  /** Ports of its steps that wires from and to outside end at, as `step.port`. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
}
export type GroupNodeType = Node<GroupData, 'frame'>

const EDGE = 18
const TITLE = 34

/** Put each frame round the steps that are in it. */
export function framed(nodes: CanvasNode[]): CanvasNode[] {
  if (!nodes.some((node) => node.type === 'frame')) return nodes
  const place = new Map(nodes.map((node) => [node.id, node]))
  return nodes.map((node) => {
    if (node.type !== 'frame') return node
    const { group, heights } = node.data
    const inside = group.steps.flatMap((name) => place.get(name) ?? [])
    if (!inside.length) return { ...node, hidden: true }
    const left = Math.min(...inside.map((one) => one.position.x)) - EDGE
    const top = Math.min(...inside.map((one) => one.position.y)) - TITLE
    const position = { x: left, y: top }
    if (group.collapsed) {
      const height = TITLE + 26 + 17 * Math.max(node.data.inputs.length, node.data.outputs.length)
      return fitted(node, position, WIDTH, height)
    }
    const right = Math.max(...inside.map((one) => one.position.x)) + WIDTH + EDGE
    const bottom = Math.max(...inside.map((one) => one.position.y + (one.measured?.height ?? heights[one.id] ?? ROW))) + EDGE
    return fitted(node, position, right - left, bottom - top)
  })
}

/** What else moves when a frame moves: its steps, but for those that move by themselves. */
export function carried(changes: readonly NodePositionChange[], nodes: readonly CanvasNode[]): NodePositionChange[] {
  const place = new Map(nodes.map((node) => [node.id, node]))
  const own = new Set(changes.map((change) => change.id))
  return changes.flatMap((change) => {
    const frame = place.get(change.id)
    if (frame?.type !== 'frame' || !change.position) return []
    const [dx, dy] = [change.position.x - frame.position.x, change.position.y - frame.position.y]
    return frame.data.group.steps.flatMap((name): NodePositionChange[] => {
      const step = place.get(name)
      if (!step || own.has(name)) return []
      const still = change.dragging === undefined ? {} : { dragging: change.dragging }
      return [{ id: name, type: 'position', position: { x: step.position.x + dx, y: step.position.y + dy }, ...still }]
    })
  })
}


function fitted(node: GroupNodeType, position: { x: number; y: number }, width: number, height: number): GroupNodeType {
  const same = node.position.x === position.x && node.position.y === position.y && node.width === width && node.height === height && !node.hidden
  return same ? node : { ...node, position, width, height, hidden: false }
}
