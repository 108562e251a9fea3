import { lazy, Suspense, useCallback, useState } from 'react'

import { Cells } from '../Cells.tsx'
import { words } from '../words.ts'
import { drawable } from './grammar.ts'
import { numbersOf } from './numbers.ts'

const Plot = lazy(() => import('./Plot.tsx'))

const FEW = 12

/** A figure with its numbers: drawn by the page when its form is known, else as the picture that came with it. */
export function Figure({ title, specification, picture }: { readonly title: string; readonly specification?: unknown; readonly picture?: string | undefined }) {
  const [failed, setFailed] = useState(false)
  const onFailure = useCallback(() => setFailed(true), [])
  const numbers = numbersOf(specification)
  const shown = picture ? <img className="picture" src={picture} alt={title} /> : null
  return (
    <figure className="chart">
      <div>
        {!failed && drawable(specification) ? (
          <Suspense fallback={shown}>
            <Plot specification={specification} title={title} onFailure={onFailure} />
          </Suspense>
        ) : (
          shown
        )}
        <figcaption>{title}</figcaption>
      </div>
      {numbers.rows.length > 0 && (
        <details open={numbers.rows.length <= FEW}>
          <summary>
            {words.numbers} ({numbers.rows.length})
          </summary>
          <Cells title={`${words.numbers}: ${title}`} columns={numbers.columns} rows={numbers.rows} />
        </details>
      )}
    </figure>
  )
}
