import { addStep, freshName, type Source } from '@assay/document'
import { useEffect, useId, useMemo, useState } from 'react'

import { matching, taking, useOffers, useTypes, type Offer } from '../state/catalog.ts'
import { run, select, useEditor } from '../state/editor.ts'
import { strings } from '../strings.ts'

/** Where a step is to be, and the output whose wire was dropped there. */
export interface Dropped {
  readonly at: readonly [number, number]
  readonly from: (Source & { readonly type: string }) | null
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
    const fitting = dropped.from ? taking(offers, dropped.from.type, table) : offers.map((offer) => ({ ...offer, port: '' }))
    return matching(fitting, words).slice(0, MOST)
  }, [offers, dropped, table, words])

  useEffect(() => setActive(0), [words])

  const choose = (offer: Offer, port: string) => {
    insert(offer, dropped, port)
    onClose()
  }

  return (
    <div className="quick" role="dialog" aria-label={dropped.from ? strings.addFitting : strings.add}>
      <input
        autoFocus
        value={words}
        placeholder={dropped.from ? `${strings.addFitting}: ${dropped.from.type}` : strings.add}
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
export function insert({ use }: Offer, dropped: Dropped, port: string): void {
  const name = freshName(useEditor.getState().graph, use)
  const inputs = dropped.from && port ? { inputs: { [port]: { step: dropped.from.step, port: dropped.from.port } } } : {}
  if (run(addStep({ name, use, at: dropped.at, ...inputs }))) select([name])
}
