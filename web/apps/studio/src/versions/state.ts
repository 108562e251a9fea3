import { api, ask, Refused, type Revision, type VersionDifference } from '@assay/api'
import { create } from 'zustand'

import { announce, useEditor } from '../state/editor.ts'
import { strings } from '../strings.ts'

const PAUSE = 300

/** What the open text is held against: a git revision, or, `null`, the file on disk. */
interface Versions {
  readonly open: boolean
  readonly revisions: readonly Revision[]
  readonly against: string | null
  readonly found: VersionDifference | null
  readonly failure: string
}

const CLOSED: Versions = { open: false, revisions: [], against: null, found: null, failure: '' }

export const useVersions = create<Versions>(() => CLOSED)

const { getState: get, setState: set } = useVersions
let asked = 0
let stop: () => void = () => undefined

/** Show what changed since the last commit of the file, or, where there is none, since it was saved. */
export async function showDifference(): Promise<void> {
  const { path } = useEditor.getState()
  if (path === null) return
  set({ ...CLOSED, open: true })
  follow()
  try {
    const revisions = await ask(api.GET('/api/revisions/{path}', { params: { path: { path } } }))
    set({ revisions, against: revisions.length ? 'HEAD' : null })
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    set({ failure: error.problem.message }) // without git the file on disk is still there to look at
  }
  await compare()
}

export function hideDifference(): void {
  stop()
  set(CLOSED)
}

export async function holdAgainst(revision: string | null): Promise<void> {
  set({ against: revision })
  await compare()
}

/** Save the pipeline as a picture. */
export async function savePicture(): Promise<void> {
  const { path, text } = useEditor.getState()
  if (path === null) return
  await saved(named(path, '.svg'), 'image/svg+xml', () => ask(api.POST('/api/drawings', { body: { path, text }, parseAs: 'text' })))
}

/** Save what is shown as a page of its own. */
export async function savePage(): Promise<void> {
  const { path, text } = useEditor.getState()
  if (path === null) return
  const body = { path, text, revision: get().against }
  await saved(named(path, '.changes.html'), 'text/html', () => ask(api.POST('/api/differences/page', { body, parseAs: 'text' })))
}

async function saved(name: string, type: string, made: () => Promise<string>): Promise<void> {
  try {
    const link = document.createElement('a')
    link.href = URL.createObjectURL(new Blob([await made()], { type }))
    link.download = name
    link.click()
    URL.revokeObjectURL(link.href)
    announce(`${strings.saved}: ${name}`)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    announce([error.problem.message, ...error.problem.faults.map((fault) => fault.message)].join(' '))
  }
}

function named(path: string, ending: string): string {
  return (path.split('/').at(-1) ?? path).replace(/(\.pipeline)?\.ya?ml$/, '') + ending
}

/** Compare anew when the text has been quiet for a moment; another file ends the comparison. */
function follow(): void {
  stop()
  let timer: ReturnType<typeof setTimeout> | undefined
  const leave = useEditor.subscribe((now, before) => {
    if (now.path !== before.path) hideDifference()
    else if (now.text !== before.text || now.savedText !== before.savedText) {
      clearTimeout(timer)
      timer = setTimeout(() => void compare(), PAUSE)
    }
  })
  stop = () => {
    clearTimeout(timer)
    leave()
  }
}

async function compare(): Promise<void> {
  const { path, text } = useEditor.getState()
  if (path === null || !get().open) return
  const number = ++asked
  try {
    const found = await ask(api.POST('/api/differences', { body: { path, text, revision: get().against } }))
    if (number === asked && get().open) set({ found, failure: '' })
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    if (number === asked && get().open) set({ failure: [error.problem.message, error.problem.hint].filter(Boolean).join(': ') })
  }
}
