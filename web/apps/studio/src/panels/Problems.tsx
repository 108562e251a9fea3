import type { Fault } from '@assay/api'
import { applied } from '@assay/document'

import { announce, fixAll, isElsewhere, openFile, save, select, useEditor } from '../state/editor.ts'
import { strings } from '../strings.ts'

export function Problems() {
  const faults = useEditor((state) => state.faults)
  const fixable = faults.filter((fault) => fault.fix)
  if (!faults.length) return <p className="empty">{strings.noProblems}</p>
  return (
    <>
      {fixable.length > 1 && (
        <button type="button" onClick={() => void fixAll()}>
          {strings.fixAll} ({fixable.length})
        </button>
      )}
      <ul className="problems">
        {faults.map((fault, place) => (
          <Problem key={`${place}-${fault.code}`} fault={fault} />
        ))}
      </ul>
    </>
  )
}

function Problem({ fault }: { readonly fault: Fault }) {
  const elsewhere = useEditor((state) => isElsewhere(fault, state.path))
  const place = fault.location ? `${elsewhere ? `${fault.location.file}:` : ''}${fault.location.line}:${fault.location.column}` : ''
  return (
    <li className={`problem problem-${fault.severity}`}>
      <button type="button" className="quiet" onClick={() => reveal(fault)}>
        <span className="place">{place}</span> <b>{fault.code}</b> {fault.message} {fault.hint && <i>{fault.hint}</i>}
      </button>
      {fault.fix && (
        <button type="button" onClick={() => mend(fault)} title={fault.fix.title}>
          {strings.fix}
        </button>
      )}
    </li>
  )
}

function mend(fault: Fault): void {
  const { document, text } = useEditor.getState()
  const fix = fault.fix
  if (fix && document?.replace(applied(text, [{ from: fix.start, to: fix.end, insert: fix.text }]), fix.title)) announce(fix.title)
}

/** Select the step that a fault stands in; a fault of another pipeline opens that one. */
function reveal(fault: Fault): void {
  const { graph, text, path } = useEditor.getState()
  if (fault.location && isElsewhere(fault, path)) {
    const file = fault.location.file
    if (/\.ya?ml$/.test(file)) void save().then((saved) => (saved ? openFile(file) : undefined))
    return
  }
  const line = fault.location?.line
  if (!graph || line === undefined) return
  const lineOf = (from: number) => text.slice(0, from).split('\n').length
  const step = graph.steps.filter((one) => lineOf(one.from) <= line).at(-1)
  if (step) select([step.name])
}
