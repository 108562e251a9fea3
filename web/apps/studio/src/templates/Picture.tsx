import { outline } from '@assay/document'

import { COLUMN, places, ROW, WIDTH } from '../canvas/geometry.ts'

const HEIGHT = 66
const EDGE = 12

/** A pipeline drawn small, from its text: boxes where they stand on the canvas, and what feeds what. */
export function Picture({ text, title }: { readonly text: string; readonly title: string }) {
  const graph = outline(text).graph
  if (!graph?.steps.length) return null
  const at = places(graph)
  const boxes = graph.steps.map((step) => {
    const [x, y] = at[step.name] ?? [0, 0]
    return { name: step.name, kind: step.use.split('/')[0] ?? '', x: x * COLUMN, y: y * ROW }
  })
  const place = new Map(boxes.map((box) => [box.name, box]))
  const left = Math.min(...boxes.map((box) => box.x)) - EDGE
  const top = Math.min(...boxes.map((box) => box.y)) - EDGE
  const width = Math.max(...boxes.map((box) => box.x + WIDTH)) + EDGE - left
  const height = Math.max(...boxes.map((box) => box.y + HEIGHT)) + EDGE - top
  return (
    <svg className="picture-small" viewBox={`${left} ${top} ${width} ${height}`} role="img" aria-label={title}>
      {graph.edges.map((edge, number) => {
        const from = place.get(edge.source.step)
        const to = place.get(edge.target.step)
        if (!from || !to) return null
        const [x1, y1, x2, y2] = [from.x + WIDTH, from.y + HEIGHT / 2, to.x, to.y + HEIGHT / 2]
        const bend = Math.max(40, (x2 - x1) / 2)
        return <path key={number} d={`M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`} />
      })}
      {boxes.map((box) => (
        <rect key={box.name} x={box.x} y={box.y} width={WIDTH} height={HEIGHT} rx={12} className={`kind-${box.kind}`} />
      ))}
    </svg>
  )
}
