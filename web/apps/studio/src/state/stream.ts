const PAUSE = 1500

interface Heard {
  /** An event without a name; `id` is where to go on after it. */
  readonly message: (data: string, id: string) => void
  readonly named: Readonly<Record<string, (data: string) => void>>
  readonly opened?: () => void
  readonly lost?: () => void
}

/** Follow server-sent events until the returned function is called.
 *
 * A browser goes on by itself after a cut connection, but gives up for good on an answer that is an error, and a server that was started anew
 * answers with one until this browser has its token: then the address is asked again, which has to name the place to go on from.
 */
export function follow(address: () => string, heard: Heard): () => void {
  let source: EventSource
  let timer: ReturnType<typeof setTimeout> | undefined
  const open = () => {
    source = new EventSource(address())
    source.onopen = () => heard.opened?.()
    source.onerror = () => {
      heard.lost?.()
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, PAUSE)
    }
    source.onmessage = (event: MessageEvent<string>) => heard.message(event.data, event.lastEventId)
    for (const [name, hear] of Object.entries(heard.named)) source.addEventListener(name, (event: MessageEvent<string>) => hear(event.data))
  }
  open()
  return () => {
    clearTimeout(timer)
    source.close()
  }
}
