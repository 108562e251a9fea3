import { useEffect, useState } from 'react'

import { retry } from '../runs/start.ts'
import { useReach } from '../state/reach.ts'
import { useRun } from '../state/run.ts'
import { useStepView } from '../state/trail.ts'
import { duration, strings } from '../strings.ts'

const WORDS_KEPT = 2

/** What stands below a step while it is at work: how far it is and what it printed last; and the way back when it went wrong. */
export function Below({ step }: { readonly step: string }) {
  const view = useStepView(step)
  if (!view) return null
  const { status, progress, tail, message } = view
  const wrong = status === 'failed' || status === 'cancelled'
  const lines = wrong ? [...tail.slice(-1), message].filter(Boolean) : tail.slice(-WORDS_KEPT)
  if (!progress && !wrong && !lines.length) return null
  const share = progress?.total ? progress.done / progress.total : undefined
  return (
    <>
      {progress && (
        <progress
          className="step-progress"
          aria-label={`${step}: ${progress.message}`}
          title={[progress.message, progress.total ? `${progress.done} / ${progress.total}` : String(progress.done)].filter(Boolean).join(': ')}
          {...(share === undefined ? {} : { value: share })}
        />
      )}
      <div className="step-below nodrag">
        {wrong && <Again step={step} />}
        {lines.length > 0 && (
          <pre className={`step-tail${wrong ? ' failure' : ''}`} title={lines.join('\n')}>
            {lines.join('\n')}
          </pre>
        )}
      </div>
    </>
  )
}

/** The ways to try again, once the run is over. */
function Again({ step }: { readonly step: string }) {
  const going = useRun((state) => state.status === 'running')
  if (going) return null
  return (
    <div className="row">
      <button type="button" aria-label={`${strings.retry}: ${step}`} onClick={() => void retry(step, false)}>
        ↻ {strings.retry}
      </button>
      <button type="button" aria-label={`${strings.retryFrom}: ${step}`} onClick={() => void retry(step, true)}>
        {strings.retryFrom}
      </button>
    </div>
  )
}

/** How long a step has been running: it stands still while the server does not answer. */
export function Clock({ since }: { readonly since: number }) {
  const here = useReach((state) => state.reach === 'here')
  const [now, setNow] = useState(() => Date.now() / 1000)
  useEffect(() => {
    if (!here) return
    const timer = setInterval(() => setNow(Date.now() / 1000), 1000)
    return () => clearInterval(timer)
  }, [here])
  return ` ${duration(Math.max(0, now - since))}`
}
