import type { Command } from './chain.ts'
import { outline, type Graph, type Outline } from './outline.ts'
import { applied, difference, inverse, type Splice } from './splice.ts'

interface Change {
  readonly label: string
  readonly forward: readonly Splice[]
  readonly backward: readonly Splice[]
  readonly time: number
}

const TYPING = 'Typing'
const PAUSE = 1000
const MOST = 1000

/**
 * A pipeline file being edited. The text is the document: canvas, form and text editor change it by splices through one
 * history, and everything shown is derived from it.
 */
export class PipelineDocument {
  #text: string
  #outline: Outline | null = null
  #lastGood: Graph | null = null
  #done: Change[] = []
  #undone: Change[] = []
  #listeners = new Set<() => void>()
  readonly #clock: () => number

  constructor(text: string, clock: () => number = () => Date.now()) {
    this.#text = text
    this.#clock = clock
  }

  get text(): string {
    return this.#text
  }

  get outline(): Outline {
    this.#outline ??= outline(this.#text)
    return this.#outline
  }

  /** The graph of the text, or of the last text that had one. */
  get graph(): Graph | null {
    this.#lastGood = this.outline.graph ?? this.#lastGood
    return this.#lastGood
  }

  get undoLabel(): string | null {
    return this.#done.at(-1)?.label ?? null
  }

  get redoLabel(): string | null {
    return this.#undone.at(-1)?.label ?? null
  }

  /** Carry a command out; false when it changes nothing, or the text is broken just now. */
  run(command: Command): boolean {
    if (this.outline.problem) return false
    return this.#apply(command.label, command.run(this.outline))
  }

  /** What somebody typed into the text; what is typed within a second of each other is undone as one. */
  type(text: string): boolean {
    const before = this.#text
    const last = this.#done.at(-1)
    const changed = this.#apply(TYPING, difference(before, text))
    const now = this.#done.at(-1)
    if (changed && last?.label === TYPING && now && now.time - last.time < PAUSE) {
      const original = applied(before, last.backward)
      const forward = difference(original, text)
      this.#done.splice(-2, 2, { label: TYPING, forward, backward: inverse(original, forward), time: now.time })
    }
    return changed
  }

  /** Replace the whole text under a name, such as a repair or a merge. */
  replace(text: string, label: string): boolean {
    return this.#apply(label, difference(this.#text, text))
  }

  undo(): boolean {
    const change = this.#done.pop()
    if (!change) return false
    this.#undone.push(change)
    this.#set(applied(this.#text, change.backward))
    return true
  }

  redo(): boolean {
    const change = this.#undone.pop()
    if (!change) return false
    this.#done.push(change)
    this.#set(applied(this.#text, change.forward))
    return true
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #apply(label: string, splices: Splice[]): boolean {
    const after = applied(this.#text, splices)
    if (after === this.#text) return false
    this.#done.push({ label, forward: splices, backward: inverse(this.#text, splices), time: this.#clock() })
    if (this.#done.length > MOST) this.#done.shift()
    this.#undone = []
    this.#set(after)
    return true
  }

  #set(text: string): void {
    this.#lastGood = this.graph // of the text that is about to be left
    this.#text = text
    this.#outline = null
    this.#listeners.forEach((listener) => listener())
  }
}
