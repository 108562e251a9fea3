import { COLOURS, setGroup, setNote, ungroup, type Group, type Note } from '@assay/document'
import { useEffect, useId, useState } from 'react'

import { run, select } from '../state/editor.ts'
import { strings } from '../strings.ts'

/** The form of a note. */
export function NoteForm({ note }: { readonly note: Note }) {
  const id = useId()
  const [text, setText] = useState(note.text)
  useEffect(() => setText(note.text), [note.text])
  return (
    <div className="field">
      <label htmlFor={id}>{strings.noteText}</label>
      <textarea id={id} rows={10} value={text} onChange={(event) => setText(event.target.value)} onBlur={() => text !== note.text && run(setNote(note.name, text))} />
    </div>
  )
}

/** The form of a group: what it says, its colour, and what is in it. */
export function GroupForm({ group }: { readonly group: Group }) {
  const id = useId()
  const [title, setTitle] = useState(group.title)
  useEffect(() => setTitle(group.title), [group.title])
  const done = () => {
    const wanted = title.trim()
    if (wanted !== group.title) run(setGroup(group.name, 'title', wanted === group.name ? '' : wanted, `Rename the group ${group.title}`))
  }
  return (
    <>
      <input
        className="title"
        aria-label={strings.groupTitle}
        value={title}
        onChange={(event) => setTitle(event.target.value)}
        onBlur={done}
        onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
      />
      <div className="field">
        <label htmlFor={id}>{strings.colour}</label>
        <select id={id} value={group.colour} onChange={(event) => run(setGroup(group.name, 'colour', event.target.value, `Colour ${group.title}`))}>
          {COLOURS.map((colour) => (
            <option key={colour} value={colour}>
              {strings.colours[colour]}
            </option>
          ))}
        </select>
      </div>
      <h3>{strings.steps}</h3>
      <ul>
        {group.steps.map((step) => (
          <li key={step}>
            <button type="button" className="quiet" onClick={() => select([step])}>
              {step}
            </button>
          </li>
        ))}
      </ul>
      <button type="button" onClick={() => run(ungroup([group.name]))}>
        {strings.ungroup}
      </button>
    </>
  )
}
