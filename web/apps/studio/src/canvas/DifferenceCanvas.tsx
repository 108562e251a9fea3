import type { VersionDifference } from '@assay/api'
import { outline } from '@assay/document'
import { Background, Controls, Handle, Position, ReactFlow, type NodeProps } from '@xyflow/react'
import { memo, useMemo } from 'react'

import { useEditor } from '../state/editor.ts'
import { strings } from '../strings.ts'
import { SIGNS, type Mark } from '../versions/marks.ts'
import './annotations/annotations.css'
import { pictured, type MarkedFrame, type MarkedNote, type MarkedStep } from './difference.ts'

const MARKED_TYPES = { marked: memo(Marked), note: memo(MarkedNoteBox), frame: memo(MarkedFrameBox) }

/** A difference on a canvas of its own: to look at, not to change. */
export function DifferenceCanvas({ found }: { readonly found: VersionDifference }) {
  const after = useEditor((state) => state.graph)
  const components = useEditor((state) => state.components)
  const shown = useMemo(() => {
    const before = outline(found.before).graph
    return before && after ? pictured(found, before, after, components) : { nodes: [], edges: [] }
  }, [found, after, components])
  return (
    <div className="difference-canvas">
      <ReactFlow
        aria-label={strings.versions.title}
        nodes={shown.nodes}
        edges={shown.edges}
        nodeTypes={MARKED_TYPES}
        nodesConnectable={false}
        deleteKeyCode={null}
        onlyRenderVisibleElements={shown.nodes.length > 150}
        fitView
        fitViewOptions={{ maxZoom: 1, padding: 0.08 }}
        minZoom={0.1}
        proOptions={{ hideAttribution: true }}
      >
        <Background gap={20} />
        <Controls showInteractive={false} />
      </ReactFlow>
    </div>
  )
}

function Marked({ data }: NodeProps<MarkedStep>) {
  const { step, mark, notes } = data
  return (
    <div className={`step marked-${mark}`}>
      <Sign mark={mark} />
      <div className="step-name" title={step.name}>
        {step.name}
      </div>
      <div className="step-use">{step.use || '?'}</div>
      <div className="step-ports">
        <Ports names={data.inputs} side="target" />
        <Ports names={data.outputs} side="source" />
      </div>
      {notes.length > 0 && (
        <ul className={`step-notes mark-${mark}`}>
          {notes.map((note, place) => (
            <li key={place} title={note}>
              {note}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

function Sign({ mark }: { readonly mark: Mark }) {
  return (
    <span className={`step-sign mark-${mark}`} aria-hidden="true">
      {SIGNS[mark]}
    </span>
  )
}

function MarkedNoteBox({ data: { note, mark } }: NodeProps<MarkedNote>) {
  return (
    <div className={`note note-marked marked-${mark}`} tabIndex={0}>
      <Sign mark={mark} />
      {note.text}
    </div>
  )
}

function MarkedFrameBox({ data: { group, mark } }: NodeProps<MarkedFrame>) {
  return (
    <div className={`group group-${group.colour} marked-${mark}`}>
      <Sign mark={mark} />
      <div className="group-title">
        <bdi title={group.title}>{group.title}</bdi>
      </div>
    </div>
  )
}

function Ports({ names, side }: { readonly names: readonly string[]; readonly side: 'source' | 'target' }) {
  return (
    <div className={`ports ports-${side}`}>
      {names.map((name) => (
        <div className="port" key={name}>
          <Handle id={name} type={side} position={side === 'target' ? Position.Left : Position.Right} isConnectable={false} />
          <span className="port-name">{name}</span>
        </div>
      ))}
    </div>
  )
}
