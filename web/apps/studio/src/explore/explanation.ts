import { api, ask, type CaseExplanation } from '@assay/api'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'

import type { PredictionsPlace } from './state.ts'

const SOON = 300

export type Act = 'begin' | 'cancel'

interface Asked {
  readonly explanation: CaseExplanation | undefined
  /** Why the last act was refused. */
  readonly fault: string
  readonly act: (act: Act) => void
}

/** How the explanation of a case on request stands; asked again while it goes on. */
export function useExplanation(place: PredictionsPlace, number: number, enabled: boolean): Asked {
  const queries = useQueryClient()
  const params = { path: { run: place.run, step: place.step, port: place.port, number }, query: { item: place.item } }
  const queryKey = ['explanation', place, number]
  const explanation = useQuery({
    queryKey,
    queryFn: () => ask(api.GET('/api/runs/{run}/outputs/{step}/{port}/cases/{number}/explanation', { params })),
    enabled,
    refetchInterval: (query) => (query.state.data?.status === 'running' ? SOON : false),
  }).data
  const acting = useMutation({
    mutationFn: (act: Act) =>
      ask(act === 'begin' ? api.POST('/api/runs/{run}/outputs/{step}/{port}/cases/{number}/explanation', { params }) : api.POST('/api/runs/{run}/outputs/{step}/{port}/cases/{number}/explanation/cancel', { params })),
    onSuccess: (told) => queries.setQueryData(queryKey, told),
  })
  return { explanation, fault: acting.error?.message ?? '', act: (act) => acting.mutate(act) }
}
