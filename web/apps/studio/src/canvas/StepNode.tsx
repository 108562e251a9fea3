import { fits } from '@assay/document'
import { Handle, Position, useConnection, useStore, useUpdateNodeInternals, type NodeProps } from '@xyflow/react'
import { memo, useEffect, useRef } from 'react'

import { useTypes } from '../state/catalog.ts'
import { useEditor } from '../state/editor.ts'
import { useRunName, useStepView } from '../state/trail.ts'
import { useWhole } from '../state/whole.ts'
import { duration, strings } from '../strings.ts'
import { Below, Clock } from './Below.tsx'
import type { StepData, StepNodeType } from './elements.ts'
import { heightOf } from './geometry.ts'
import { colour, type PortView } from './ports.ts'

const SYMBOLS: Readonly<Record<string, string>> = {
  waiting: '·',
  running: '▸',
  retrying: '↻',
  succeeded: '✔',
  reused: '≡',
  skipped: '–',
  failed: '✘',
  cancelled: '■',
}
const FAR = 0.5
const FAR_STATE = 24
const FAR_LINE = 28.6
const NEAR = 1.3
const MOST_SHOWN = 5

export const StepNode = memo(function StepNode({ data, selected }: NodeProps<StepNodeType>) {
  const { step, component, inputs, outputs } = data
  const level = useStore((state) => (state.transform[2] < FAR ? 'far' : state.transform[2] > NEAR ? 'near' : 'middle'))
  const faulty = useEditor((state) => state.faults.some((fault) => concerns(fault.message, step.name)))
  const measure = useUpdateNodeInternals()
  const first = useRef(true)
  useEffect(() => {
    if (first.current) first.current = false // the canvas measures what is new by itself
    else measure(step.name) // a port that came later has no place until it is asked for
  }, [measure, step.name, inputs, outputs])
  const kind = component ? component.category : 'missing'
  return (
    <div className={`step step-at-${level} step-${kind}${selected ? ' step-selected' : ''}${component ? '' : ' step-ghost'}${component?.pipeline ? ' step-pipeline' : ''}${faulty ? ' step-faulty' : ''}`}>
      <div className="step-head">
        <div className="step-name" title={step.name} style={level === 'far' ? { WebkitLineClamp: farLines(inputs.length, outputs.length) } : undefined}>
          {step.name}
        </div>
        {component?.pipeline ? <Whole name={step.name} /> : <Status name={step.name} />}
      </div>
      <div className="step-use" title={component?.title ?? strings.missingComponent}>
        {step.use || '?'}
      </div>
      <div className="step-ports">
        <Ports ports={inputs} side="target" step={step.name} />
        <Ports ports={outputs} side="source" step={step.name} />
      </div>
      {level !== 'far' && <Below step={step.name} />}
      {level === 'near' && <Details data={data} />}
    </div>
  )
})

/** How many lines of its name, in large letters, a step has room for below its state. */
function farLines(inputs: number, outputs: number): number {
  return Math.max(1, Math.floor((heightOf(inputs, outputs) - FAR_STATE) / FAR_LINE))
}

/** What a step says, for whoever comes near. */
function Details({ data: { step, component } }: { readonly data: StepData }) {
  const values = Object.entries(step.values)
  return (
    <ul className="step-details">
      {component && <li>{component.title}</li>}
      {values.slice(0, MOST_SHOWN).map(([name, value]) => (
        <li key={name} title={JSON.stringify(value)}>
          {name}: {typeof value === 'string' ? value : JSON.stringify(value)}
        </li>
      ))}
      {values.length > MOST_SHOWN && <li>… {values.length - MOST_SHOWN}</li>}
    </ul>
  )
}

function Whole({ name }: { readonly name: string }) {
  const status = useWhole(useRunName(name))
  if (!status) return null
  return (
    <span className={`step-status status-${status}`} title={status}>
      <span aria-hidden="true">{SYMBOLS[status] ?? '·'}</span>
      <span className="hidden">{status}</span>
    </span>
  )
}

function Status({ name }: { readonly name: string }) {
  const view = useStepView(name)
  if (!view) return null
  return (
    <span className={`step-status status-${view.status}`} title={[view.status, view.message].filter(Boolean).join(': ')}>
      <span aria-hidden="true">{SYMBOLS[view.status] ?? '·'}</span>
      <span className="hidden">{view.status}</span>
      {view.status === 'running' && view.started !== null ? <Clock since={view.started} /> : view.seconds > 0 ? ` ${duration(view.seconds)}` : ''}
    </span>
  )
}

function Ports({ ports, side, step }: { readonly ports: readonly PortView[]; readonly side: 'source' | 'target'; readonly step: string }) {
  const table = useTypes()
  const from = useConnection((connection) => (connection.inProgress ? typeOf(connection.fromHandle) : null))
  return (
    <div className={`ports ports-${side}`}>
      {ports.map((port) => {
        const asked = from && from.side !== side && from.step !== step
        const why = asked ? (side === 'target' ? fits(from.type, port.type, table) : fits(port.type, from.type, table)) : null
        return (
          <div className={`port${why ? ' port-dim' : ''}`} key={port.name} title={why ?? `${port.name}: ${port.type}. ${port.help}`}>
            <Handle
              id={`${port.name}|${port.type}`}
              type={side}
              position={side === 'target' ? Position.Left : Position.Right}
              style={{ background: colour(port.type) }}
              isConnectable
            />
            <span className="port-name">{port.name}</span>
            {why !== null && <span className="port-why">{why}</span>}
          </div>
        )
      })}
    </div>
  )
}

/** A handle's id carries the port's type, so that no other place has to be asked while a wire is drawn. */
export function typeOf(handle: { nodeId: string; id?: string | null; type: string } | null) {
  if (!handle?.id) return null
  const [port = '', type = ''] = handle.id.split('|')
  return { step: handle.nodeId, port, type, side: handle.type }
}

function concerns(message: string, step: string): boolean {
  return message.includes(`'${step}'`) || message.includes(`'${step}.`)
}
