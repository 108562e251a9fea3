import { moveSteps } from '@assay/document'
import { useEffect } from 'react'

import { arranged, heightsOf } from './canvas/geometry.ts'
import { Back } from './Back.tsx'
import { Help } from './help/Help.tsx'
import { RunBar } from './runs/RunBar.tsx'
import { redo, run, save, undo, useEditor } from './state/editor.ts'
import { backToFiles } from './state/trail.ts'
import { setTheme, useTheme, type Theme } from './state/theme.ts'
import { strings } from './strings.ts'
import { NewPipeline } from './templates/NewPipeline.tsx'
import { VersionsBar } from './versions/VersionsBar.tsx'

export function Toolbar() {
  const path = useEditor((state) => state.path)
  const dirty = useEditor((state) => state.text !== state.savedText)
  const undoable = useEditor((state) => (state.text, state.document?.undoLabel ?? null))
  const redoable = useEditor((state) => (state.text, state.document?.redoLabel ?? null))
  const theme = useTheme((state) => state.theme)
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!event.ctrlKey && !event.metaKey) return
      const inText = event.target instanceof Element && event.target.closest('.cm-editor, input, textarea') !== null
      const key = event.key.toLowerCase()
      if (key === 's') void save()
      else if (key === 'z' && !inText) (event.shiftKey ? redo : undo)()
      else if (key === 'y' && !inText) redo()
      else return
      event.preventDefault()
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [])
  useEffect(() => {
    const leave = (event: BeforeUnloadEvent) => dirty && event.preventDefault()
    window.addEventListener('beforeunload', leave)
    return () => window.removeEventListener('beforeunload', leave)
  }, [dirty])
  return (
    <header className="toolbar">
      <b>{strings.app}</b>
      {path !== null && (
        <>
          <button type="button" onClick={() => void backToFiles()}>
            {strings.files}
          </button>
          <Back />
          <span className="path">
            {path} {dirty && <em>{strings.unsaved}</em>}
          </span>
          <NewPipeline />
          <button type="button" disabled={!dirty} onClick={() => void save()}>
            {strings.save}
          </button>
          <button type="button" disabled={!undoable} title={undoable ?? ''} onClick={undo}>
            {strings.undo}
          </button>
          <button type="button" disabled={!redoable} title={redoable ?? ''} onClick={redo}>
            {strings.redo}
          </button>
          <button type="button" onClick={() => void arrange()}>
            {strings.arrange}
          </button>
          <VersionsBar />
          <RunBar />
        </>
      )}
      <Help />
      <label className="theme">
        {strings.theme}{' '}
        <select value={theme} onChange={(event) => setTheme(event.target.value as Theme)}>
          {Object.entries(strings.themes).map(([value, title]) => (
            <option key={value} value={value}>
              {title}
            </option>
          ))}
        </select>
      </label>
    </header>
  )
}

async function arrange(): Promise<void> {
  const { graph, components } = useEditor.getState()
  if (graph) run(moveSteps(await arranged(graph, heightsOf(graph, components))))
}
