import { select, selection } from 'd3-selection'

const USUAL_MS = 250

type Act = (this: Element) => void
type Tween = (this: Element) => (at: number) => void

/** What moves now, by what is moved: a hand on the canvas, or the next movement, interrupts it. */
const moving = new WeakMap<Element, Transition>()

/**
 * The part of d3-transition that d3-zoom and xyflow ask for: one eased movement of one element, which tells when it starts, ends and is interrupted.
 * The build puts it in the place of d3-transition under the canvas, which brings along what tweens colours, styles and paths
 * (docs/decisions/0046). Who wants less motion gets the end of the movement at once.
 */
export class Transition {
  readonly #element: Element
  readonly #acts: (readonly [when: string, act: Act])[] = []
  #lasts = USUAL_MS
  #ease = cubicInOut
  #tween: Tween = () => () => undefined
  #frame: number

  constructor(element: Element) {
    this.#element = element
    interrupt(element)
    moving.set(element, this)
    // its duration, tweens and listeners are told after it was made
    this.#frame = requestAnimationFrame((now) => this.#start(now))
  }

  selection() {
    return select(this.#element)
  }

  duration(ms: number): this {
    this.#lasts = matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : ms
    return this
  }

  ease(ease: (at: number) => number): this {
    this.#ease = ease
    return this
  }

  /** `names`: `start`, `end` and `interrupt`, several with spaces between, each with the name of its listener behind a dot or without. */
  on(names: string, act: Act): this {
    for (const name of names.split(' ')) this.#acts.push([name.split('.')[0] ?? '', act])
    return this
  }

  tween(_name: string, tween: Tween): this {
    this.#tween = tween
    return this
  }

  call<Rest extends unknown[]>(how: (transition: Transition, ...rest: Rest) => void, ...rest: Rest): this {
    how(this, ...rest)
    return this
  }

  interrupt(): void {
    cancelAnimationFrame(this.#frame)
    this.#over('interrupt')
  }

  #start(began: number): void {
    this.#tell('start')
    const move = this.#tween.call(this.#element)
    const step = (now: number) => {
      const at = this.#lasts > 0 ? Math.min(1, (now - began) / this.#lasts) : 1
      move(at === 1 ? 1 : this.#ease(at))
      if (at < 1) this.#frame = requestAnimationFrame(step)
      else this.#over('end')
    }
    step(began)
  }

  #over(how: 'end' | 'interrupt'): void {
    moving.delete(this.#element)
    this.#tell(how)
  }

  #tell(when: string): void {
    for (const [name, act] of this.#acts) if (name === when) act.call(this.#element)
  }
}

export function interrupt(element: Element): void {
  moving.get(element)?.interrupt()
}

function cubicInOut(at: number): number {
  return at < 0.5 ? 4 * at ** 3 : 1 - 4 * (1 - at) ** 3
}

Object.assign(selection.prototype, {
  interrupt(this: ReturnType<typeof select>) {
    return this.each(function () {
      if (this instanceof Element) interrupt(this)
    })
  },
  transition(this: ReturnType<typeof select>) {
    return new Transition(this.node() as Element)
  },
})
