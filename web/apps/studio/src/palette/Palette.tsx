import { useMemo, useState } from 'react'

import { DRAG_TYPE, insert } from '../canvas/QuickAdd.tsx'
import { places } from '../canvas/geometry.ts'
import { matching, useOffers, type Offer } from '../state/catalog.ts'
import { useEditor } from '../state/editor.ts'
import { strings } from '../strings.ts'

const ORDER = ['input', 'transform', 'filter', 'train', 'evaluate', 'explain', 'fairness', 'robustness', 'gate', 'publish']

export function Palette() {
  const offers = useOffers()
  const [words, setWords] = useState('')
  const groups = useMemo(() => byCategory(matching(offers, words)), [offers, words])
  return (
    <nav className="palette" aria-label={strings.palette}>
      <input
        type="search"
        value={words}
        placeholder={strings.search}
        aria-label={strings.search}
        onChange={(event) => setWords(event.target.value)}
      />
      {groups.map(([category, listed]) => (
        <section key={category}>
          <h3>{category}</h3>
          <ul>
            {listed.map((offer) => (
              <li key={offer.use}>
                <button
                  type="button"
                  draggable
                  title={offer.component.description || offer.component.title}
                  onClick={() => insert(offer, { at: free(), from: null }, '')}
                  onDragStart={(event) => event.dataTransfer.setData(DRAG_TYPE, offer.use)}
                >
                  <b>{offer.use.split('/').at(-1)}</b>
                  <span>{offer.component.title}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
      {offers.length > 0 && !groups.length && <p>{strings.nothingFound}</p>}
    </nav>
  )
}

/** A place right of everything that is there. */
function free(): readonly [number, number] {
  const graph = useEditor.getState().graph
  const taken = graph ? Object.values(places(graph)) : []
  return taken.length ? [Math.floor(Math.max(...taken.map(([x]) => x))) + 1, 0] : [0, 0]
}

function byCategory(offers: readonly Offer[]): [string, Offer[]][] {
  const groups = new Map<string, Offer[]>()
  for (const offer of offers) groups.set(offer.component.category, [...(groups.get(offer.component.category) ?? []), offer])
  const place = (category: string) => (ORDER.includes(category) ? ORDER.indexOf(category) : ORDER.length)
  return [...groups].sort(([a], [b]) => place(a) - place(b) || a.localeCompare(b))
}
