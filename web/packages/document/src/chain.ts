import { outline, type Outline } from './outline.ts'
import { applied, difference, type Splice } from './splice.ts'
import type { Json } from './value.ts'

/** A named change: what the Undo entry says, and what it does to the text. */
export interface Command {
  readonly label: string
  readonly run: (outline: Outline) => Splice[]
}

export type Change = (outline: Outline) => Splice[]

/** Several changes as one, each made in the text that the one before left. */
export function chained(...changes: readonly Change[]): Change {
  return (now) => {
    let text = now.text
    let current = now
    for (const change of changes) {
      const next = applied(text, change(current))
      if (next !== text) current = outline(next)
      text = next
    }
    return difference(now.text, text)
  }
}

/** A place as it stands in the file. */
export function rounded(at: readonly [number, number]): Json {
  return at.map((value) => Math.round(value * 100) / 100)
}
