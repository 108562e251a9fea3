import { api } from '@assay/api'
import { useEffect, useState } from 'react'

import { useRun } from './run.ts'

const EVERY = 4000

/** Whether the server answers: asked while a run is followed or the last answer failed; an idle page asks nothing. */
export function useAlive(): boolean {
  const connected = useRun((state) => state.connected)
  const going = useRun((state) => state.status === 'running')
  const [alive, setAlive] = useState(true)
  useEffect(() => {
    if (!going && connected && alive) return
    const ask = () => {
      api.GET('/api/session', { signal: AbortSignal.timeout(EVERY) }).then(
        (answer) => setAlive(answer.response.ok),
        () => setAlive(false),
      )
    }
    ask()
    const timer = setInterval(ask, EVERY)
    return () => clearInterval(timer)
  }, [alive, connected, going])
  return alive && connected
}
