/** Artifact type to the more general type above it, as the server tells. */
export type TypeTable = Readonly<Record<string, string | null>>

/**
 * Why an output may not feed an input, or `null` when it may. The same rule as the engine's: a type fits itself and every
 * type above it; one artifact fits a list, a list does not fit a single port; a Value feeds parameters only.
 */
export function fits(source: string, target: string, table: TypeTable): string | null {
  const [from, many] = opened(source)
  const [to, manyTo] = opened(target)
  if (from === 'Value' || to === 'Value') return 'a Value feeds a parameter, not a port'
  if (many && !manyTo) return `${source} is a list, ${target} takes one`
  for (let kind: string | null = from; kind !== null; kind = table[kind] ?? null) if (kind === to) return null
  return `${source} is not ${target}`
}

function opened(type: string): readonly [string, boolean] {
  const match = /^list\[(.+)\]$/.exec(type)
  return match ? [match[1] ?? '', true] : [type, false]
}
