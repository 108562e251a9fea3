import { setGroup } from '@assay/document'
import { Handle, Position, useUpdateNodeInternals, type NodeProps } from '@xyflow/react'
import { useEffect } from 'react'

import { run } from '../../state/editor.ts'
import { useRun } from '../../state/run.ts'
import { worst } from '../../state/whole.ts'
import { strings } from '../../strings.ts'
import type { GroupNodeType } from './frames.ts'

/** A frame round steps, with its name; closed, one box that wires end at. */
export default function GroupNode({ id, data, selected }: NodeProps<GroupNodeType>) {
  const { group, inputs, outputs } = data
  const measure = useUpdateNodeInternals()
  const ports = [...inputs, '>', ...outputs].join()
  useEffect(() => measure(id), [measure, id, group.collapsed, ports]) // handles that came later have no place until they are asked for
  const toggle = () => run(setGroup(group.name, 'collapsed', !group.collapsed, `${group.collapsed ? strings.openGroup : strings.closeGroup} ${group.title}`))
  return (
    <div className={`group group-${group.colour}${selected ? ' group-selected' : ''}${group.collapsed ? ' group-closed' : ''}`}>
      <div className="group-title">
        <button
          type="button"
          className="quiet nodrag"
          aria-expanded={!group.collapsed}
          aria-label={`${group.collapsed ? strings.openGroup : strings.closeGroup} ${group.title}`}
          onClick={toggle}
        >
          {group.collapsed ? '▸' : '▾'}
        </button>
        <bdi title={group.title}>{group.title}</bdi>
        {group.collapsed && <Summary steps={group.steps} />}
      </div>
      {group.collapsed && (
        <div className="step-ports">
          <Ends ports={inputs} side="target" />
          <Ends ports={outputs} side="source" />
        </div>
      )}
    </div>
  )
}

function Ends({ ports, side }: { readonly ports: readonly string[]; readonly side: 'source' | 'target' }) {
  return (
    <div className={`ports ports-${side}`}>
      {ports.map((port) => (
        <div className="port" key={port} title={port}>
          <Handle id={port} type={side} position={side === 'target' ? Position.Left : Position.Right} isConnectable={false} />
          <span className="port-name">{port}</span>
        </div>
      ))}
    </div>
  )
}

/** How many steps there are, and the state that matters most. */
function Summary({ steps }: { readonly steps: readonly string[] }) {
  const status = useRun((state) => worst(steps.flatMap((step) => state.steps[step]?.status ?? [])))
  return (
    <span className={`group-count status-${status}`}>
      {steps.length} {strings.steps} {status}
    </span>
  )
}
