import { figure } from '../strings.ts'
import { JsonView } from './JsonView.tsx'
import { words } from './words.ts'

interface Said {
  readonly value?: unknown
  readonly low?: unknown
  readonly high?: unknown
  readonly n?: unknown
  readonly method?: unknown
}

/** Figures with their intervals; a file of another form as it is. */
export function MetricsView({ body }: { readonly body: unknown }) {
  const found = typeof body === 'object' && body !== null ? (body as { readonly figures?: unknown }).figures : undefined
  if (typeof found !== 'object' || found === null || Array.isArray(found)) return <JsonView body={body} />
  return (
    <table className="evidence">
      <thead>
        <tr>
          <th scope="col">{words.figure}</th>
          <th scope="col">{words.value}</th>
          <th scope="col">n</th>
          <th scope="col">{words.method}</th>
        </tr>
      </thead>
      <tbody>
        {Object.entries(found as Readonly<Record<string, Said | null>>).map(([name, said]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{interval(said ?? {})}</td>
            <td>{typeof said?.n === 'number' ? said.n : ''}</td>
            <td>{typeof said?.method === 'string' ? said.method : ''}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function interval({ value, low, high }: Said): string {
  if (typeof value !== 'number') return '–'
  return typeof low === 'number' && typeof high === 'number' ? `${figure(value)} [${figure(low)}, ${figure(high)}]` : figure(value)
}
