import type { Param } from '@assay/api'
import { bindSecret, clearValue, setValue, type Json } from '@assay/document'
import { lazy, Suspense, useId } from 'react'

import { run } from '../state/editor.ts'
import { limits, strings } from '../strings.ts'
import { Typed } from './Typed.tsx'

const ColumnField = lazy(() => import('./ColumnField.tsx'))
const PathField = lazy(() => import('./PathField.tsx'))

interface Props {
  readonly step: string
  readonly param: Param
  readonly value: Json | undefined
}

/** A parameter of a step. */
export function ParamField({ step, param, value }: Props) {
  const put = (next: Json) => run(param.secret ? bindSecret(step, param.name, typeof next === 'string' ? next : '') : setValue(step, param.name, next))
  const clear = () => run(param.secret ? bindSecret(step, param.name, '') : clearValue(step, param.name))
  return <Labelled step={step} param={param} value={value} put={put} clear={clear} />
}

/** A field under its name, with its limits, its help, and a way back to the default. */
export function Labelled({ param, value, clear, ...rest }: Omit<FieldProps, 'id'>) {
  const id = useId()
  const set = value !== undefined
  const computed = typeof value === 'string' && value.startsWith('$')
  return (
    <div className={`field${set ? ' field-set' : ''}`}>
      <label htmlFor={id}>
        {param.name}
        {param.required && !set && <em> {strings.required}</em>}
      </label>
      <Field id={id} param={param} value={value} clear={clear} {...rest} />
      {set && (
        <button type="button" className="quiet" title={strings.reset} aria-label={`${strings.reset}: ${param.name}`} onClick={clear}>
          ↺
        </button>
      )}
      <p id={`${id}-help`} className="help">
        {computed ? strings.expression : [param.help, param.secret ? strings.secret : limits(param)].filter(Boolean).join(' ')}
      </p>
    </div>
  )
}

interface FieldProps {
  readonly id: string
  /** The step that the parameter is of, for which files and columns can be offered; none for a parameter of the pipeline. */
  readonly step?: string
  readonly param: Param
  readonly value: Json | undefined
  readonly put: (next: Json) => void
  readonly clear: () => void
}

/** The field alone: of the parameter's type, with its choices; beside it stands `${id}-help`. */
function Field({ id, step, param, value, put, clear }: FieldProps) {
  const shown = value === undefined ? param.default : value
  const described = { id, 'aria-describedby': `${id}-help` }
  if (typeof value === 'string' && value.startsWith('$')) return <Typed {...described} value={value} onDone={(text) => put(text)} />
  const Picker = param.type === 'path' ? PathField : param.column_of ? ColumnField : undefined
  if (step !== undefined && Picker && listed(param, shown)) {
    return (
      <Suspense>
        <Picker id={id} step={step} param={param} value={shown as Json | undefined} />
      </Suspense>
    )
  }
  if (param.choices.length) {
    return (
      <select {...described} value={JSON.stringify(shown ?? null)} onChange={(event) => put(JSON.parse(event.target.value) as Json)}>
        {shown === null && <option value="null">–</option>}
        {param.choices.map((choice) => (
          <option key={JSON.stringify(choice)} value={JSON.stringify(choice)}>
            {String(choice)}
          </option>
        ))}
      </select>
    )
  }
  if (param.type === 'bool') return <input {...described} type="checkbox" checked={shown === true} onChange={(event) => put(event.target.checked)} />
  if (param.type === 'int' || param.type === 'float') {
    return (
      <Typed
        {...described}
        inputMode="decimal"
        value={shown === null || shown === undefined ? '' : JSON.stringify(shown)}
        onDone={(text) => {
          const number = Number(text)
          if (text.trim() === '') clear()
          else put(Number.isNaN(number) ? text : number) // what is no number is kept, and the problems panel says so
        }}
      />
    )
  }
  if (param.type === 'list' || param.type === 'map') {
    return <Typed {...described} value={shown === undefined ? '' : JSON.stringify(shown)} onDone={(text) => put(parsed(text))} />
  }
  return <Typed {...described} value={typeof shown === 'string' ? shown : ''} onDone={(text) => put(text)} />
}

/** Whether a value is one that a picker can show: a list of what is no text is written as JSON. */
function listed(param: Param, value: unknown): boolean {
  return param.type !== 'list' || value === undefined || value === null || (Array.isArray(value) && value.every((one) => typeof one === 'string'))
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}
