import { addStep, freshName, insertBetween, type Source } from '@assay/document'
import { useEffect, useId, useMemo, useState } from 'react'

import { converting, matching, taking, useOffers, useTypes, type Offer } from '../state/catalog.ts'
import { run, select, useEditor } from '../state/editor.ts'
import { strings } from '../strings.ts'

/** Where a step is to be, and the output whose wire was dropped there. */
export interface Dropped {
  readonly at: readonly [number, number]
  readonly from: (Source & { readonly type: string }) | null
  /** The input that it was dropped on, which does not take it: something has to stand between. */
  readonly to?: Source & { readonly type: string }
}

/** What a drag from the palette carries: the name of a component. */
export const DRAG_TYPE = 'application/x-assay-component'
const MOST = 12

/** A list of what fits; Enter adds the chosen one, wired, as one change. */
export function QuickAdd({ dropped, onClose }: { readonly dropped: Dropped; readonly onClose: () => void }) {
  const [words, setWords] = useState('')
  const [active, setActive] = useState(0)
  const offers = useOffers()
  const table = useTypes()
  const list = useId()
  const found = useMemo(() => {
    if (dropped.from && dropped.to) return matching(converting(offers, dropped.from.type, dropped.to.type, table), words, false).slice(0, MOST)
    const fitting = dropped.from ? taking(offers, dropped.from.type, table) : offers.map((offer) => ({ ...offer, port: '' }))
    return matching(fitting, words).slice(0, MOST)
  }, [offers, dropped, table, words])

  useEffect(() => setActive(0), [words])

  const title = dropped.from && dropped.to ? `${dropped.from.type} → ${dropped.to.type}: ${strings.convert}` : dropped.from ? `${strings.addFitting}: ${dropped.from.type}` : strings.add
  const choose = (offer: Offer & { output?: string }, port: string) => {
    insert(offer, dropped, port)
    onClose()
  }

  return (
    <div className="quick" role="dialog" aria-label={title}>
      <input
        autoFocus
        value={words}
        placeholder={title}
        role="combobox"
        aria-label={strings.search}
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={found[active] ? `${list}-${active}` : undefined}
        onChange={(event) => setWords(event.target.value)}
        onBlur={onClose}
        onKeyDown={(event) => {
          const chosen = found[active]
          if (event.key === 'Escape') onClose()
          else if (event.key === 'ArrowDown') setActive(Math.min(active + 1, found.length - 1))
          else if (event.key === 'ArrowUp') setActive(Math.max(active - 1, 0))
          else if (event.key === 'Enter' && chosen) choose(chosen, chosen.port)
          else return
          event.preventDefault()
          event.stopPropagation()
        }}
      />
      <ul id={list} role="listbox" aria-label={strings.palette}>
        {found.map((offer, place) => (
          <li
            key={offer.use}
            id={`${list}-${place}`}
            role="option"
            aria-selected={place === active}
            onPointerDown={(event) => {
              event.preventDefault()
              choose(offer, offer.port)
            }}
          >
            <b>{offer.use}</b> {offer.component.title}
          </li>
        ))}
        {!found.length && <li>{strings.nothingFound}</li>}
      </ul>
    </div>
  )
}

/** Put a component on the canvas, wired to what was dropped, and select it. */
export function insert({ use, output }: Offer & { readonly output?: string }, dropped: Dropped, port: string): void {
  const name = freshName(useEditor.getState().graph, use)
  const { to } = dropped
  const inputs = dropped.from && port ? { inputs: { [port]: { step: dropped.from.step, port: dropped.from.port } } } : {}
  const step = { name, use, at: dropped.at, ...inputs }
  const command = to && output ? insertBetween(step, output, { step: to.step, port: to.port, many: to.type.startsWith('list[') }) : addStep(step)
  if (run(command)) select([name])
}
