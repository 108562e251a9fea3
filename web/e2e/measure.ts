import type { CDPSession, Page } from 'playwright-core'

/** A pipeline of `count` steps in rows of twenty, each fed by one before it; `room` pads every step with that many characters. */
export function bigPipeline(count: number, room = 0): string {
  const pad = room ? `, with: {least: 1, note: "${'x'.repeat(room)}"}` : ''
  const step = (n: number) => (n === 0 ? '  s0: {use: ./steps.py:people}' : `  s${n}: {use: ./steps.py:adults, in: {table: s${n === 1 || n % 20 === 0 ? 0 : n - 1}.dataset}${pad}}`)
  const numbers = Array.from({ length: count }, (_, n) => n)
  const layout = numbers.map((n) => `  s${n}: [${n % 20}, ${Math.floor(n / 20)}]`)
  return ['assay: 1', 'name: big', 'steps:', ...numbers.map(step), 'layout:', ...layout, ''].join('\n')
}

/** Processor time of the page's main thread, by the browser's own count: a busy machine does not change it. */
export class MainThread {
  private constructor(private readonly session: CDPSession) {}

  static async of(page: Page): Promise<MainThread> {
    const session = await page.context().newCDPSession(page)
    await session.send('Performance.enable', { timeDomain: 'threadTicks' })
    return new MainThread(session)
  }

  /** Milliseconds since the page was made. */
  async spent(): Promise<number> {
    const { metrics } = await this.session.send('Performance.getMetrics')
    return (metrics.find((one) => one.name === 'TaskDuration')?.value ?? 0) * 1000
  }

  async during(work: () => Promise<unknown>): Promise<number> {
    const before = await this.spent()
    await work()
    return (await this.spent()) - before
  }
}

const REFERENCE = 45
const ROUNDS = 3

/** How many times slower a machine is, at the moment, than the one that the budgets were set on; at least 1: a quick one has the same budgets. */
export async function slowness(page: Page, thread: MainThread): Promise<number> {
  const spent: number[] = []
  for (let round = 0; round < ROUNDS; round++) spent.push(await thread.during(() => page.evaluate(standardWork)))
  return Math.max(1, Math.min(...spent) / REFERENCE)
}

/** Objects, text, elements and their places: what the canvas is made of. */
function standardWork(): number {
  const place = document.createElement('div')
  place.style.cssText = 'position:absolute;visibility:hidden'
  document.body.append(place)
  let sum = 0
  for (let round = 0; round < 20; round++) {
    const things = Array.from({ length: 4000 }, (_, n) => ({ id: `s${n}`, x: (n * 7919) % 4000, y: n % 20 }))
    things.sort((one, other) => one.x - other.x)
    sum += JSON.stringify(things).length
    place.replaceChildren(...things.slice(0, 100).map((thing) => Object.assign(document.createElement('span'), { textContent: thing.id, style: `margin-left:${thing.y}px` })))
    sum += place.offsetHeight
  }
  place.remove()
  return sum
}

/** Drag the canvas in `steps` moves, and return main-thread milliseconds of one. */
export async function panned(page: Page, thread: MainThread, steps: number): Promise<number> {
  const box = await page.locator('.canvas').boundingBox()
  if (!box) throw new Error('no canvas')
  const [x, y] = await emptyPlace(page, box)
  await page.mouse.move(x, y)
  await page.mouse.down()
  await page.mouse.move(x - 10, y - 10)
  await settled(page)
  const spent = await thread.during(async () => {
    for (let step = 1; step <= steps; step++) {
      await page.mouse.move(x - 10 - 6 * step, y - 10 - 3 * step)
      await frame(page)
    }
  })
  await page.mouse.up()
  return spent / steps
}

async function emptyPlace(page: Page, box: { x: number; y: number; width: number; height: number }): Promise<[number, number]> {
  return page.evaluate(({ x, y, width, height }) => {
    for (let down = height - 30; down > 10; down -= 9) {
      for (let right = width - 250; right > 100; right -= 9) {
        if (document.elementFromPoint(x + right, y + down)?.classList.contains('react-flow__pane')) return [x + right, y + down]
      }
    }
    throw new Error('no empty place on the canvas')
  }, box)
}

export function frame(page: Page): Promise<unknown> {
  return page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
}

/** Wait until the page has had nothing to do for a moment. */
export async function settled(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((done) => requestIdleCallback(done, { timeout: 20_000 })))
  await page.waitForTimeout(400)
}

export function elements(page: Page): Promise<number> {
  return page.evaluate(() => document.getElementsByTagName('*').length)
}

/** Count what a page does of its own accord: timers, frames, requests, changes of the document; each call returns what came since the one before. */
export async function watchIdle(page: Page): Promise<() => Promise<Record<string, number>>> {
  let requests = 0
  page.on('request', () => requests++)
  await page.evaluate(() => {
    const counts = { frames: 0, timers: 0, mutations: 0 }
    Object.assign(window, { idleCounts: counts })
    const frameOf = window.requestAnimationFrame.bind(window)
    window.requestAnimationFrame = (work) => ((counts.frames += 1), frameOf(work))
    const timerOf = window.setTimeout.bind(window)
    window.setTimeout = ((work: () => void, pause?: number) => ((counts.timers += 1), timerOf(work, pause))) as typeof window.setTimeout
    new MutationObserver((found) => (counts.mutations += found.length)).observe(document, { subtree: true, childList: true, attributes: true, characterData: true })
  })
  return async () => {
    const inPage = await page.evaluate(() => {
      const { idleCounts } = window as unknown as { idleCounts: Record<string, number> }
      const since = { ...idleCounts }
      for (const name of Object.keys(idleCounts)) idleCounts[name] = 0
      return since
    })
    const since = { requests, ...inPage }
    requests = 0
    return since
  }
}
