/** Rows drawn beyond each edge of what is in sight, so that a step of scrolling shows no gap. */
const BEYOND = 6

export interface Range {
  readonly first: number
  /** One behind the last. */
  readonly end: number
}

/** Which of `count` rows of one height have to be drawn for what is in sight. */
export function inSight(top: number, height: number, row: number, count: number): Range {
  const first = Math.max(0, Math.min(count, Math.floor(top / row)) - BEYOND)
  return { first, end: Math.min(count, Math.ceil((top + height) / row) + BEYOND) }
}

/** Where to scroll so that a row is in sight below a header that stays: as little as possible. */
export function toSee(place: number, top: number, height: number, row: number): number {
  const from = place * row
  if (from < top) return from
  return Math.max(top, from + 2 * row - height) // the header takes one row of the height
}
