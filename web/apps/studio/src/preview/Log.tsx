import { useEffect, useState } from 'react'

import { follow } from '../state/stream.ts'
import { strings } from '../strings.ts'

const MOST = 400_000

/** What a step prints, as it prints it. */
export default function Log({ run, step }: { readonly run: string; readonly step: string }) {
  const [text, setText] = useState('')
  useEffect(() => {
    setText('')
    let place = '0'
    const stop = follow(() => `/api/runs/${encodeURIComponent(run)}/steps/${encodeURIComponent(step)}/log/stream?start=${place}`, {
      message: (data, next) => {
        place = next
        setText((before) => (before + (JSON.parse(data) as { text: string }).text).slice(-MOST))
      },
      named: { end: () => stop() },
    })
    return stop
  }, [run, step])
  return (
    <pre className="log" tabIndex={0} aria-label={strings.log}>
      {text || strings.noLog}
    </pre>
  )
}
