/** A replacement of `text.slice(from, to)`; every change of a document is a list of these. */
export interface Splice {
  readonly from: number
  readonly to: number
  readonly insert: string
}

/** Apply splices that do not overlap, all in positions of the text before. */
export function applied(text: string, splices: readonly Splice[]): string {
  let result = text
  for (const splice of backwards(splices)) {
    result = result.slice(0, splice.from) + splice.insert + result.slice(splice.to)
  }
  return result
}

/** The splices that undo `splices`, in positions of the text after. */
export function inverse(text: string, splices: readonly Splice[]): Splice[] {
  let shift = 0
  return [...backwards(splices)].reverse().map(({ from, to, insert }) => {
    const undone = { from: from + shift, to: from + shift + insert.length, insert: text.slice(from, to) }
    shift += insert.length - (to - from)
    return undone
  })
}

/** The smallest single splice that turns one text into the other. */
export function difference(before: string, after: string): Splice[] {
  if (before === after) return []
  let from = 0
  const shorter = Math.min(before.length, after.length)
  while (from < shorter && before[from] === after[from]) from++
  let back = 0
  while (back < shorter - from && before[before.length - 1 - back] === after[after.length - 1 - back]) back++
  return [{ from, to: before.length - back, insert: after.slice(from, after.length - back) }]
}

function backwards(splices: readonly Splice[]): Splice[] {
  const ordered = splices.map((splice, place) => ({ splice, place }))
  ordered.sort((a, b) => b.splice.from - a.splice.from || b.splice.to - a.splice.to || b.place - a.place)
  return ordered.map(({ splice }) => splice)
}
