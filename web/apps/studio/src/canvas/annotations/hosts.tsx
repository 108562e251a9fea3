import type { NodeProps } from '@xyflow/react'
import { lazy, Suspense } from 'react'

import type { NoteNodeType } from '../elements.ts'
import type { GroupNodeType } from './frames.ts'

import './annotations.css'

const Group = lazy(() => import('./GroupNode.tsx'))
const Note = lazy(() => import('./NoteNode.tsx'))

/** Notes and frames are loaded when a pipeline has the first one: Markdown is a large part of an editor. */
export function NoteHost(props: NodeProps<NoteNodeType>) {
  return (
    <Suspense fallback={<div className="note">{props.data.text}</div>}>
      <Note {...props} />
    </Suspense>
  )
}

export function GroupHost(props: NodeProps<GroupNodeType>) {
  return (
    <Suspense fallback={<div className="group" />}>
      <Group {...props} />
    </Suspense>
  )
}
