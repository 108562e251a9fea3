import './versions.css'

import { DifferenceCanvas } from '../canvas/DifferenceCanvas.tsx'
import { select, useEditor } from '../state/editor.ts'
import { strings } from '../strings.ts'
import { linesOf, MARKS, SIGNS } from './marks.ts'
import { hideDifference, holdAgainst, savePage, useVersions } from './state.ts'

const DISK = '\n' // no revision's name

/** The open text held against another version of its file: on the canvas, and as a list. */
export default function DifferenceView() {
  const { revisions, against, found, failure } = useVersions()
  const lines = found ? linesOf(found) : []
  return (
    <section className="difference" aria-label={strings.versions.title}>
      <div className="row">
        <label>
          {strings.versions.against}{' '}
          <select value={against ?? DISK} onChange={(event) => void holdAgainst(event.target.value === DISK ? null : event.target.value)}>
            {revisions.length > 0 && <option value="HEAD">{strings.versions.head}</option>}
            <option value={DISK}>{strings.versions.disk}</option>
            {revisions.map((revision) => (
              <option key={revision.id} value={revision.id}>
                {new Date(revision.time * 1000).toISOString().slice(0, 10)} {revision.title} ({revision.author})
              </option>
            ))}
          </select>
        </label>
        <button type="button" disabled={!found || found.same} onClick={() => void savePage()}>
          {strings.versions.savePage}
        </button>
        <button type="button" onClick={hideDifference}>
          {strings.versions.close}
        </button>
        <span className="legend">
          {MARKS.map((mark) => (
            <span key={mark} className={`mark-${mark}`}>
              {SIGNS[mark]} {strings.versions.marks[mark]}
            </span>
          ))}
        </span>
      </div>
      <p role="status" aria-live="polite" className={failure ? 'failure' : 'help'}>
        {failure || found?.summary}
      </p>
      {found && <DifferenceCanvas found={found} />}
      {lines.length > 0 && (
        <ul className="difference-list" aria-label={strings.versions.list} tabIndex={0}>
          {lines.map((line, place) => (
            <li key={place}>
              <span className={`mark-${line.mark}`}>
                <b aria-hidden="true">{SIGNS[line.mark]}</b> <span className="hidden">{line.mark}</span>
              </span>
              {line.step !== null && line.mark !== 'removed' ? <Jump step={line.step} text={line.text} /> : <span>{line.text}</span>}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function Jump({ step, text }: { readonly step: string; readonly text: string }) {
  const chosen = useEditor((state) => state.selected.includes(step))
  return (
    <button type="button" className="quiet" aria-pressed={chosen} onClick={() => select([step])}>
      {text}
    </button>
  )
}
