import type { CaseExplanation, ExplanationFound } from '@assay/api'

import { figure, filled } from '../strings.ts'
import type { Act } from './explanation.ts'
import { WORDS } from './words.ts'

interface Facts {
  readonly explanation: CaseExplanation | undefined
  readonly fault: string
  readonly positive: string
  /** Whether the model is there to be asked. */
  readonly able: boolean
  readonly act: (act: Act) => void
}

/** An explanation that no step made: begun, watched, cancelled, and told with what it is worth. */
export function OnRequest({ explanation, fault, positive, able, act }: Facts) {
  const status = explanation?.status ?? 'none'
  return (
    <section className="explore-request" aria-label={WORDS.explain}>
      {status !== 'done' && <p className="help">{WORDS.noMap}</p>}
      <div role="status">
        {status === 'running' && explanation && <Going explanation={explanation} />}
        {status === 'cancelled' && <p>{WORDS.explainCancelled}</p>}
        {explanation?.found && <Told found={explanation.found} positive={positive} />}
      </div>
      {status === 'failed' && explanation && (
        <p className="failure" role="alert">
          {explanation.problem} {explanation.hint}
        </p>
      )}
      {fault && <p className="failure" role="alert">{fault}</p>}
      {status === 'running' ? (
        <button type="button" onClick={() => act('cancel')}>
          {WORDS.explainCancel}
        </button>
      ) : (
        able &&
        status !== 'done' && (
          <button type="button" onClick={() => act('begin')}>
            {status === 'none' ? WORDS.explain : WORDS.explainAgain}
          </button>
        )
      )}
    </section>
  )
}

function Going({ explanation: { done, total } }: { readonly explanation: CaseExplanation }) {
  const said = total ? filled(WORDS.explaining, { done, total }) : WORDS.explainBegun
  return (
    <p>
      <progress value={total ? done : undefined} max={total || undefined} aria-label={WORDS.explain} /> {said}
    </p>
  )
}

function Told({ found, positive }: { readonly found: ExplanationFound; readonly positive: string }) {
  return (
    <>
      <p>
        <b>{found.title}.</b> {WORDS.explainNow}
      </p>
      {found.instead && <p>{filled(WORDS.explainInstead, { why: found.instead })}</p>}
      {found.constant && <p className="failure">{WORDS.explainConstant}</p>}
      <table>
        <caption>{filled(WORDS.explainTable, { maps: found.random_maps })}</caption>
        <thead>
          <tr>
            {[WORDS.explainFill, WORDS.explainDeletion, WORDS.explainInsertion, WORDS.explainBeaten].map((name) => (
              <th scope="col" key={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {found.curves.map((one) => (
            <tr key={one.fill}>
              <th scope="row">{one.fill}</th>
              <td>
                {figure(one.deletion)} ({WORDS.explainRandom} {figure(one.random_deletion)})
              </td>
              <td>
                {figure(one.insertion)} ({WORDS.explainRandom} {figure(one.random_insertion)})
              </td>
              <td>{filled(WORDS.explainBeatenOf, { beaten: one.beaten, of: found.random_maps })}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="help">
        {filled(WORDS.explainScore, { positive, score: figure(found.score), asked: found.asked })} {WORDS.explainOne}
      </p>
    </>
  )
}
