import type { Component } from '@assay/api'
import { connect, disconnect, fits, moveSteps, removeSteps, type Graph } from '@assay/document'
import {
  applyNodeChanges,
  Background,
  Controls,
  MiniMap,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  type Connection,
  type Edge,
  type FinalConnectionState,
  type NodeChange,
} from '@xyflow/react'
import { useCallback, useEffect, useMemo, useState } from 'react'

import { useOffers, useTypes } from '../state/catalog.ts'
import { run, select, useEditor } from '../state/editor.ts'
import { strings } from '../strings.ts'
import { COLUMN, heightsOf, places, ROW } from './geometry.ts'
import { portsOf } from './ports.ts'
import { DRAG_TYPE, insert, QuickAdd, type Dropped } from './QuickAdd.tsx'
import { StepNode, typeOf, type StepNodeType } from './StepNode.tsx'

const NODE_TYPES = { step: StepNode }

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
  const [nodes, setNodes] = useState<StepNodeType[]>([])
  const edges = useMemo(() => (graph ? edgesOf(graph, components) : []), [graph, components])

  useEffect(() => {
    setNodes((before) => (graph ? nodesOf(graph, components, before, selected) : []))
  }, [graph, components, selected])

  useEffect(() => {
    const timer = setTimeout(() => void flow.fitView({ maxZoom: 1, padding: 0.08 }), 50)
    return () => clearTimeout(timer)
  }, [flow, path])

  const onNodesChange = useCallback((changes: NodeChange<StepNodeType>[]) => {
    setNodes((now) => applyNodeChanges(changes.filter((change) => change.type !== 'remove'), now))
    const moved = changes.flatMap((change) =>
      change.type === 'position' && change.dragging === false && change.position
        ? [[change.id, [change.position.x / COLUMN, change.position.y / ROW] as const] as const]
        : [],
    )
    if (moved.length) run(moveSteps(Object.fromEntries(moved)))
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
      if (state.isValid || state.toHandle || from?.side !== 'source' || !('clientX' in event)) return
      const at = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY })
      setQuick({ at: [at.x / COLUMN, at.y / ROW], from })
    },
    [flow],
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
        if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey) return
        if (event.key === 'a' || event.key === '/') {
          event.preventDefault()
          setQuick({ at: centre(), from: null })
        }
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
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        onNodesChange={onNodesChange}
        onConnect={onConnect}
        onConnectEnd={onConnectEnd}
        isValidConnection={(wire) => {
          const ends = endsOf(wire)
          return ends !== null && fits(ends.source.type, ends.target.type, table) === null
        }}
        onBeforeDelete={({ nodes: gone, edges: cut }) => {
          if (gone.length) run(removeSteps(gone.map((node) => node.id)))
          else cut.forEach(cutEdge)
          return Promise.resolve(false) // the document decides, and the canvas follows it
        }}
        deleteKeyCode={['Delete', 'Backspace']}
        onlyRenderVisibleElements={nodes.length > 150}
        minZoom={0.1}
        proOptions={{ hideAttribution: true }}
      >
        <Background gap={20} />
        <Controls showInteractive={false} />
        {nodes.length > 8 && <MiniMap pannable zoomable ariaLabel="Overview" />}
      </ReactFlow>
      {quick && <QuickAdd dropped={quick} onClose={() => setQuick(null)} />}
    </section>
  )
}

function nodesOf(
  graph: Graph,
  components: Readonly<Record<string, Component>>,
  before: readonly StepNodeType[],
  selected: readonly string[],
): StepNodeType[] {
  const old = new Map(before.map((node) => [node.id, node]))
  const at = places(graph, heightsOf(graph, components))
  const chosen = new Set(selected)
  return graph.steps.map((step) => {
    const component = components[step.use]
    const known = old.get(step.name)
    const [x, y] = at[step.name] ?? [0, 0]
    const position = { x: x * COLUMN, y: y * ROW }
    const data = known?.data
    const same = data && data.component === component && JSON.stringify(data.step) === JSON.stringify(step)
    return {
      ...known,
      id: step.name,
      type: 'step' as const,
      position,
      selected: chosen.has(step.name),
      ariaLabel: `${step.name}, ${component?.title ?? step.use}`,
      data: same ? data : { step, component, ...portsOf(step, component, graph) },
    }
  })
}

function edgesOf(graph: Graph, components: Readonly<Record<string, Component>>): Edge[] {
  const steps = new Map(graph.steps.map((step) => [step.name, step]))
  const type = (name: string, port: string, side: 'inputs' | 'outputs') => {
    const step = steps.get(name)
    return step ? (portsOf(step, components[step.use], graph)[side].find((one) => one.name === port)?.type ?? '?') : '?'
  }
  return graph.edges.flatMap((edge) => {
    if (edge.kind === 'value' || !steps.has(edge.source.step)) return []
    const from = `${edge.source.port}|${type(edge.source.step, edge.source.port, 'outputs')}`
    const to = `${edge.target.port}|${type(edge.target.step, edge.target.port, 'inputs')}`
    return {
      id: `${edge.source.step}.${edge.source.port}>${edge.target.step}.${edge.target.port}`,
      source: edge.source.step,
      target: edge.target.step,
      sourceHandle: from,
      targetHandle: to,
      ariaLabel: `${edge.source.step}.${edge.source.port} feeds ${edge.target.step}.${edge.target.port}`,
    }
  })
}

function endsOf(wire: Connection | Edge) {
  const source = typeOf({ nodeId: wire.source, id: wire.sourceHandle ?? null, type: 'source' })
  const target = typeOf({ nodeId: wire.target, id: wire.targetHandle ?? null, type: 'target' })
  return source && target ? { source, target } : null
}

function cutEdge(edge: Edge): void {
  const ends = endsOf(edge)
  if (ends) run(disconnect(ends.source, ends.target))
}
