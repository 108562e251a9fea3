/** The form of the charts that Assay writes. A chart may come from anywhere, and Vega-Lite can be told to fetch, to count to a
 * trillion, or to compute: what has not this form is not drawn, and its picture is shown instead. */

type Check = (value: unknown) => boolean

const MOST_POINTS = 5000
const MOST_LAYERS = 12
const WIDEST = 1500

const text: Check = (value) => typeof value === 'string' && value.length <= 500
const number: Check = (value) => typeof value === 'number' && Number.isFinite(value)
const flag: Check = (value) => typeof value === 'boolean'
const nothing: Check = (value) => value === null
const size: Check = (value) => typeof value === 'number' && value > 0 && value <= WIDEST
const name: Check = (value) => typeof value === 'string' && /^\w[\w ]{0,80}$/.test(value)
const colour: Check = (value) => typeof value === 'string' && /^#[0-9a-f]{3,8}$|^[a-z]{3,20}$/i.test(value)
const simple: Check = (value) => typeof value === 'string' && /^isValid\(datum\.\w+\)$|^datum\.\w+ [<>] \d+(\.\d+)?$/.test(value)

function one(...words: readonly string[]): Check {
  return (value) => typeof value === 'string' && words.includes(value)
}

function either(...checks: readonly Check[]): Check {
  return (value) => checks.some((check) => check(value))
}

function list(check: Check, most: number): Check {
  return (value) => Array.isArray(value) && value.length <= most && value.every(check)
}

function shape(entries: Readonly<Record<string, Check>>): Check {
  const known = new Map(Object.entries(entries))
  return (value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.entries(value).every(([key, inner]) => known.get(key)?.(inner) ?? false)
}

const cell = either(nothing, number, flag, text)
const point: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value) && Object.entries(value).every(([key, inner]) => name(key) && cell(inner))
const scale = shape({ domain: list(either(number, text), 200), type: one('linear', 'log'), zero: flag })
const channel = shape({
  field: name,
  type: one('quantitative', 'nominal', 'ordinal'),
  title: either(nothing, text),
  scale,
  legend: nothing,
  sort: either(nothing, list(either(number, text), 200), shape({ field: name })),
  datum: cell,
  value: cell,
  condition: shape({ test: simple, value: cell }),
})
const encoding: Check = shape(Object.fromEntries(['x', 'y', 'x2', 'y2', 'color', 'strokeDash', 'order', 'text', 'opacity'].map((key) => [key, either(nothing, channel)])))
const kind = one('line', 'area', 'point', 'rule', 'rect', 'text', 'bar', 'tick', 'circle')
const mark = either(kind, shape({ type: kind, filled: flag, opacity: number, color: colour, strokeDash: list(number, 6), size: number }))
const part = { mark, encoding, transform: list(shape({ filter: simple }), 4), data: shape({ values: list(point, MOST_POINTS) }) }
const whole = shape({
  ...part,
  $schema: text,
  title: text,
  description: text,
  width: size,
  height: size,
  layer: list(shape(part), MOST_LAYERS),
})

/** Whether a specification has the form that Assay writes, and something to draw. */
export function drawable(specification: unknown): specification is Readonly<Record<string, unknown>> {
  return whole(specification) && ('mark' in (specification as object) || 'layer' in (specification as object))
}
