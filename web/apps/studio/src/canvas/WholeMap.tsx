import { Panel, useReactFlow, useStoreApi } from '@xyflow/react'
import { useEffect, useMemo, useRef, type PointerEvent } from 'react'

import { useTheme } from '../state/theme.ts'
import { strings } from '../strings.ts'
import { boundsOf, boxOf, viewOf } from './culling.ts'
import type { CanvasNode } from './elements.ts'

const WIDTH = 200
const HEIGHT = 150
const LEAST = 1.5

/**
 * The whole of a pipeline too large for elements of the page: drawn once, with a frame round what is in sight. A click or a drag goes there.
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
    return { bounds: all, scale: Math.min(WIDTH / all.width, HEIGHT / all.height) }
  }, [nodes])

  useEffect(() => {
    const pen = canvas.current?.getContext('2d')
    if (!canvas.current || !pen) return
    pen.clearRect(0, 0, WIDTH, HEIGHT)
    pen.fillStyle = getComputedStyle(canvas.current).getPropertyValue('--accent').trim()
    for (const { x, y, width, height } of nodes.filter((node) => !node.hidden).map(boxOf))
      pen.fillRect((x - bounds.x) * scale, (y - bounds.y) * scale, Math.max(LEAST, width * scale), Math.max(LEAST, height * scale))
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
  return (
    <Panel position="bottom-right" className="whole-map">
      <div role="img" aria-label={strings.overview} className="nopan nowheel" onPointerDown={go} onPointerMove={go}>
        <canvas ref={canvas} width={WIDTH} height={HEIGHT} />
        <div ref={frame} className="whole-map-frame" />
      </div>
    </Panel>
  )
}
