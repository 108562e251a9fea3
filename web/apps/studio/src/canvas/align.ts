import { ROW, type Heights, type Place } from './geometry.ts'

export const WAYS = ['left', 'right', 'top', 'bottom', 'across', 'down'] as const
/** Edges that steps are brought to, or the direction in which the space between them is made equal. */
export type Way = (typeof WAYS)[number]

/** New places of steps: brought to one line, or spread evenly between the first and the last. Only what moves is in it. */
export function aligned(places: Readonly<Record<string, Place>>, heights: Heights, way: Way): Record<string, Place> {
  const boxes = Object.entries(places).map(([name, [x, y]]) => ({ name, x, y, height: (heights[name] ?? 0) / ROW }))
  const moved = boxes.map((box) => ({ ...box }))
  const bottom = Math.max(...boxes.map((box) => box.y + box.height))
  for (const box of moved) {
    if (way === 'left') box.x = Math.min(...boxes.map((one) => one.x))
    if (way === 'right') box.x = Math.max(...boxes.map((one) => one.x)) // all steps are equally wide
    if (way === 'top') box.y = Math.min(...boxes.map((one) => one.y))
    if (way === 'bottom') box.y = bottom - box.height
  }
  if (way === 'across') spread(moved, 'x', () => 1)
  if (way === 'down') spread(moved, 'y', (box) => box.height)
  return Object.fromEntries(moved.flatMap(({ name, x, y }) => (x === places[name]?.[0] && y === places[name][1] ? [] : [[name, [x, y] as const]])))
}

interface Box {
  x: number
  y: number
  readonly height: number
}

/** Equal gaps between boxes, in their order; the first and the last stay, unless there is too little room between them. */
function spread<T extends Box>(boxes: T[], axis: 'x' | 'y', size: (box: T) => number): void {
  const ordered = [...boxes].sort((a, b) => a[axis] - b[axis])
  const [first, last] = [ordered[0], ordered.at(-1)]
  if (!first || !last || ordered.length < 3) return
  const taken = ordered.reduce((sum, box) => sum + size(box), 0)
  const gap = Math.max(0, (last[axis] + size(last) - first[axis] - taken) / (ordered.length - 1))
  let next = first[axis]
  for (const box of ordered) {
    box[axis] = next
    next += size(box) + gap
  }
}
