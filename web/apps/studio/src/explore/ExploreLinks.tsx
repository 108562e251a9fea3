import { api, ask } from '@assay/api'
import { useQuery } from '@tanstack/react-query'

import { strings } from '../strings.ts'
import { explore } from './state.ts'

interface Links {
  readonly run: string
  /** Only these; default: all predictions of the run. */
  readonly step?: string
  readonly port?: string
}

/** Ways into the image browser, one for each port of a run that carries predictions. */
export function ExploreLinks({ run, step, port }: Links) {
  const found = useQuery({
    queryKey: ['predictions', run],
    queryFn: () => ask(api.GET('/api/runs/{run}/predictions', { params: { path: { run } } })),
  }).data
  const shown = found?.filter((one) => (step === undefined || one.step === step) && (port === undefined || one.port === port)) ?? []
  if (!shown.length) return null
  return (
    <div className="row">
      {shown.map((one) => (
        <button type="button" key={`${one.step}.${one.port}.${one.item}`} onClick={() => explore({ run, ...one })}>
          {strings.explore} {one.step}.{one.port}
          {one.item > 0 && ` ${one.item + 1}`}
        </button>
      ))}
    </div>
  )
}
