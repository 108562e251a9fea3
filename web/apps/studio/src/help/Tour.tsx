import { useEffect, useLayoutEffect, useRef, useState } from 'react'

import { endTour, goTo, useHelp } from './state.ts'
import { STOPS, WORDS } from './words.ts'

import './help.css'

const WIDTH = 320
const GAP = 12

/** Five stops for whoever is here for the first time; nothing is locked meanwhile. */
export default function Tour() {
  const stop = useHelp((state) => state.stop) ?? 0
  const shown = STOPS[stop]
  const box = useBox(shown?.at ?? '')
  const next = useRef<HTMLButtonElement>(null)
  const there = box !== null
  useEffect(() => next.current?.focus(), [stop, there])
  if (!shown || !box) return null
  const last = stop === STOPS.length - 1
  return (
    <>
      <div className="tour-ring" style={{ left: box.left - 3, top: box.top - 3, width: box.width + 6, height: box.height + 6 }} />
      <section
        className="tour"
        role="dialog"
        aria-label={`${WORDS.label}: ${shown.title}`}
        aria-describedby="tour-text"
        style={beside(box)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') endTour()
          else if (event.key === 'ArrowRight' && !last) goTo(stop + 1)
          else if (event.key === 'ArrowLeft' && stop > 0) goTo(stop - 1)
          else return
          event.stopPropagation()
        }}
      >
        <small>
          {stop + 1} {WORDS.of} {STOPS.length}
        </small>
        <h2>{shown.title}</h2>
        <p id="tour-text">{shown.text}</p>
        <div className="row">
          <button ref={next} type="button" className="primary" onClick={() => (last ? endTour() : goTo(stop + 1))}>
            {last ? WORDS.done : WORDS.next}
          </button>
          {stop > 0 && (
            <button type="button" onClick={() => goTo(stop - 1)}>
              {WORDS.back}
            </button>
          )}
          {!last && (
            <button type="button" onClick={endTour}>
              {WORDS.skip}
            </button>
          )}
        </div>
      </section>
    </>
  )
}

/** Where an element of the page is, also after the window has changed. */
function useBox(selector: string): DOMRect | null {
  const [box, setBox] = useState<DOMRect | null>(null)
  useLayoutEffect(() => {
    const measure = () => setBox(document.querySelector(selector)?.getBoundingClientRect() ?? null)
    measure()
    window.addEventListener('resize', measure)
    return () => window.removeEventListener('resize', measure)
  }, [selector])
  return box
}

/** A place for the card beside what it tells of, inside the window. */
function beside(box: DOMRect): { left: number; top: number; width: number } {
  const room = { right: innerWidth - box.right, left: box.left }
  const across = room.right > WIDTH + GAP ? box.right + GAP : room.left > WIDTH + GAP ? box.left - WIDTH - GAP : box.left + GAP
  const wide = box.width > innerWidth / 3
  const left = wide ? box.left + GAP : across
  const below = box.height < 80 ? box.bottom + GAP : box.top + GAP
  return { left: Math.max(GAP, Math.min(left, innerWidth - WIDTH - GAP)), top: Math.max(GAP, Math.min(below, innerHeight - 230)), width: WIDTH }
}
