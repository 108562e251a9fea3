import { connect, disconnect, fits, moveThings, removeThings } from '@assay/document'
import {
  applyNodeChanges,
  Background,
  Controls,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  type Connection,
  type Edge,
  type FinalConnectionState,
  type NodeChange,
  type NodePositionChange,
} from '@xyflow/react'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'

import { converting, useOffers, useTypes } from '../state/catalog.ts'
import { announce, run, select, useEditor } from '../state/editor.ts'
import { openNested } from '../state/trail.ts'
import { strings } from '../strings.ts'
import { noteId, sorted } from '../state/things.ts'
import { Actions } from './Actions.tsx'
import { groupSelected, ungroupSelected, writeNote } from './acts.ts'
import { carried, framed } from './annotations/frames.ts'
import { GroupHost, NoteHost } from './annotations/hosts.tsx'
import { edgesOf, nodesOf, type CanvasNode, type WireEdge } from './elements.ts'
import { boundsOf, FEW, useNear } from './culling.ts'
import { COLUMN, ROW, WIDTH } from './geometry.ts'
import { drawnAt, Overview } from './Overview.tsx'
import { DRAG_TYPE, insert, QuickAdd, type Dropped } from './QuickAdd.tsx'
import { StepNode, typeOf } from './StepNode.tsx'
import { WholeMap } from './WholeMap.tsx'

const LEAST_MAPPED = 9
const NODE_TYPES = { step: StepNode, note: NoteHost, frame: GroupHost }

/** The one place that knows @xyflow/react as a canvas. */
export function Canvas() {
  return (
    <ReactFlowProvider>
      <Flow />
    </ReactFlowProvider>
  )
}

