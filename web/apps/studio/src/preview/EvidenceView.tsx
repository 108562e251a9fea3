import { figure } from '../strings.ts'
import { Cells } from './Cells.tsx'
import { Figure } from './chart/Figure.tsx'
import { JsonView } from './JsonView.tsx'
import { words } from './words.ts'

interface Statement {
  readonly id: string
  readonly on?: Readonly<Record<string, string>>
  readonly against?: Readonly<Record<string, string>>
  readonly estimate: { readonly value: number; readonly low: number | null; readonly high: number | null; readonly n: number }
  readonly state?: string | null
  readonly reason?: string
}

interface Evidence {
  readonly title: string
  readonly statements: readonly Statement[]
  readonly caveats?: readonly string[]
  readonly synthetic?: boolean | null
  readonly not_measured?: readonly { readonly id: string; readonly why: string }[]
  readonly figures?: readonly { readonly name: string; readonly title: string; readonly specification?: unknown; readonly svg?: string; readonly png?: string }[]
  readonly tables?: readonly { readonly name: string; readonly title: string; readonly columns: readonly string[]; readonly rows: readonly (readonly (string | number | boolean | null)[])[] }[]
}

/** Evidence for a person: what was found, on whom, how sure, and what was not measured. */
export function EvidenceView({ body }: { readonly body: unknown }) {
  if (!isEvidence(body)) return <JsonView body={body} />
  return (
    <div className="evidence">
      <h3>{body.title}</h3>
      {body.synthetic && <p className="banner">{words.synthetic}</p>}
      {body.caveats?.map((caveat) => (
        <p className="help" key={caveat}>
          {caveat}
        </p>
      ))}
      <div className="scroll cells" tabIndex={0} role="region" aria-label={words.estimate}>
        <table>
          <thead>
            <tr>
              {[words.figure, words.about, words.estimate, 'n', words.state].map((title) => (
                <th scope="col" key={title}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {body.statements.map((said, place) => (
              <tr key={place}>
                <th scope="row">{said.id}</th>
                <td>{about(said)}</td>
                <td>{estimate(said.estimate)}</td>
                <td>{said.estimate.n}</td>
                <td title={said.reason}>
                  {said.state && <span className={`badge state-${said.state}`}>{said.state === 'insufficient' ? words.insufficient : said.state}</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {body.figures?.map((shown) => (
        <Figure key={shown.name} title={shown.title} specification={shown.specification} picture={picture(shown)} />
      ))}
      {body.tables?.map((table) => (
        <details key={table.name}>
          <summary>
            {table.title} ({table.rows.length})
          </summary>
          <Cells title={table.title} columns={table.columns} rows={table.rows} />
        </details>
      ))}
      {(body.not_measured?.length ?? 0) > 0 && (
        <ul aria-label={words.notMeasured}>
          {body.not_measured?.map((reason, place) => (
            <li key={place}>
              {reason.id}: {reason.why}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

function isEvidence(body: unknown): body is Evidence {
  return typeof body === 'object' && body !== null && Array.isArray((body as Evidence).statements)
}

function about(said: Statement): string {
  const named = (group: Readonly<Record<string, string>> | undefined) => Object.entries(group ?? {}).map(([key, value]) => `${key} ${value}`).join(', ')
  return [named(said.on) || words.everybody, named(said.against) && `${words.against} ${named(said.against)}`].filter(Boolean).join(' ')
}

function estimate({ value, low, high }: Statement['estimate']): string {
  return low === null || high === null ? figure(value) : `${figure(value)} [${figure(low)}, ${figure(high)}]`
}

/** Drawings are shown as images: whatever stands in them, nothing runs. */
function picture(shown: { readonly svg?: string; readonly png?: string }): string | undefined {
  if (shown.svg) return `data:image/svg+xml;utf8,${encodeURIComponent(shown.svg)}`
  return shown.png ? `data:image/png;base64,${shown.png}` : undefined
}
