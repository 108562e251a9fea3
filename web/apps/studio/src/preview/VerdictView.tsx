import type { Preview } from '@assay/api'

import { words } from './words.ts'

/** A verdict with its reasons, rule by rule, whose it is, and by which digests. */
export function VerdictView({ shape }: { readonly shape: Extract<Preview, { kind: 'verdict' }> }) {
  const { signature } = shape
  const digests = [
    [words.verdictDigest, shape.digest],
    [words.modelDigest, shape.model?.digest ?? ''],
    [words.policyDigest, shape.policy ? `${shape.policy.name}, ${shape.policy.digest}` : ''],
    ...shape.evidence.map((one) => [words.restsOn, `${one.name}, ${one.digest}`] as const),
  ].filter(([, digest]) => digest)
  return (
    <div className="verdict">
      <p className="verdict-line">
        <span className={`badge state-${shape.state}`}>{said(shape.state)}</span>{' '}
        {shape.by && (
          <b>
            {words.takenBy} {shape.by}:{' '}
          </b>
        )}
        {shape.reason}
      </p>
      {shape.synthetic && <p className="caution">{words.synthetic}</p>}
      {shape.expired && <p className="caution">{words.expired}</p>}
      <p className={signature.holds && !signature.development ? 'help' : 'caution'}>{signature.told}</p>
      {shape.rules.length > 0 && (
        <table>
          <caption className="hidden">{words.rules}</caption>
          <thead>
            <tr>
              {[words.rule, words.level, words.asks, words.state, words.why].map((title) => (
                <th scope="col" key={title}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shape.rules.map((rule) => (
              <tr key={rule.id}>
                <th scope="row" title={rule.title}>
                  {rule.id}
                </th>
                <td>{rule.level}</td>
                <td>{rule.asks}</td>
                <td>
                  <span className={`badge state-${rule.state}`}>{said(rule.state)}</span>
                </td>
                <td>{rule.reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p className="help">
        {words.judged} {shape.judged}
        {shape.expires && `, ${words.until} ${shape.expires}`}. {words.signer} {shape.signer} ({shape.key.slice(0, 12)}).
      </p>
      <dl>
        {digests.map(([name, digest], place) => (
          <div key={place} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd>
              <code>{digest}</code>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  )
}

function said(state: string): string {
  return state === 'insufficient' ? words.insufficient : state
}
