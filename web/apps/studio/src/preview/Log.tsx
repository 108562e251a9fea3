import { useEffect, useState } from 'react'

import { strings } from '../strings.ts'

const MOST = 400_000

/** What a step prints, as it prints it. */
export default function Log({ run, step }: { readonly run: string; readonly step: string }) {
  const [text, setText] = useState('')
  useEffect(() => {
    setText('')
    const stream = new EventSource(`/api/runs/${encodeURIComponent(run)}/steps/${encodeURIComponent(step)}/log/stream`)
    stream.onmessage = (message: MessageEvent<string>) => {
      const part = (JSON.parse(message.data) as { text: string }).text
      setText((before) => (before + part).slice(-MOST))
    }
    stream.addEventListener('end', () => stream.close())
    return () => stream.close()
  }, [run, step])
  return (
    <pre className="log" tabIndex={0} aria-label={strings.log}>
      {text || strings.noLog}
    </pre>
  )
}
