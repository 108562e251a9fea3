import { api, ask, Refused } from '@assay/api'
import { useEffect } from 'react'

import { noticed, useReach } from './reach.ts'
import { useRun } from './run.ts'

const EVERY = 4000

/** Ask whether the server answers, while a run is followed or the last answer failed; an idle page asks nothing. */
export function useAsking(): void {
  const going = useRun((state) => state.status === 'running')
  const away = useReach((state) => state.reach !== 'here')
  useEffect(() => {
    if (!going && !away) return
    const look = () => {
      ask(api.GET('/api/session', { signal: AbortSignal.timeout(EVERY) })).then(
        () => useReach.setState({ reach: 'here' }),
        (error: unknown) => error instanceof Refused && noticed(error.problem.code),
      )
    }
    look()
    const timer = setInterval(look, EVERY)
    return () => clearInterval(timer)
  }, [away, going])
}
