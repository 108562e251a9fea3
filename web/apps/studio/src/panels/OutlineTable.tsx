import './outline.css'

import type { Step } from '@assay/document'
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react'

import { select, useEditor } from '../state/editor.ts'
import { useRun } from '../state/run.ts'
import { useRunName } from '../state/trail.ts'
import { useWhole } from '../state/whole.ts'
import { duration, strings } from '../strings.ts'
import { inSight, toSee, type Range } from './windowing.ts'

const ROW = 28
const PAGE = 7
/** Of a page that has no layout yet. */
const HEIGHT = 400

/** The pipeline as a table: the same steps as on the canvas, for readers and for keyboards. Only the rows in sight are drawn. */
export function OutlineTable() {
  const graph = useEditor((state) => state.graph)
  return graph && <Rows steps={graph.steps} />
}

function Rows({ steps }: { readonly steps: readonly Step[] }) {
  const selected = useEditor((state) => state.selected)
  const [text, setText] = useState('')
  const [range, setRange] = useState<Range>({ first: 0, end: Math.ceil(HEIGHT / ROW) })
  const [active, setActive] = useState(0)
  const place = useRef<HTMLDivElement>(null)
  const [asked, setAsked] = useState(0) // how often the focus was sent to a row, which may be the one that has been reached already
  const shown = useMemo(() => matching(steps, text), [steps, text])
  const here = Math.min(active, Math.max(0, shown.length - 1))

  const look = () => {
    const { scrollTop = 0, clientHeight = 0 } = place.current ?? {}
    const next = inSight(scrollTop, clientHeight || HEIGHT, ROW, shown.length)
    setRange((now) => (now.first === next.first && now.end === next.end ? now : next))
  }
  const reveal = (row: number) => {
    const box = place.current
    if (box) box.scrollTop = toSee(row, box.scrollTop, box.clientHeight || HEIGHT, ROW)
    setActive(row)
    look()
  }
  const go = (row: number) => {
    setAsked((times) => times + 1)
    reveal(Math.max(0, Math.min(shown.length - 1, row)))
  }
  useEffect(look, [shown])
  useEffect(() => {
    const [name] = selected
    const row = selected.length === 1 ? shown.findIndex((step) => step.name === name) : -1
    if (row >= 0) reveal(row)
    // eslint-disable-next-line react-hooks/exhaustive-deps -- what is selected leads here, not what draws the table anew
  }, [selected, shown])
  useEffect(() => {
    if (asked) place.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus() // the row has been drawn by now
  }, [asked])

  const onKeyDown = (event: KeyboardEvent) => {
    const to = { ArrowDown: here + 1, ArrowUp: here - 1, PageDown: here + PAGE, PageUp: here - PAGE, Home: 0, End: shown.length - 1 }[event.key]
    if (to === undefined) return
    event.preventDefault()
    go(to)
  }
  const drawn = shown.slice(range.first, range.end)
  return (
    <div className="outline-pane">
      <div className="row">
        <input
          type="search"
          aria-label={strings.outlineFind}
          placeholder={strings.outlineFind}
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            setActive(0)
            if (place.current) place.current.scrollTop = 0
          }}
          onKeyDown={(event) => {
            if (event.key !== 'ArrowDown' && event.key !== 'Enter') return
            event.preventDefault()
            go(0)
          }}
        />
        <span className="help" role="status">
          {text ? `${shown.length} ${strings.of} ${steps.length} ${strings.steps}` : `${steps.length} ${strings.steps}`}
        </span>
      </div>
      <div className="outline-rows" ref={place} onScroll={look}>
        <table className="outline" role="grid" aria-rowcount={shown.length + 1} aria-label={strings.outline} onKeyDown={onKeyDown}>
          <thead>
            <tr aria-rowindex={1}>
              <th scope="col">{strings.name}</th>
              <th scope="col">{strings.component}</th>
              <th scope="col">{strings.inputs}</th>
              <th scope="col">{strings.status}</th>
            </tr>
          </thead>
          <tbody>
            <Space rows={range.first} />
            {drawn.map((step, number) => (
              <Row key={step.name} step={step} row={range.first + number} reached={range.first + number === here} selected={selected.includes(step.name)} onSelect={setActive} />
            ))}
            <Space rows={shown.length - range.first - drawn.length} />
          </tbody>
        </table>
      </div>
    </div>
  )
}

interface RowFacts {
  readonly step: Step
  readonly row: number
  readonly reached: boolean
  readonly selected: boolean
  readonly onSelect: (row: number) => void
}

function Row({ step, row, reached, selected, onSelect }: RowFacts) {
  return (
    <tr aria-rowindex={row + 2} aria-selected={selected}>
      <th scope="row">
        <button
          type="button"
          className="quiet"
          tabIndex={reached ? 0 : -1}
          onClick={() => {
            onSelect(row)
            select([step.name])
          }}
        >
          {step.name}
        </button>
      </th>
      <td>{step.use}</td>
      <td>{feeding(step)}</td>
      <td>
        <Status name={step.name} />
      </td>
    </tr>
  )
}

/** The room of rows that are not drawn. */
function Space({ rows }: { readonly rows: number }) {
  if (rows <= 0) return null
  return (
    <tr aria-hidden="true">
      <td colSpan={4} style={{ height: rows * ROW }} />
    </tr>
  )
}

function feeding(step: Step): string {
  return Object.entries(step.inputs)
    .map(([port, from]) => `${port}: ${from.map((source) => `${source.step}.${source.port}`).join(', ')}`)
    .join('; ')
}

/** Steps that have every word in name, component or inputs. */
function matching(steps: readonly Step[], text: string): readonly Step[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (!words.length) return steps
  return steps.filter((step) => {
    const all = `${step.name} ${step.use} ${feeding(step)}`.toLowerCase()
    return words.every((word) => all.includes(word))
  })
}

function Status({ name }: { readonly name: string }) {
  const asked = useRunName(name)
  const view = useRun((state) => (Object.hasOwn(state.steps, asked) ? state.steps[asked] : undefined))
  const whole = useWhole(asked)
  if (whole) return whole
  return view ? `${view.status}${view.seconds ? ` ${duration(view.seconds)}` : ''}` : ''
}
