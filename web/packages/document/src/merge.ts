/** Two people's texts made one, or the lines on which they disagree. */
export interface Merge {
  readonly text: string
  readonly clean: boolean
}

/**
 * Merge `mine` and `theirs`, both made from `base`, line by line. Where both changed the same lines, mine stays and
 * `clean` is false: the caller asks.
 */
export function merged(base: string, mine: string, theirs: string): Merge {
  if (mine === theirs || base === theirs) return { text: mine, clean: true }
  if (base === mine) return { text: theirs, clean: true }
  const own = hunk(base, mine)
  const other = hunk(base, theirs)
  const samePlace = own.from === other.from && own.from === own.to && other.from === other.to
  const apart = !samePlace && (own.to <= other.from || other.to <= own.from)
  if (!apart) return { text: mine, clean: false }
  const lines = split(base)
  const [first, second] = own.from < other.from || (own.from === other.from && own.to <= other.from) ? [own, other] : [other, own]
  const text = [
    ...lines.slice(0, first.from),
    ...first.lines,
    ...lines.slice(first.to, second.from),
    ...second.lines,
    ...lines.slice(second.to),
  ].join('')
  return { text, clean: true }
}

interface Hunk {
  readonly from: number
  readonly to: number
  readonly lines: readonly string[]
}

/** The run of lines that differs, from the first to the last. */
function hunk(base: string, changed: string): Hunk {
  const before = split(base)
  const after = split(changed)
  let from = 0
  while (from < before.length && from < after.length && before[from] === after[from]) from++
  let back = 0
  while (back < before.length - from && back < after.length - from && before.at(-1 - back) === after.at(-1 - back)) back++
  return { from, to: before.length - back, lines: after.slice(from, after.length - back) }
}

function split(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}
