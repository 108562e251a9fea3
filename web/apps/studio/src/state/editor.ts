import { api, ask, Refused, type CheckResult, type Component, type Fault, type Param } from '@assay/api'
import { merged, PipelineDocument, type Command, type Graph } from '@assay/document'
import { create } from 'zustand'

import { strings } from '../strings.ts'
import { noticed } from './reach.ts'

const CHECK_PAUSE = 250

interface Editor {
  readonly path: string | null
  readonly document: PipelineDocument | null
  readonly graph: Graph | null
  readonly text: string
  readonly savedText: string
  readonly etag: string | null
  readonly broken: boolean
  readonly faults: readonly Fault[]
  readonly components: Readonly<Record<string, Component>>
  /** The pipeline's own parameters, as the server reads them. */
  readonly params: readonly Param[]
  readonly selected: readonly string[]
  readonly notice: string
  readonly conflict: { readonly text: string; readonly etag: string } | null
}

const NOTHING: Editor = {
  path: null,
  document: null,
  graph: null,
  text: '',
  savedText: '',
  etag: null,
  broken: false,
  faults: [],
  components: bare({}),
  params: [],
  selected: [],
  notice: '',
  conflict: null,
}

export const useEditor = create<Editor>(() => NOTHING)

const { getState: get, setState: set } = useEditor
let waiting: ReturnType<typeof setTimeout> | undefined
let asked = 0

/** Open a file of the workspace. */
export async function openFile(path: string): Promise<void> {
  const opened = await ask(api.GET('/api/documents/{path}', { params: { path: { path } } }))
  const document = new PipelineDocument(opened.text)
  set({ path, document, savedText: opened.text, etag: opened.etag, selected: [], faults: [], params: [], conflict: null, notice: '' })
  document.subscribe(changed)
  changed()
  await check()
}

/** Put the open file away, saved, and show the list of files again; whether that was possible. */
export async function closeFile(): Promise<boolean> {
  if (!(await save())) return false
  clearTimeout(waiting)
  set(NOTHING)
  return true
}

export async function createFile(path: string): Promise<void> {
  const name = path.split('/').at(-1)?.replace(/\.pipeline\.ya?ml$/, '') ?? 'pipeline'
  const text = `assay: 1\nname: ${name}\nsteps: {}\n`
  await ask(api.PUT('/api/documents/{path}', { params: { path: { path } }, body: { text, etag: null } }))
  await openFile(path)
}

/** Carry out a change of the document under its name. */
export function run(command: Command): boolean {
  const done = get().document?.run(command) ?? false
  if (done) announce(command.label)
  else if (get().broken) announce(strings.broken)
  return done
}

export function undo(): void {
  const document = get().document
  const label = document?.undoLabel
  if (document?.undo() && label) announce(`${strings.undo}: ${label}`)
}

export function redo(): void {
  const document = get().document
  const label = document?.redoLabel
  if (document?.redo() && label) announce(`${strings.redo}: ${label}`)
}

export function select(names: readonly string[]): void {
  const before = get().selected
  if (before.length !== names.length || before.some((name, place) => name !== names[place])) set({ selected: names })
}

export function announce(notice: string): void {
  set({ notice })
}

/** Save; what somebody else wrote meanwhile is merged in, or asked about. */
export async function save(): Promise<boolean> {
  const { path, text, etag, savedText } = get()
  if (path === null || text === savedText) return true
  try {
    const saved = await ask(api.PUT('/api/documents/{path}', { params: { path: { path } }, body: { text, etag } }))
    set({ savedText: text, etag: saved.etag })
    announce(strings.saved)
    return true
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    if (error.problem.code !== 'changed-on-disk') {
      announce(noticed(error.problem.code) ? strings.notSaved : [error.problem.message, error.problem.hint].filter(Boolean).join(' – '))
      return false
    }
    return takeIn(error.problem.text ?? '', error.problem.etag ?? '') && save()
  }
}

/** Look whether the file was changed on disk, and take that in. */
export async function refresh(): Promise<void> {
  const { path, etag } = get()
  if (path === null) return
  const opened = await ask(api.GET('/api/documents/{path}', { params: { path: { path } } }))
  if (opened.etag !== etag) takeIn(opened.text, opened.etag)
}

function takeIn(theirs: string, etag: string): boolean {
  const { document, savedText, text } = get()
  const both = merged(savedText, text, theirs)
  if (!both.clean) {
    set({ conflict: { text: theirs, etag } })
    return false
  }
  set({ savedText: theirs, etag })
  if (document?.replace(both.text, strings.mergedNote)) announce(strings.mergedNote)
  return true
}

/** End a conflict: the other text becomes what is saved, and what is shown is chosen. */
export function settle(choice: 'mine' | 'theirs'): void {
  const { conflict, document } = get()
  if (!conflict) return
  set({ savedText: conflict.text, etag: conflict.etag, conflict: null })
  if (choice === 'theirs') document?.replace(conflict.text, strings.takeTheirs)
}

/** Whether a fault stands in another file than the open one: a component, or a pipeline that a step uses. */
export function isElsewhere(fault: Fault, path: string | null): boolean {
  return fault.location !== null && fault.location.file !== path
}

export async function fixAll(): Promise<void> {
  const { path, text, document } = get()
  if (path === null) return
  const fixed = await ask(api.POST('/api/fix', { body: { path, text } }))
  document?.replace(fixed.text, strings.fixAll)
}

function changed(): void {
  const { document } = get()
  if (!document) return
  set({ text: document.text, graph: document.graph, broken: document.outline.problem !== null })
  clearTimeout(waiting)
  waiting = setTimeout(() => void check(), CHECK_PAUSE)
}

/** A table without what every object has: a component may be called constructor. */
function bare<T>(table: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.assign(Object.create(null) as Record<string, T>, table)
}

async function check(): Promise<void> {
  const { path, text } = get()
  if (path === null) return
  const number = ++asked
  let found: CheckResult
  try {
    found = await ask(api.POST('/api/check', { body: { path, text } }))
  } catch (error) {
    if (error instanceof Refused) return // the connection's own banner says so
    throw error
  }
  if (number !== asked || get().path !== path) return
  const broken = get().broken
  set({ faults: found.faults, ...(broken ? {} : { components: bare(found.components), params: found.params ?? get().params }) })
}
