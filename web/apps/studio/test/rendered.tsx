import { api } from '@assay/api'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, type ReactNode } from 'react'
import { createRoot, type Root } from 'react-dom/client'

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })

let place: HTMLElement | null = null
let root: Root | null = null
const METHODS = ['GET', 'POST', 'PUT'] as const
const real = { GET: api.GET, POST: api.POST, PUT: api.PUT }

/** What a page of tests is drawn in. */
export function page(): HTMLElement {
  if (!place) throw new Error('nothing is shown')
  return place
}

/** Draw something, in place of what was drawn before it; `queries` knows answers already, where a test says so. */
export function shown(what: ReactNode, queries = new QueryClient({ defaultOptions: { queries: { retry: false } } })): void {
  if (!place || !root) {
    place = document.body.appendChild(document.createElement('div'))
    root = createRoot(place)
  }
  const drawn = root
  act(() => {
    drawn.render(<QueryClientProvider client={queries}>{what}</QueryClientProvider>)
  })
}

/** Take away what was drawn, and the server that was stood in for. */
export function clean(): void {
  act(() => root?.unmount())
  place?.remove()
  place = root = null
  Object.assign(api, real)
}

interface Asked {
  readonly path: string
  readonly query: Readonly<Record<string, unknown>>
  readonly body: unknown
}
/** What a server says, by method and path as its document names them: `GET /api/folder`. */
export type Answers = Readonly<Record<string, (asked: Asked) => unknown>>

/** Stand in for the server; returns what it is asked, as it is asked. What it has no answer for is refused. */
export function served(answers: Answers): Asked[] {
  const all: Asked[] = []
  for (const method of METHODS) {
    const answer = async (path: string, given: { params?: { query?: Record<string, unknown>; path?: Record<string, string> }; body?: unknown } = {}) => {
      const asked = { path: path.replace(/\{(\w+)\}/g, (_, name: string) => given.params?.path?.[name] ?? ''), query: given.params?.query ?? {}, body: given.body ?? null }
      all.push(asked)
      const found = answers[`${method} ${path}`]
      await Promise.resolve()
      return found ? { data: found(asked) } : { error: { code: 'nobody', message: `nobody answers ${method} ${path}`, culprit: '', hint: '', faults: [] } }
    }
    Object.assign(api, { [method]: answer })
  }
  return all
}

/** Wait until something is there: for as long as the test may last, never for a fixed time. */
export async function until<T>(look: () => T): Promise<NonNullable<T>> {
  for (;;) {
    const seen = look()
    if (seen) return seen
    page() // a test that ran out of time has been cleaned away: nobody waits any more
    await act(() => new Promise((done) => setTimeout(done)))
  }
}

/** Write into a field as a person does: React hears of it. */
export function type(field: HTMLInputElement | HTMLSelectElement, text: string): void {
  act(() => {
    if (field instanceof HTMLInputElement) field.focus()
    const prototype = field instanceof HTMLSelectElement ? HTMLSelectElement.prototype : HTMLInputElement.prototype
    Object.getOwnPropertyDescriptor(prototype, 'value')?.set?.call(field, text)
    field.dispatchEvent(new Event(field instanceof HTMLSelectElement ? 'change' : 'input', { bubbles: true }))
  })
}

export function key(target: Element, name: string, more: KeyboardEventInit = {}): void {
  act(() => {
    target.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true, ...more }))
  })
}

/** Press a button, by the words a reader hears, or an element. */
export function pressed(what: string | HTMLElement): void {
  const target = typeof what === 'string' ? [...page().querySelectorAll('button')].find((button) => (button.getAttribute('aria-label') ?? button.textContent) === what) : what
  if (!target) throw new Error(`no such button among ${[...page().querySelectorAll('button')].map((button) => button.textContent).join(', ')}`)
  act(() => {
    target.click()
  })
}

/** What jsdom lacks of dialogs and of scrolling. */
export function withDialogs(): void {
  Object.assign(HTMLDialogElement.prototype, {
    showModal(this: HTMLDialogElement) {
      this.open = true
      this.querySelector<HTMLElement>('button, input')?.focus()
    },
    close(this: HTMLDialogElement) {
      this.open = false
    },
  })
  Object.assign(Element.prototype, { scrollIntoView: () => undefined })
}
