import './pickers.css'

import { api, ask, Refused, type ColumnsKnown, type Param } from '@assay/api'
import { clearValue, setValue, type Json } from '@assay/document'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState, type KeyboardEvent } from 'react'

import { run, useEditor } from '../state/editor.ts'
import { useRun } from '../state/run.ts'
import { useTrail } from '../state/trail.ts'
import { found, moved, Picks, SHOWN } from './Picks.tsx'
import { PICK, WHY } from './words.ts'

interface Facts {
  readonly id: string
  readonly step: string
  readonly param: Param
  readonly value: Json | undefined
}

/** A parameter that names a column, or columns: those of the table that reaches the step are offered, any name may be written. */
export default function ColumnField({ id, step, param, value }: Facts) {
  const put = (next: Json) => run(setValue(step, param.name, next))
  if (param.type !== 'list') return <Box id={id} step={step} param={param} text={typeof value === 'string' ? value : ''} taken={[]} onDone={put} />
  const names = Array.isArray(value) ? value.map(String) : []
  const without = (name: string) => names.filter((one) => one !== name)
  return (
    <>
      <div className="pick-chips">
        {names.map((name) => (
          <span className="chip" key={name}>
            <bdi>{name}</bdi>
            <button type="button" aria-label={`${PICK.remove} ${name}`} onClick={() => run(names.length > 1 ? setValue(step, param.name, without(name)) : clearValue(step, param.name))}>
              ×
            </button>
          </span>
        ))}
      </div>
      <Box id={id} step={step} param={param} text="" taken={names} onDone={(name) => name && put([...without(name), name])} />
    </>
  )
}

interface BoxFacts {
  readonly id: string
  readonly step: string
  readonly param: Param
  readonly text: string
  readonly taken: readonly string[]
  readonly onDone: (name: string) => void
}

/** A text field with the columns below it. It speaks when one is chosen, when it is left, or on Enter: one change, one undo. */
function Box({ id, step, param, text: now, taken, onDone }: BoxFacts) {
  const [text, setText] = useState(now)
  const [open, setOpen] = useState(false)
  const [active, setActive] = useState(-1)
  useEffect(() => setText(now), [now])
  const { known, told } = useColumns(step, param.name, open)
  const free = known?.columns?.filter((column) => !taken.includes(column.name)) ?? []
  const offered = found(free, text === now ? '' : text)
  const list = `${id}-columns`

  const show = () => {
    setOpen(true)
    setActive(-1)
  }
  const done = (name: string) => {
    setOpen(false)
    setActive(-1)
    if (name !== now) onDone(name)
    if (param.type === 'list') setText('')
    else setText(name)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const next = open ? moved(event, active, offered.length) : undefined
    if (next !== undefined) setActive(next)
    else if (event.key === 'ArrowDown') show()
    else if (event.key === 'Enter') done(offered[active]?.name ?? text)
    else if (event.key === 'Escape' && open) setOpen(false)
    else if (event.key === 'Escape') setText(now)
    else return
    if (event.key !== 'Enter') event.preventDefault()
  }
  return (
    <div className="pick">
      <div className="pick-line">
        <input
          id={id}
          role="combobox"
          aria-expanded={open}
          aria-controls={list}
          aria-autocomplete="list"
          aria-activedescendant={open && active >= 0 ? `${list}-${active}` : undefined}
          aria-describedby={`${id}-help`}
          autoComplete="off"
          placeholder={param.type === 'list' ? PICK.add : undefined}
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            show()
          }}
          onClick={show}
          onBlur={() => done(text)}
          onKeyDown={onKeyDown}
        />
        <button type="button" tabIndex={-1} aria-label={`${PICK.show} ${param.name}`} aria-expanded={open} onMouseDown={(event) => event.preventDefault()} onClick={() => (open ? setOpen(false) : show())}>
          ▾
        </button>
      </div>
      {open && (
        <div className="pick-popup">
          <Picks
            id={list}
            label={`${PICK.columns}: ${param.name}`}
            active={active}
            picks={offered.map((column) => ({ name: column.name, about: `${column.type}, ${share(column.missing)} ${PICK.missing}` }))}
            onChoose={(place) => done(offered[place]?.name ?? text)}
          />
          <p className="help" role="status">
            {told}
            {known && free.length > 0 && !offered.length && ` ${PICK.noMatch}`}
            {offered.length > SHOWN && ` ${offered.length - SHOWN} ${PICK.more}.`}
          </p>
        </div>
      )}
    </div>
  )
}

/** What is known of the columns now, asked anew each time the list is opened. */
function useColumns(step: string, param: string, open: boolean): { readonly known: ColumnsKnown | undefined; readonly told: string } {
  const path = useEditor((state) => state.path) ?? ''
  const asked = useQuery({
    queryKey: ['columns', path, step, param],
    enabled: open,
    staleTime: 0,
    retry: false,
    queryFn: () => {
      const { here, prefix } = useTrail.getState()
      const body = { path, text: useEditor.getState().text, step, param, run: useRun.getState().run, within: here === path ? prefix : '' }
      return ask(api.POST('/api/columns', { body }))
    },
  })
  if (asked.error instanceof Refused) return { known: undefined, told: `${asked.error.problem.message} ${asked.error.problem.hint}`.trim() }
  return { known: asked.data, told: asked.data ? source(asked.data) : PICK.looking }
}

/** Where the columns come from, or why there are none. */
function source(known: ColumnsKnown): string {
  if (known.why) return WHY[known.why]
  const from = `${PICK.by} ${known.place}, ${known.source === 'run' ? PICK.run : PICK.file}; ${PICK.looked} ${known.looked_at} ${PICK.rows}.`
  return known.near ? from : `${from} ${PICK.far}`
}

/** A share of a hundred; what is there at all is not said to be none. */
function share(part: number): string {
  return part > 0 && part < 0.005 ? '< 1 %' : `${(part * 100).toFixed(0)} %`
}
