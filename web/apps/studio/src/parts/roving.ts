import { useState, type KeyboardEvent } from 'react'

interface Roving {
  /** Which tile takes the Tab key. */
  readonly at: number
  readonly onKeyDown: (event: KeyboardEvent<HTMLElement>) => void
  readonly onFocus: (index: number) => void
}

/** Tiles of which one takes the Tab key, and between which arrow keys, Home and End move. */
export function useRoving(count: number): Roving {
  const [chosen, setChosen] = useState(0)
  const at = Math.min(chosen, count - 1)
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const tiles = [...event.currentTarget.querySelectorAll('button')]
    const next = neighbour(event.key, at, tiles)
    if (next === null) return
    event.preventDefault()
    setChosen(next)
    tiles[next]?.focus()
  }
  return { at, onKeyDown, onFocus: setChosen }
}

/** Where a key leads from a tile; up and down by what lies above and below on the screen. */
function neighbour(key: string, at: number, tiles: readonly HTMLElement[]): number | null {
  const top = tiles[0]?.offsetTop
  const across = Math.max(1, tiles.findIndex((tile) => tile.offsetTop !== top))
  const steps: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across, ArrowUp: -across, Home: -at, End: tiles.length - 1 - at }
  const step = steps[key]
  if (step === undefined) return null
  const next = at + step
  return next >= 0 && next < tiles.length ? next : null
}
