import { useEffect, useRef, type KeyboardEvent, type ReactNode } from 'react'

/** As many as a list shows at once; the others are found by typing. */
export const SHOWN = 200

export interface Pick {
  readonly name: string
  readonly about: ReactNode
}

/** A list to choose from: what has the focus is a text field, which names the active option. */
export function Picks({ id, label, picks, active, onChoose }: { readonly id: string; readonly label: string; readonly picks: readonly Pick[]; readonly active: number; readonly onChoose: (place: number) => void }) {
  const list = useRef<HTMLUListElement>(null)
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: 'nearest' })
  }, [active])
  return (
    <ul className="pick-list" id={id} role="listbox" aria-label={label} ref={list}>
      {picks.slice(0, SHOWN).map((pick, place) => (
        <li
          key={pick.name}
          id={`${id}-${place}`}
          role="option"
          aria-selected={place === active}
          onMouseDown={(event) => event.preventDefault()} // the field keeps the focus
          onClick={() => onChoose(place)}
        >
          <bdi>{pick.name}</bdi> <small>{pick.about}</small>
        </li>
      ))}
    </ul>
  )
}

/** Where an arrow key, Home or End leads in a list; `undefined` for any other key. */
export function moved(event: KeyboardEvent, active: number, count: number): number | undefined {
  const last = Math.min(count, SHOWN) - 1
  if (last < 0) return undefined
  if (event.key === 'ArrowDown') return active >= last ? 0 : active + 1
  if (event.key === 'ArrowUp') return active <= 0 ? last : active - 1
  if (event.key === 'PageDown') return Math.min(last, active + 8)
  if (event.key === 'PageUp') return Math.max(0, active - 8)
  return undefined
}

/** Those whose names have what was written in them, those that begin with it first. */
export function found<T extends { readonly name: string }>(all: readonly T[], text: string): T[] {
  const wanted = text.trim().toLowerCase()
  const matching = all.filter((one) => one.name.toLowerCase().includes(wanted))
  return wanted ? matching.sort((a, b) => Number(b.name.toLowerCase().startsWith(wanted)) - Number(a.name.toLowerCase().startsWith(wanted))) : matching
}
