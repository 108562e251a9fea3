import { resizeNote, setNote } from '@assay/document'
import { NodeResizer, type NodeProps } from '@xyflow/react'
import { memo, useState } from 'react'

import { Prose } from '../../parts/Prose.tsx'
import { run } from '../../state/editor.ts'
import { strings } from '../../strings.ts'
import type { NoteNodeType } from '../elements.ts'
import { COLUMN, ROW } from '../geometry.ts'

/** A note: Markdown, shown without HTML, pictures or anything else that would be fetched; a double click or Enter edits it. */
const NoteNode = memo(function NoteNode({ data, selected }: NodeProps<NoteNodeType>) {
  const [editing, setEditing] = useState(data.text === '' && selected)
  const done = (text: string) => {
    setEditing(false)
    if (text !== data.text) run(setNote(data.name, text))
  }
  return (
    <div
      tabIndex={0} // a long text is scrolled by keys too
      className={`note${selected ? ' note-selected' : ''}`}
      onDoubleClick={() => setEditing(true)}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && event.target === event.currentTarget) setEditing(true)
      }}
    >
      <NodeResizer
        isVisible={selected}
        minWidth={80}
        minHeight={40}
        onResizeEnd={(_, { x, y, width, height }) => run(resizeNote(data.name, [x / COLUMN, y / ROW], [width / COLUMN, height / ROW]))}
      />
      {editing ? <Editing text={data.text} onDone={done} /> : <Shown text={data.text} />}
    </div>
  )
})
export default NoteNode

function Shown({ text }: { readonly text: string }) {
  if (!text.trim()) return <p className="note-empty">{strings.noteEmpty}</p>
  return <Prose text={text} linkClass="nodrag" />
}

function Editing({ text, onDone }: { readonly text: string; readonly onDone: (text: string) => void }) {
  return (
    <textarea
      autoFocus
      className="nodrag nowheel"
      aria-label={strings.noteText}
      defaultValue={text}
      onBlur={(event) => onDone(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onDone(text)
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) onDone(event.currentTarget.value)
        event.stopPropagation()
      }}
    />
  )
}
