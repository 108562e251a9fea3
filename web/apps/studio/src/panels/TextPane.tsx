import { defaultKeymap, indentWithTab } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import { defaultHighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { lintGutter, setDiagnostics, type Diagnostic } from '@codemirror/lint'
import { Annotation, EditorState } from '@codemirror/state'
import { EditorView, keymap, lineNumbers } from '@codemirror/view'
import { difference } from '@assay/document'
import { useEffect, useRef } from 'react'

import { isElsewhere, redo, undo, useEditor } from '../state/editor.ts'
import { strings } from '../strings.ts'

const fromOutside = Annotation.define<boolean>()

/** The text itself. It has no history of its own: canvas, form and text share one. */
export default function TextPane() {
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView | null>(null)
  const text = useEditor((state) => state.text)
  const faults = useEditor((state) => state.faults)

  useEffect(() => {
    if (!place.current) return
    const made = new EditorView({ parent: place.current, state: EditorState.create({ doc: useEditor.getState().text, extensions: extensions() }) })
    view.current = made
    return () => made.destroy()
  }, [])

  useEffect(() => {
    const [splice] = difference(view.current?.state.doc.toString() ?? text, text)
    if (splice) view.current?.dispatch({ changes: splice, annotations: fromOutside.of(true) })
  }, [text])

  useEffect(() => {
    const state = view.current?.state
    if (!state) return
    const marks = faults.flatMap((fault): Diagnostic[] => {
      if (!fault.location || fault.location.line > state.doc.lines || isElsewhere(fault, useEditor.getState().path)) return []
      const line = state.doc.line(fault.location.line)
      const from = Math.min(line.from + fault.location.column - 1, line.to)
      return [{ from, to: Math.max(from, line.to), severity: fault.severity, message: `${fault.message} ${fault.hint}`.trim() }]
    })
    view.current?.dispatch(setDiagnostics(state, marks))
  }, [faults])

  return <div className="text" ref={place} />
}

function extensions() {
  return [
    lineNumbers(),
    lintGutter(),
    yaml(),
    syntaxHighlighting(defaultHighlightStyle),
    keymap.of([
      { key: 'Mod-z', run: () => (undo(), true) },
      { key: 'Mod-Shift-z', run: () => (redo(), true) },
      { key: 'Mod-y', run: () => (redo(), true) },
      ...defaultKeymap,
      indentWithTab,
    ]),
    EditorView.contentAttributes.of({ 'aria-label': strings.text }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged && !update.transactions.some((one) => one.annotation(fromOutside))) {
        useEditor.getState().document?.type(update.state.doc.toString())
      }
    }),
  ]
}
