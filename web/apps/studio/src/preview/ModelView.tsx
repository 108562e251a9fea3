import type { Preview } from '@assay/api'

import { outputRoot } from '../parts/addresses.ts'
import { figure, filled } from '../strings.ts'
import { Cells } from './Cells.tsx'
import { JsonView } from './JsonView.tsx'
import { modelWords as words } from './modelwords.ts'
import { SvgFigure } from './SvgFigure.tsx'
import { words as common } from './words.ts'

type Body = Readonly<Record<string, unknown>>
type Row = readonly [string, string]

const MOST = 200

/** What a model answers, what it takes, how it was fitted, on what, and how it learned; a file of another form as it is. */
export function ModelView({ run, shape }: { readonly run: string; readonly shape: Extract<Preview, { kind: 'model' }> }) {
  const body = object(shape.body)
  if (!Array.isArray(body.labels)) return <JsonView body={shape.body} />
  const training = object(body.training)
  const { versions, data, ...settings } = training
  return (
    <div className="model">
      {body.synthetic === true && <p className="caution">{common.synthetic}</p>}
      <Facts title={words.answers} rows={answers(body)} />
      <Facts title={words.takes} rows={takes(object(body.preprocessing))} />
      <Columns columns={body.columns} />
      <Facts title={words.training} rows={flat(settings, words.facts)} />
      {shape.curves.map((one) => (
        <SvgFigure key={`${one.step}.${one.port}.${one.item}`} address={`${outputRoot(run, one.step, one.port)}/content?item=${one.item}`} name={`${one.step} ${one.port}`} />
      ))}
      <Parts data={object(data)} />
      <Facts title={words.checked} rows={flat(object(body.onnx), words.onnx)} />
      <Facts title={words.versions} rows={flat(object(versions), {})} />
      <details>
        <summary>model.json</summary>
        <JsonView body={shape.body} />
      </details>
    </div>
  )
}

function Facts({ title, rows }: { readonly title: string; readonly rows: readonly Row[] }) {
  if (!rows.length) return null
  return (
    <table className="facts">
      <caption>{title}</caption>
      <tbody>
        {rows.slice(0, MOST).map(([name, value]) => (
          <tr key={name}>
            <th scope="row">
              <bdi>{name}</bdi>
            </th>
            <td>
              <bdi>{value}</bdi>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function answers(body: Body): Row[] {
  const cut = object(body.threshold)
  const labels = (body.labels as unknown[]).map(told).join(', ')
  const rows: Row[] = [
    [words.classes, labels],
    [words.positive, told(body.positive)],
    [words.threshold, cut.value === undefined ? '' : filled(words.thresholdIs, { value: told(cut.value), rule: told(cut.rule), on: told(cut.chosen_on) })],
  ]
  return rows.filter(([, value]) => value !== '')
}

/** What is done to a picture before the network sees it. */
function takes(steps: Body): Row[] {
  const { intensity, modality, window, size, mean, std, ...other } = steps
  const unit = intensity === 'hounsfield' ? ' HU' : ''
  const [level, width] = numbers(window)
  const rows: Row[] = [
    [words.size, typeof size === 'number' ? filled(words.sizeIs, { size }) : ''],
    [words.intensity, intensity === 'hounsfield' ? words.hounsfield : told(intensity)],
    [words.modality, told(modality)],
    [words.window, level === undefined || width === undefined ? '' : filled(words.windowIs, { level, width, low: `${level - width / 2}${unit}`, high: `${level + width / 2}${unit}` })],
    [words.normalised, mean === undefined || std === undefined ? '' : filled(words.normalisedIs, { mean: told(mean), std: told(std) })],
  ]
  return [...rows.filter(([, value]) => value !== ''), ...flat(other, {})]
}

/** The columns that a model over tables takes, in its order. */
function Columns({ columns }: { readonly columns: unknown }) {
  if (!Array.isArray(columns)) return null
  const rows = columns.map((one: unknown) => {
    const { name, kind, categories, low, high } = object(one)
    const range = Array.isArray(categories) && categories.length ? categories.map((word) => told(word) || words.missing).join(', ') : kind === 'number' ? `${told(low)} … ${told(high)}` : ''
    return [told(name), told(kind), range]
  })
  return (
    <>
      <h3>{filled(words.columns, { count: rows.length })}</h3>
      <Cells title={words.takes} columns={[words.column, words.kind, words.values]} rows={rows} />
    </>
  )
}

/** What the model was fitted and chosen on. */
function Parts({ data }: { readonly data: Body }) {
  const rows = Object.entries(data).map(([part, told_]) => {
    const one = object(told_)
    return [part, count(one.images ?? one.rows), count(one.patients), flat(object(one.labels), {}).map(([name, value]) => `${name} ${value}`).join(', '), told(one.sha256)]
  })
  if (!rows.length) return null
  return (
    <>
      <h3>{words.data}</h3>
      <Cells title={words.data} columns={[words.part, words.images, words.patients, words.perLabel, 'sha256']} rows={rows} />
    </>
  )
}

/** Nested facts as rows: `federated, rounds`; the names that are known in words. */
function flat(body: Body, known: Readonly<Record<string, string>>, before = ''): Row[] {
  return Object.entries(body).flatMap(([key, value]): Row[] => {
    const name = before + (Object.hasOwn(known, key) ? (known[key] ?? key) : key)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return flat(value as Body, {}, `${name}, `)
    const text = told(value)
    return text === '' ? [] : [[name, text]]
  })
}

function told(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'boolean') return value ? words.yes : words.no
  if (typeof value === 'number') return Math.abs(value) >= 1e-3 || value === 0 ? figure(value) : value.toExponential(2)
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(told).join(', ')
  return JSON.stringify(value)
}

function count(value: unknown): number | null {
  return typeof value === 'number' ? value : null
}

function numbers(value: unknown): readonly number[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'number') : []
}

function object(value: unknown): Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Body) : {}
}
