import type { CaseGroup, Outcome } from '@assay/api'

import { casesOf, OUTCOMES, WORDS } from './words.ts'

interface Facts {
  readonly group: CaseGroup
  readonly everybody: CaseGroup
  readonly shown: readonly Outcome[]
  readonly narrowed: boolean
}

/** How many there are of each outcome, beside how many the group has in all. */
export function Counts({ group, everybody, shown, narrowed }: Facts) {
  const groups = narrowed ? [group, everybody] : [everybody]
  return (
    <>
      <table className="explore-counts">
        <caption className="hidden">{WORDS.counts}</caption>
        <thead>
          <tr>
            <td />
            {group.outcomes.map((one) => (
              <th scope="col" key={one.outcome} className={shown.includes(one.outcome) ? 'explore-shown' : ''}>
                {OUTCOMES[one.outcome].many}
              </th>
            ))}
            <th scope="col">{WORDS.all}</th>
          </tr>
        </thead>
        <tbody>
          {groups.map((one) => (
            <tr key={one === everybody ? 'everybody' : 'group'}>
              <th scope="row">{one === everybody ? WORDS.everybody : WORDS.inGroup}</th>
              {one.outcomes.map((count) => (
                <td key={count.outcome}>{casesOf(count.cases, count.patients ?? null)}</td>
              ))}
              <td>{casesOf(one.cases, one.patients ?? null)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {narrowed && <p className="help">{WORDS.caution}</p>}
    </>
  )
}