function Flow() {
  const graph = useEditor((state) => state.graph)
  const components = useEditor((state) => state.components)
  const selected = useEditor((state) => state.selected)
  const path = useEditor((state) => state.path)
  const table = useTypes()
  const offers = useOffers()
  const flow = useReactFlow()
  const [quick, setQuick] = useState<Dropped | null>(null)
  const [nodes, setNodes] = useState<CanvasNode[]>([])
  const latest = useRef(nodes)
  const edges = useMemo(() => (graph ? edgesOf(graph, components) : []), [graph, components])

  useEffect(() => {
    setNodes((before) => (graph ? nodesOf(graph, components, before, selected) : []))
  }, [graph, components, selected])

  useEffect(() => {
    latest.current = nodes
  }, [nodes])

  const shown = useNear(nodes)
  const nearNodes = useMemo(() => (shown ? nodes.filter((node) => shown.has(node.id)) : nodes), [nodes, shown])
  const nearEdges = useMemo(() => (shown ? edges.filter((edge) => shown.has(edge.source) && shown.has(edge.target)) : edges), [edges, shown])

  const fit = useCallback(() => {
    if (latest.current.length > FEW) void flow.fitBounds(boundsOf(latest.current), { padding: 0.04 })
    else void flow.fitView({ maxZoom: 1, padding: 0.08 })
  }, [flow])
  useEffect(() => {
    const timer = setTimeout(fit, 50)
    return () => clearTimeout(timer)
  }, [fit, path])

  const onNodesChange = useCallback((changes: NodeChange<CanvasNode>[]) => {
    const placed = changes.filter((change) => change.type === 'position')
    const also = carried(placed, latest.current)
    setNodes((now) => framed(applyNodeChanges([...changes.filter((change) => change.type !== 'remove'), ...also], now)))
    const moved = [...placed, ...also].flatMap((change) => (change.dragging === false && change.position ? [[change.id, placeOf(change.position)] as const] : []))
    if (moved.length) {
      const place = Object.fromEntries(moved)
      const { steps, notes } = sorted(Object.keys(place))
      const at = (id: string) => place[id] ?? [0, 0]
      run(moveThings(Object.fromEntries(steps.map((name) => [name, at(name)])), Object.fromEntries(notes.map((name) => [name, at(noteId(name))]))))
    }
    const picked = changes.filter((change) => change.type === 'select')
    if (!picked.length) return
    const chosen = new Set(useEditor.getState().selected)
    for (const change of picked) {
      if (change.selected) chosen.add(change.id)
      else chosen.delete(change.id)
    }
    select([...chosen])
  }, [])

  const onConnect = useCallback(
    (wire: Connection) => {
      const ends = endsOf(wire)
      if (ends && fits(ends.source.type, ends.target.type, table) === null) {
        const many = ends.target.type.startsWith('list[')
        run(connect(ends.source, { step: ends.target.step, port: ends.target.port, many }))
      }
    },
    [table],
  )

  const onConnectEnd = useCallback(
    (event: MouseEvent | TouchEvent, state: FinalConnectionState) => {
      const from = typeOf(state.fromHandle)
      if (state.isValid || from?.side !== 'source' || !('clientX' in event)) return
      const at = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY })
      const to = typeOf(state.toHandle)
      if (!state.toHandle) setQuick({ at: [at.x / COLUMN, at.y / ROW], from })
      else if (to?.side === 'target' && to.step !== from.step) {
        const why = fits(from.type, to.type, table) ?? ''
        if (converting(offers, from.type, to.type, table).length) setQuick({ at: [(at.x - WIDTH) / COLUMN - 0.3, at.y / ROW], from, to })
        announce(why)
      }
    },
    [flow, offers, table],
  )

  const centre = useCallback((): readonly [number, number] => {
    const box = document.querySelector('.canvas')?.getBoundingClientRect()
    const at = flow.screenToFlowPosition({ x: (box?.x ?? 0) + (box?.width ?? 0) / 2, y: (box?.y ?? 0) + (box?.height ?? 0) / 2 })
    return [at.x / COLUMN, at.y / ROW]
  }, [flow])

  return (
    <section
      className="canvas"
      aria-label={strings.canvas}
      onKeyDown={(event) => {
        if (event.key === 'd' && (event.ctrlKey || event.metaKey)) {
          event.preventDefault()
          void import('./clipboard.ts').then((found) => found.duplicate())
          return
        }
        if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement || event.ctrlKey || event.metaKey) return
        if (event.key === 'a' || event.key === '/') {
          event.preventDefault()
          setQuick({ at: centre(), from: null })
        } else if (event.key === 'n') {
          event.preventDefault()
          writeNote(centre())
        } else if (event.key === 'g') groupSelected()
        else if (event.key === 'G') ungroupSelected()
      }}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        const use = event.dataTransfer.getData(DRAG_TYPE)
        const at = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY })
        const offer = offers.find((one) => one.use === use)
        if (offer) insert(offer, { at: [at.x / COLUMN, at.y / ROW], from: null }, '')
      }}
    >
      <p className="hidden" id="canvas-help">
        {strings.canvasHelp}
      </p>
      <ReactFlow
        aria-describedby="canvas-help"
        nodes={nearNodes}
        edges={nearEdges}
        nodeTypes={NODE_TYPES}
        onNodesChange={onNodesChange}
        onConnect={onConnect}
        onNodeDoubleClick={(_, node) => {
          if (node.type === 'step' && node.data.component?.pipeline) void openNested(node.id, node.data.step.use)
        }}
        onConnectEnd={onConnectEnd}
        isValidConnection={(wire) => {
          const ends = endsOf(wire)
          return ends !== null && fits(ends.source.type, ends.target.type, table) === null
        }}
        onBeforeDelete={({ nodes: gone, edges: cut }) => {
          if (gone.length) run(removeThings(sorted(gone.map((node) => node.id))))
          else cut.forEach(cutEdge)
          return Promise.resolve(false) // the document decides, and the canvas follows it
        }}
        deleteKeyCode={['Delete', 'Backspace']}
        elevateNodesOnSelect={false} // a selected frame would cover its steps
        multiSelectionKeyCode={['Shift', 'Control', 'Meta']}
        onPaneClick={(event) => {
          const found = shown && drawnAt(nodes, flow.screenToFlowPosition({ x: event.clientX, y: event.clientY }))
          if (found) select([found.id])
        }}
        minZoom={shown ? 0.005 : 0.1}
        proOptions={{ hideAttribution: true }}
      >
        <Background gap={20} />
        <Controls showInteractive={false} onFitView={fit} />
        {shown && <Overview nodes={nodes} edges={edges} shown={shown} />}
        {nodes.length >= LEAST_MAPPED && <WholeMap nodes={nodes} />}
      </ReactFlow>
      <Actions centre={centre} />
      {quick && <QuickAdd dropped={quick} onClose={() => setQuick(null)} />}
    </section>
  )
}

function placeOf(at: NonNullable<NodePositionChange['position']>): readonly [number, number] {
  return [at.x / COLUMN, at.y / ROW]
}

function endsOf(wire: Connection | Edge) {
  const source = typeOf({ nodeId: wire.source, id: wire.sourceHandle ?? null, type: 'source' })
  const target = typeOf({ nodeId: wire.target, id: wire.targetHandle ?? null, type: 'target' })
  return source && target ? { source, target } : null
}

function cutEdge(edge: WireEdge): void {
  if (edge.data) run(disconnect(edge.data.wire.source, edge.data.wire.target))
}
