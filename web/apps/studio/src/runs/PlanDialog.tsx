import type { Json } from '@assay/document'
import { useRef, useState } from 'react'

import { Labelled } from '../inspector/ParamField.tsx'
import { Dialog } from '../parts/Dialog.tsx'
import { useEditor } from '../state/editor.ts'
import { counted, strings } from '../strings.ts'
import { planned, type Planned, type Values } from './start.ts'
import { words } from './words.ts'

interface Facts {
  /** What the run would do with the values of the file. */
  readonly first: Planned
  readonly onClose: () => void
  readonly onStart: (params: Values) => void
}

/** What a run would do and why, with values of the pipeline's own parameters that count for this run alone. */
export default function PlanDialog({ first, onClose, onStart }: Facts) {
  const params = useEditor((state) => state.params)
  const [values, setValues] = useState<Values>({})
  const [{ plan, fault }, setFound] = useState(first)
  const [busy, setBusy] = useState(false)
  const asked = useRef(0)
  const ask = (next: Values) => {
    setValues(next)
    setBusy(true)
    const mine = ++asked.current
    void planned({ params: next }).then((found) => {
      if (mine !== asked.current) return // a later question is on its way
      setBusy(false)
      if (found) setFound(found)
    })
  }
  const put = (name: string, value: Json) => ask({ ...values, [name]: value })
  const clear = (name: string) => ask(Object.fromEntries(Object.entries(values).filter(([one]) => one !== name)))
  return (
    <Dialog title={plan ? `${strings.planTitle}: ${counted(plan.counts)}` : strings.planTitle} onClose={onClose}>
      {params.length > 0 && (
        <fieldset className="plan-values">
          <legend>{words.forThisRun}</legend>
          <p className="help">{words.forThisRunHelp}</p>
          {params.map((param) => (
            <Labelled key={param.name} param={param} value={values[param.name]} put={(value) => put(param.name, value)} clear={() => clear(param.name)} />
          ))}
        </fieldset>
      )}
      <p className="help" role="status">
        {busy ? words.planning : plan && params.length > 0 ? counted(plan.counts) : ''}
      </p>
      {fault && (
        <p className="failure" role="alert">
          {fault}
        </p>
      )}
      <table aria-busy={busy}>
        <tbody>
          {plan?.steps.map((step) => (
            <tr key={step.step}>
              <th scope="row">{step.step}</th>
              <td>{step.verb}</td>
              <td>{step.reasons.map((reason) => [reason.cause, reason.about, reason.detail].filter(Boolean).join(' ')).join('; ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="row">
        <button type="button" className="primary" autoFocus disabled={!plan && !busy} onClick={() => onStart(values)}>
          {strings.start}
        </button>
        <button type="button" onClick={onClose}>
          {strings.close}
        </button>
      </div>
    </Dialog>
  )
}
