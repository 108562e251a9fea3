import type { Comparison } from '@assay/api'

import { figure, strings } from '../strings.ts'

type Pair = Comparison['trust'][string]
type Said = Pair['a']

/** Rows of a comparison: what the evidence of two runs states, side by side, and their verdicts. */
export function TrustFigures({ figures }: { readonly figures: Comparison['trust'] }) {
  const rows = Object.entries(figures)
  if (!rows.length) return null
  return (
    <>
      <tr>
        <th scope="rowgroup" colSpan={4}>
          <b>{strings.trustFigures}</b>
        </th>
      </tr>
      {rows.map(([name, pair]) => (
        <tr key={`t-${name}`} className={same(pair) ? 'same' : ''}>
          <th scope="row">{name}</th>
          <td>
            <Statement said={pair.a} />
          </td>
          <td>
            <Statement said={pair.b} />
          </td>
          <td>
            {pair.difference === null ? '' : figure(pair.difference)} {apart(pair) && <b>{strings.apart}</b>}
          </td>
        </tr>
      ))}
    </>
  )
}

function Statement({ said }: { readonly said: Said }) {
  if (!said) return ''
  const interval = said.low === null || said.high === null ? '' : ` [${figure(said.low)}, ${figure(said.high)}]`
  return (
    <>
      {said.value === null ? '' : `${figure(said.value)}${interval} `}
      {said.state && <span className={`badge state-${said.state}`}>{said.state}</span>}
    </>
  )
}

function same({ a, b }: Pair): boolean {
  return a?.value === b?.value && a?.state === b?.state && a?.low === b?.low && a?.high === b?.high
}

function apart({ a, b }: Pair): boolean {
  if (!a || !b || a.low === null || a.high === null || b.low === null || b.high === null) return false
  return a.high < b.low || b.high < a.low
}
