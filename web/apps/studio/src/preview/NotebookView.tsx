import { Prose } from '../parts/Prose.tsx'
import { Figure } from './chart/Figure.tsx'
import { JsonView } from './JsonView.tsx'
import { words } from './words.ts'

interface Output {
  readonly output_type?: unknown
  readonly text?: unknown
  readonly data?: Readonly<Record<string, unknown>>
  readonly traceback?: unknown
  readonly ename?: unknown
  readonly evalue?: unknown
}

interface Cell {
  readonly cell_type?: unknown
  readonly source?: unknown
  readonly execution_count?: unknown
  readonly outputs?: unknown
}

const MOST_CELLS = 500
const CHART = /^application\/vnd\.vegalite\.v\d\+json$/
const PICTURE = /^image\/(png|jpeg|gif|webp)$/
/** Styles and pictures that stand in it; the frame's own sandbox runs nothing. */
const POLICY = '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'unsafe-inline\'; img-src data:">'
/** What a terminal is told about colours. */
const ESCAPES = /\u001b\[[0-9;?]*[ -/]*[@-~]/g

/** A notebook as it ran: text, code and outputs; HTML in it comes into a frame of its own that runs and loads nothing. */
export function NotebookView({ body }: { readonly body: unknown }) {
  const cells = typeof body === 'object' && body !== null ? (body as { readonly cells?: unknown }).cells : undefined
  if (!Array.isArray(cells)) return <JsonView body={body} />
  return (
    <div className="notebook">
      <p className="help">{words.notebookHelp}</p>
      {(cells as unknown[]).slice(0, MOST_CELLS).map((cell, place) => (typeof cell === 'object' && cell !== null ? <Shown key={place} cell={cell} /> : null))}
    </div>
  )
}

function Shown({ cell }: { readonly cell: Cell }) {
  const source = joined(cell.source)
  const outputs = Array.isArray(cell.outputs) ? (cell.outputs as unknown[]) : []
  const count = typeof cell.execution_count === 'number' ? cell.execution_count : ' '
  return (
    <section className="notebook-cell">
      <span className="count">{cell.cell_type === 'code' && `[${count}]`}</span>
      <div>
        {cell.cell_type === 'markdown' ? <Prose text={source} /> : <pre className="log notebook-code">{source}</pre>}
        {outputs.map((output, place) => (typeof output === 'object' && output !== null ? <Result key={place} output={output} /> : null))}
      </div>
    </section>
  )
}

function Result({ output }: { readonly output: Output }) {
  if (output.output_type === 'stream') return <pre className="log">{plain(joined(output.text))}</pre>
  if (output.output_type === 'error') {
    const trace = plain(lines(output.traceback)) || `${joined(output.ename)}: ${joined(output.evalue)}`
    return <pre className="log failure">{trace}</pre>
  }
  const data = typeof output.data === 'object' ? output.data : {}
  const kinds = Object.keys(data)
  const chart = kinds.find((kind) => CHART.test(kind))
  const picture = kinds.find((kind) => PICTURE.test(kind))
  const text = joined(data['text/plain'])
  if (chart) return <Figure title={titleOf(data[chart]) || words.output} specification={data[chart]} />
  if (picture) return <img className="picture" src={`data:${picture};base64,${joined(data[picture]).replace(/[^\w+/=]/g, '')}`} alt={text || words.output} />
  if ('image/svg+xml' in data) return <img className="picture" src={`data:image/svg+xml;utf8,${encodeURIComponent(joined(data['image/svg+xml']))}`} alt={text || words.output} />
  if ('text/html' in data) return <iframe className="page" sandbox="" srcDoc={POLICY + joined(data['text/html'])} title={words.output} />
  if ('text/markdown' in data) return <Prose text={joined(data['text/markdown'])} />
  return text ? <pre className="log">{plain(text)}</pre> : null
}

/** Text of a notebook is a string, or a list of them. */
function joined(value: unknown): string {
  if (Array.isArray(value)) return value.filter((part) => typeof part === 'string').join('')
  return typeof value === 'string' ? value : ''
}

function lines(value: unknown): string {
  return Array.isArray(value) ? value.filter((part) => typeof part === 'string').join('\n') : ''
}

function plain(text: string): string {
  return text.replace(ESCAPES, '')
}

function titleOf(specification: unknown): string {
  const title = typeof specification === 'object' && specification !== null ? (specification as { readonly title?: unknown }).title : ''
  return typeof title === 'string' ? title : ''
}
