import { figure } from '../strings.ts'
import { JsonView } from './JsonView.tsx'

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
  readonly figures?: readonly { readonly name: string; readonly title: string; readonly svg?: string; readonly png?: string }[]
}

/** Evidence for a person: what was found, on whom, how sure, and what was not measured. */
export function EvidenceView({ body }: { readonly body: unknown }) {
  if (!isEvidence(body)) return <JsonView body={body} />
  return (
    <div className="evidence">
      <h3>{body.title}</h3>
      {body.synthetic && <p className="banner">Synthetic data: no patient was imaged.</p>}
      {body.caveats?.map((caveat) => (
        <p className="help" key={caveat}>
          {caveat}
        </p>
      ))}
      <table>
        <thead>
          <tr>
            <th scope="col">Figure</th>
            <th scope="col">About</th>
            <th scope="col">Estimate (95 %)</th>
            <th scope="col">n</th>
            <th scope="col">State</th>
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
                {said.state && <span className={`badge state-${said.state}`}>{said.state === 'insufficient' ? 'insufficient evidence' : said.state}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {body.figures?.map((shown) => (
        <figure key={shown.name}>
          <img className="picture" src={source(shown)} alt={shown.title} />
          <figcaption>{shown.title}</figcaption>
        </figure>
      ))}
      {(body.not_measured?.length ?? 0) > 0 && (
        <ul>
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
  const words = (group: Readonly<Record<string, string>> | undefined) => Object.entries(group ?? {}).map(([key, value]) => `${key} ${value}`).join(', ')
  return [words(said.on) || 'everybody', words(said.against) && `against ${words(said.against)}`].filter(Boolean).join(' ')
}

function estimate({ value, low, high }: Statement['estimate']): string {
  return low === null || high === null ? figure(value) : `${figure(value)} [${figure(low)}, ${figure(high)}]`
}

/** Drawings are shown as images: whatever stands in them, nothing runs. */
function source(shown: { readonly svg?: string; readonly png?: string }): string {
  return shown.svg ? `data:image/svg+xml;utf8,${encodeURIComponent(shown.svg)}` : `data:image/png;base64,${shown.png ?? ''}`
}
