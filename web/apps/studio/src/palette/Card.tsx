import './card.css'

import type { Param, Port } from '@assay/api'
import { useEffect, useId, useRef, type FocusEvent, type ReactNode } from 'react'

import { Paragraphs } from '../parts/Paragraphs.tsx'
import type { Offer } from '../state/catalog.ts'
import { limits, strings } from '../strings.ts'
import { words } from './words.ts'

interface Facts {
  readonly offer: Offer
  /** Pixels from the top of the window to the entry that it is of. */
  readonly top: number
  readonly onAdd: () => void
  /** `back`: by key or by its button, so that the focus belongs where it was. */
  readonly onClose: (back: boolean) => void
}

/** What a component does, takes, gives and can be told, beside its entry; Escape, its button, or leaving it closes it. */
export default function Card({ offer: { use, component }, top, onAdd, onClose }: Facts) {
  const id = useId()
  const card = useRef<HTMLElement>(null)
  useEffect(() => {
    card.current?.focus()
    const press = (event: PointerEvent) => {
      if (isElsewhere(event.target, card.current)) onClose(false)
    }
    document.addEventListener('pointerdown', press)
    return () => document.removeEventListener('pointerdown', press)
  }, [onClose])
  const left = (event: FocusEvent) => {
    if (isElsewhere(event.relatedTarget, event.currentTarget)) onClose(false)
  }
  return (
    <section
      ref={card}
      role="dialog"
      aria-labelledby={id}
      tabIndex={-1}
      className="card"
      style={{ top: `min(${Math.max(8, Math.round(top))}px, 28vh)` }}
      onBlur={left}
      onKeyDown={(event) => {
        event.stopPropagation() // keys of the canvas are not meant here
        if (event.key === 'Escape') onClose(true)
      }}
    >
      <h2 id={id}>{component.title || use}</h2>
      <p className="help">
        <code>{use}</code> {component.version} {component.licence && `· ${component.licence}`}
      </p>
      {component.description !== component.title && <Paragraphs text={component.description} />}
      <Ports title={words.takes} ports={component.inputs} />
      <Ports title={words.gives} ports={component.outputs} />
      <List title={strings.parameters} rows={component.params.map((param) => ({ name: param.name, kind: kindOf(param), help: param.help }))} />
      <div className="row">
        <button type="button" className="primary" onClick={onAdd}>
          {words.add}
        </button>
        <button type="button" onClick={() => onClose(true)}>
          {strings.close}
        </button>
      </div>
    </section>
  )
}

/** Whether something is neither in the card nor the button that it was opened by, which closes it itself. */
function isElsewhere(target: EventTarget | null, card: Element | null): boolean {
  return target instanceof Element && !card?.contains(target) && !target.closest('[aria-haspopup="dialog"][aria-expanded="true"]')
}

function Ports({ title, ports }: { readonly title: string; readonly ports: readonly Port[] }) {
  return <List title={title} rows={ports.map((port) => ({ name: port.name, kind: port.optional ? `${port.type}, ${strings.optional}` : port.type, help: port.help }))} />
}

function List({ title, rows }: { readonly title: string; readonly rows: readonly { readonly name: string; readonly kind: ReactNode; readonly help: string }[] }) {
  if (!rows.length) return null
  return (
    <>
      <h3>{title}</h3>
      <dl>
        {rows.map(({ name, kind, help }) => (
          <div key={name}>
            <dt>
              {name} <small>{kind}</small>
            </dt>
            {help && <dd>{help}</dd>}
          </div>
        ))}
      </dl>
    </>
  )
}

/** `int, default 8, from 1 to 1000 epochs`. */
function kindOf(param: Param): string {
  const standard = param.required ? strings.required : param.default === null || param.default === undefined ? '' : `${words.standard} ${told(param.default)}`
  const choices = param.choices.length ? `${words.oneOf} ${param.choices.map(told).join(', ')}` : ''
  return [param.type, param.secret ? words.secret : standard, choices, limits(param)].filter(Boolean).join(', ')
}

function told(value: unknown): string {
  return typeof value === 'string' ? value || '""' : JSON.stringify(value)
}
