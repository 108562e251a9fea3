import { lazy, Suspense, useCallback, useMemo, useRef, useState } from 'react'

import { DRAG_TYPE, insert } from '../canvas/QuickAdd.tsx'
import { places } from '../canvas/geometry.ts'
import { matching, useOffers, type Offer } from '../state/catalog.ts'
import { useEditor } from '../state/editor.ts'
import { strings } from '../strings.ts'

const Card = lazy(() => import('./Card.tsx'))

const ORDER = ['input', 'transform', 'filter', 'train', 'evaluate', 'explain', 'fairness', 'robustness', 'gate', 'publish']

export function Palette() {
  const offers = useOffers()
  const [words, setWords] = useState('')
  const [about, setAbout] = useState<{ readonly offer: Offer; readonly top: number } | null>(null)
  const asker = useRef<HTMLElement | null>(null)
  const close = useCallback((back: boolean) => {
    setAbout(null)
    if (back) asker.current?.focus()
  }, [])
  const explain = (offer: Offer, entry: HTMLElement) => {
    asker.current = entry
    if (offer.use === about?.offer.use) close(true)
    else setAbout({ offer, top: entry.getBoundingClientRect().top })
  }
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
              <Entry key={offer.use} offer={offer} opened={offer.use === about?.offer.use} onAbout={(entry) => explain(offer, entry)} />
            ))}
          </ul>
        </section>
      ))}
      {about && (
        <Suspense>
          <Card
            key={about.offer.use}
            offer={about.offer}
            top={about.top}
            onAdd={() => {
              add(about.offer)
              close(true)
            }}
            onClose={close}
          />
        </Suspense>
      )}
      {offers.length > 0 && !groups.length && <p>{strings.nothingFound}</p>}
    </nav>
  )
}

/** What a component is found by, dragged by and explained by. */
function Entry({ offer, opened, onAbout }: { readonly offer: Offer; readonly opened: boolean; readonly onAbout: (entry: HTMLElement) => void }) {
  const name = offer.use.split('/').at(-1)
  return (
    <li className="entry">
      <button type="button" draggable onClick={() => add(offer)} onDragStart={(event) => event.dataTransfer.setData(DRAG_TYPE, offer.use)}>
        <b>{name}</b>
        <span>{offer.component.title}</span>
      </button>
      <button type="button" className="about" aria-label={`${strings.aboutComponent}: ${name}`} aria-haspopup="dialog" aria-expanded={opened} onClick={(event) => onAbout(event.currentTarget)}>
        ?
      </button>
    </li>
  )
}

function add(offer: Offer): void {
  insert(offer, { at: free(), from: null }, '')
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
