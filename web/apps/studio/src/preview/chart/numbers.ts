type Cell = string | number | boolean | null
type Point = Readonly<Record<string, Cell>>

/** Keys by which a chart orders and styles its points: no numbers of the figure. */
const INNER: ReadonlySet<string> = new Set(['order', 'dashed'])

export interface Numbers {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
}

/** The data of a Vega-Lite specification as a table, those of its layers too; columns that hold nothing are left out. */
export function numbersOf(specification: unknown): Numbers {
  const points: Point[] = []
  const waiting: unknown[] = [specification]
  for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
    if (typeof part !== 'object' || part === null) continue
    const { data, layer } = part as { readonly data?: { readonly values?: unknown }; readonly layer?: unknown }
    if (Array.isArray(data?.values)) points.push(...data.values.filter(isPoint))
    if (Array.isArray(layer)) waiting.push(...(layer as unknown[]))
  }
  const names = [...new Set(points.flatMap((point) => Object.keys(point)))]
  const columns = names.filter((name) => !INNER.has(name) && points.some((point) => (point[name] ?? '') !== ''))
  return { columns, rows: points.map((point) => columns.map((name) => point[name] ?? null)) }
}

function isPoint(value: unknown): value is Point {
  return typeof value === 'object' && value !== null && Object.values(value).every((inner) => inner === null || ['string', 'number', 'boolean'].includes(typeof inner))
}
