import { useStoreApi, ViewportPortal } from '@xyflow/react'
import { useEffect, useMemo, useRef } from 'react'

import { useRun } from '../state/run.ts'
import { useTheme } from '../state/theme.ts'
import { boxOf, inside, touches, viewOf, widened, type Box } from './culling.ts'
import type { CanvasNode, WireEdge } from './elements.ts'
import { portHeight } from './geometry.ts'

const READABLE = 5
const ROUND = 0.3
const COLOURS = ['paper', 'ink', 'faint', 'line', 'accent', 'good', 'bad', 'note', 'warn'] as const
type Colours = Readonly<Record<(typeof COLOURS)[number], string>>
const STATES: Readonly<Record<string, keyof Colours>> = { running: 'accent', retrying: 'accent', succeeded: 'good', reused: 'note', failed: 'bad', cancelled: 'warn', skipped: 'warn' }

interface Props {
  readonly nodes: readonly CanvasNode[]
  readonly edges: readonly WireEdge[]
  /** What is an element of the page, and so is not drawn. */
  readonly shown: ReadonlySet<string>
}

/**
 * Steps and wires that are no elements of the page, drawn in one piece that is larger than what is in sight: to move the
 * canvas moves the piece, and nothing is drawn until its edge comes in.
 */
export function Overview({ nodes, edges, shown }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const store = useStoreApi()
  const theme = useTheme((state) => state.theme)
  const states = useRun((state) => state.steps)
  const boxes = useMemo(() => new Map(nodes.filter((node) => !node.hidden).map((node) => [node.id, { node, box: boxOf(node) }])), [nodes])
  useEffect(() => {
    let drawn: (Box & { zoom: number }) | null = null
    let frame = 0
    const paint = () => {
      frame = 0
      const view = viewOf(store.getState())
      drawn = { ...widened(view, 1), zoom: view.zoom }
      const place = canvas.current
      const pen = place?.getContext('2d')
      if (!place || !pen) return
      place.width = Math.round(drawn.width * view.zoom)
      place.height = Math.round(drawn.height * view.zoom)
      Object.assign(place.style, { left: `${drawn.x}px`, top: `${drawn.y}px`, width: `${drawn.width}px`, height: `${drawn.height}px` })
      pen.setTransform(view.zoom, 0, 0, view.zoom, -drawn.x * view.zoom, -drawn.y * view.zoom)
      const colours = coloursOf(place)
      drawWires(pen, edges, boxes, shown, drawn, colours)
      for (const { node, box } of boxes.values()) {
        if (!shown.has(node.id) && touches(box, drawn)) drawBox(pen, node, box, view.zoom, colours, states[node.id]?.status)
      }
    }
    const look = () => {
      const view = viewOf(store.getState())
      if (frame || (drawn?.zoom === view.zoom && inside(view, drawn))) return
      frame = requestAnimationFrame(paint)
    }
    look()
    const leave = store.subscribe(look)
    return () => {
      cancelAnimationFrame(frame)
      leave()
    }
  }, [boxes, edges, shown, store, states, theme])
  return (
    <ViewportPortal>
      <canvas ref={canvas} className="overview" aria-hidden="true" />
    </ViewportPortal>
  )
}

/** The step at a point of the canvas, among those that are only drawn. */
export function drawnAt(nodes: readonly CanvasNode[], { x, y }: { x: number; y: number }): CanvasNode | undefined {
  return nodes.findLast((node) => node.type === 'step' && !node.hidden && touches(boxOf(node), { x, y, width: 1, height: 1 }))
}

type Boxes = ReadonlyMap<string, { readonly node: CanvasNode; readonly box: Box }>

function drawWires(pen: CanvasRenderingContext2D, edges: readonly WireEdge[], boxes: Boxes, shown: ReadonlySet<string>, region: Box, colours: Colours): void {
  pen.beginPath()
  for (const edge of edges) {
    const [from, to] = [boxes.get(edge.source), boxes.get(edge.target)]
    if (!from || !to || (shown.has(edge.source) && shown.has(edge.target))) continue
    const [x1, y1] = [from.box.x + from.box.width, from.box.y + heightAt(from.node, 'outputs', edge.sourceHandle)]
    const [x2, y2] = [to.box.x, to.box.y + heightAt(to.node, 'inputs', edge.targetHandle)]
    const span = { x: Math.min(x1, x2), y: Math.min(y1, y2), width: Math.abs(x2 - x1) + 1, height: Math.abs(y2 - y1) + 1 }
    if (!touches(span, region)) continue
    const bend = Math.max(30, Math.abs(x2 - x1) / 2)
    pen.moveTo(x1, y1)
    pen.bezierCurveTo(x1 + bend, y1, x2 - bend, y2, x2, y2)
  }
  pen.strokeStyle = colours.faint
  pen.lineWidth = 1.6
  pen.stroke()
}

function drawBox(pen: CanvasRenderingContext2D, node: CanvasNode, { x, y, width, height }: Box, zoom: number, colours: Colours, status?: string): void {
  pen.fillStyle = colours.paper
  pen.fillRect(x, y, width, height)
  if (zoom > ROUND) {
    pen.strokeStyle = colours.line
    pen.lineWidth = 1
    pen.strokeRect(x, y, width, height)
  }
  pen.fillStyle = colours[STATES[status ?? ''] ?? 'accent']
  pen.fillRect(x, y, status ? 14 : 5, height)
  if (14 * zoom < READABLE || node.type !== 'step') return
  pen.fillStyle = colours.ink
  pen.font = '600 14px system-ui, sans-serif'
  pen.fillText(node.id.length > 24 ? `${node.id.slice(0, 23)}…` : node.id, x + 20, y + 20, width - 26)
}

function heightAt(node: CanvasNode, side: 'inputs' | 'outputs', handle: string | null | undefined): number {
  if (node.type !== 'step') return boxOf(node).height / 2
  return portHeight(node.data[side].findIndex((port) => handle?.startsWith(`${port.name}|`)))
}

function coloursOf(place: Element): Colours {
  const style = getComputedStyle(place)
  return Object.fromEntries(COLOURS.map((name) => [name, style.getPropertyValue(`--${name}`).trim()])) as Colours
}
