import { Panel, useReactFlow, useStoreApi } from '@xyflow/react'
import { useEffect, useMemo, useRef, type PointerEvent, type WheelEvent } from 'react'

import { useTheme } from '../state/theme.ts'
import { strings } from '../strings.ts'
import { boundsOf, boxOf, viewOf } from './culling.ts'
import type { CanvasNode } from './elements.ts'

const WIDTH = 200
const HEIGHT = 150
const LEAST = 1.5

/**
 * The whole of a pipeline, drawn in one piece, with a frame round what is in sight. A click or a drag goes there, the wheel zooms.
 * With the keyboard the outline leads to every step.
 */
export function WholeMap({ nodes }: { readonly nodes: readonly CanvasNode[] }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const frame = useRef<HTMLDivElement>(null)
  const store = useStoreApi()
  const flow = useReactFlow()
  const theme = useTheme((state) => state.theme)
  const { bounds, scale } = useMemo(() => {
    const all = boundsOf(nodes)
    const scale = Math.min(WIDTH / all.width, HEIGHT / all.height)
    return { bounds: { x: all.x - (WIDTH / scale - all.width) / 2, y: all.y - (HEIGHT / scale - all.height) / 2 }, scale }
  }, [nodes])

  useEffect(() => {
    const pen = canvas.current?.getContext('2d')
    if (!canvas.current || !pen) return
    pen.clearRect(0, 0, WIDTH, HEIGHT)
    const style = getComputedStyle(canvas.current)
    const colour = (name: string) => style.getPropertyValue(name).trim()
    const [step, note] = [colour('--accent'), colour('--note')]
    pen.strokeStyle = colour('--faint')
    for (const node of nodes) {
      if (node.hidden) continue
      const { x, y, width, height } = boxOf(node)
      const box = [(x - bounds.x) * scale, (y - bounds.y) * scale, Math.max(LEAST, width * scale), Math.max(LEAST, height * scale)] as const
      pen.fillStyle = node.type === 'note' ? note : step
      if (node.type === 'frame' && !node.data.group.collapsed) pen.strokeRect(...box)
      else pen.fillRect(...box)
    }
  }, [nodes, bounds, scale, theme])

  useEffect(() => {
    const place = () => {
      const view = viewOf(store.getState())
      const left = Math.max(0, (view.x - bounds.x) * scale)
      const top = Math.max(0, (view.y - bounds.y) * scale)
      const right = Math.min(WIDTH, (view.x + view.width - bounds.x) * scale)
      const bottom = Math.min(HEIGHT, (view.y + view.height - bounds.y) * scale)
      if (frame.current) Object.assign(frame.current.style, { left: `${left}px`, top: `${top}px`, width: `${Math.max(0, right - left)}px`, height: `${Math.max(0, bottom - top)}px` })
    }
    place()
    return store.subscribe(place)
  }, [store, bounds, scale])

  const go = (event: PointerEvent<HTMLDivElement>) => {
    if (!event.buttons) return
    const box = event.currentTarget.getBoundingClientRect()
    const zoom = store.getState().transform[2]
    void flow.setCenter(bounds.x + (event.clientX - box.x) / scale, bounds.y + (event.clientY - box.y) / scale, { zoom })
  }
  const zoom = (event: WheelEvent) => void flow.zoomTo(store.getState().transform[2] * 2 ** (-event.deltaY / 500))
  return (
    <Panel position="bottom-right" className="whole-map">
      <div role="img" aria-label={strings.overview} className="nopan nowheel" onPointerDown={go} onPointerMove={go} onWheel={zoom}>
        <canvas ref={canvas} width={WIDTH} height={HEIGHT} />
        <div ref={frame} className="whole-map-frame" />
      </div>
    </Panel>
  )
}
