import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import { describe, expect, test } from 'vitest'

import { bigPipeline, elements, frame, MainThread, panned, settled, slowness, watchIdle } from './measure.ts'
import { scene } from './scene.ts'
import { node } from './studio.ts'

const at = scene()
const BIG = 'big.pipeline.yaml'
const LOOKS = 8

function note(what: string, value: number): void {
  if (process.env.ASSAY_MEASURE) console.log(`${what}: ${value.toFixed(1)}`)
}

/** Open a large file; returns the main thread's milliseconds until it can be worked with, and how slow the machine is (see `slowness`). */
async function openBig(count: number, room = 0): Promise<{ thread: MainThread; spent: number; slow: number }> {
  await at.studio.write(BIG, bigPipeline(count, room))
  await at.page.reload()
  await at.page.waitForSelector('.files')
  const thread = await MainThread.of(at.page)
  const spent = await thread.during(async () => {
    await at.studio.open(BIG)
    await at.page.locator('.overview, .react-flow__node').first().waitFor({ state: 'attached' })
    await frame(at.page)
  })
  await settled(at.page)
  const slow = await slowness(at.page, thread)
  note('times slower than the machine of the budgets', slow)
  return { thread, spent, slow }
}

/** Zoom in until steps are elements of the page. */
async function comeNear(): Promise<void> {
  await at.page.locator('.react-flow__controls-fitview').click() // after panning, the middle may be empty
  await settled(at.page)
  const box = await at.page.locator('.canvas').boundingBox()
  if (!box) throw new Error('no canvas')
  await at.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  for (let turn = 0; turn < 30 && !(await at.page.locator('.react-flow__node').count()); turn++) {
    await at.page.mouse.wheel(0, -240)
    await frame(at.page)
  }
  for (let turn = 0; turn < 2; turn++) await at.page.mouse.wheel(0, -240) // well inside, so that panning does not lead out again
  await settled(at.page)
}

describe('budgets', () => {
  test.each([100, 1000, 5000])('%i steps: at most 2,000 elements and 12 ms of the main thread for a step of panning, far and near', async (count) => {
    const { thread, spent, slow } = await openBig(count)
    note(`${count} steps, open, ms`, spent)
    expect(spent).toBeLessThan((count === 5000 ? 6000 : 1500) * slow)
    for (const place of ['far', 'near']) {
      if (place === 'near') await comeNear()
      const all = await elements(at.page)
      note(`${count} steps, ${place}, elements`, all)
      expect(all, place).toBeLessThanOrEqual(2000)
      const step = await panned(at.page, thread, 40)
      note(`${count} steps, ${place}, ms a pan step`, step)
      expect(step, place).toBeLessThanOrEqual(12 * (await slowness(at.page, thread)))
    }
    await expect.poll(() => at.page.locator('.react-flow__node').count()).toBeGreaterThan(0)
  })

  test('200 steps can be worked with after 1.5 s of the main thread: one is selected, and its form is there', async () => {
    const { thread, spent, slow } = await openBig(200)
    const selecting = await thread.during(async () => {
      await at.page.getByRole('tab', { name: 'Outline' }).click()
      await at.page.getByRole('button', { name: 's7', exact: true }).click()
      await at.page.getByLabel('least', { exact: true }).waitFor()
    })
    note('200 steps, open and select, ms', spent + selecting)
    expect(spent + selecting).toBeLessThan(1500 * slow)
  })

  test('a file of 4.7 MB with 5,000 steps is opened, and changed in one line', async () => {
    const { thread, slow } = await openBig(5000, 900)
    const before = await at.studio.file(BIG)
    expect(before.length).toBeGreaterThan(4_500_000)
    await comeNear()
    const spent = await thread.during(async () => {
      const box = await at.page.locator('.canvas').boundingBox()
      const inSight = await at.page.evaluate(
        ([left = 0, top = 0, width = 0, height = 0]) => {
          for (let y = top + 20; y < top + height; y += 10) {
            for (let x = left + 80; x < left + width; x += 10) if (document.elementFromPoint(x, y)?.matches('.step-name')) return [x, y]
          }
          return [0, 0]
        },
        [box?.x, box?.y, box?.width, box?.height],
      )
      await at.page.mouse.click(inSight[0] ?? 0, inSight[1] ?? 0)
      await at.page.getByLabel('least', { exact: true }).fill('7')
      await at.page.getByLabel('least', { exact: true }).press('Enter')
    })
    note('5,000 steps in 4.7 MB, select and change, ms', spent)
    await at.page.keyboard.press('Control+s')
    await at.page.locator('.notice', { hasText: 'Saved' }).waitFor()
    const old = before.split('\n')
    expect((await at.studio.file(BIG)).split('\n').filter((line, place) => line !== old[place])).toHaveLength(1)
    expect(spent).toBeLessThan(8000 * slow)
  })

  test('1,000 steps have a map of the whole: its frame is what is in sight, and a click goes there', async () => {
    await openBig(1000)
    await comeNear()
    const map = at.page.getByRole('img', { name: 'Overview' })
    const frame = map.locator('.whole-map-frame')
    const [whole, before] = [await map.boundingBox(), await frame.boundingBox()]
    if (!whole || !before) throw new Error('no map')
    expect(before.width).toBeLessThan(whole.width)
    await at.shot('whole-map')
    await at.page.mouse.click(whole.x + whole.width / 2, whole.y + whole.height - 12)
    await expect.poll(async () => ((await frame.boundingBox())?.y ?? 0) > before.y).toBe(true)
    await expect.poll(async () => Math.abs(((await frame.boundingBox())?.x ?? 0) + before.width / 2 - whole.x - whole.width / 2)).toBeLessThan(12)
    await node(at.page, 's930').waitFor() // of one of the last rows, which only the drawing had
  })

  test('the outline of 5,000 steps has the elements of those in sight, and the keyboard leads to the last', async () => {
    await openBig(5000)
    await at.page.getByRole('tab', { name: 'Outline' }).click()
    await at.page.getByRole('button', { name: 's0', exact: true }).waitFor()
    const drawn = () => at.page.evaluate(() => document.querySelector('.outline-pane')?.getElementsByTagName('*').length ?? Infinity)
    note('the outline of 5,000 steps, elements', await drawn())
    expect(await drawn()).toBeLessThanOrEqual(150)
    await at.page.getByRole('button', { name: 's0', exact: true }).focus()
    await at.page.keyboard.press('End')
    await at.page.locator('tr[aria-rowindex="5001"] button:focus').waitFor()
    await at.page.keyboard.press('ArrowUp')
    await at.page.keyboard.press('Enter')
    await at.page.locator('tr[aria-selected=true]', { hasText: 's4998' }).waitFor()
    expect(await drawn()).toBeLessThanOrEqual(150)
    await at.page.getByRole('searchbox', { name: 'Find a step' }).fill('s2500')
    await at.page.getByText('2 of 5000 steps').waitFor() // itself, and what it feeds
    await at.shot('outline')
    expect(await drawn()).toBeLessThanOrEqual(150)
    expect(await elements(at.page)).toBeLessThanOrEqual(2000)
  })

  test('a step that is only drawn is selected by a click', async () => {
    await openBig(1000)
    const box = await at.page.locator('.canvas').boundingBox()
    if (!box) throw new Error('no canvas')
    const place = await at.page.evaluate(() => {
      const style = document.querySelector<HTMLElement>('.react-flow__viewport')?.style.transform ?? ''
      return (style.match(/-?[\d.]+/g) ?? []).map(Number)
    })
    const [x = 0, y = 0, zoom = 1] = place
    await at.page.mouse.click(box.x + x + (260 * 4 + 100) * zoom, box.y + y + (130 * 30 + 20) * zoom)
    await node(at.page, 's604').waitFor()
    await at.page.getByLabel('Name', { exact: true }).waitFor()
    await expect.poll(() => at.page.getByLabel('Name', { exact: true }).inputValue()).toBe('s604')
  })

  test('idle costs nothing: no timer, no frame, no request, no change of the page', async () => {
    await at.opened()
    await settled(at.page)
    const idle = await watchIdle(at.page)
    let done = await idle()
    // What a slow machine had still to do ends at some time; what the page does of its own accord comes again in every look.
    for (let look = 0; look < LOOKS; look++) {
      await at.page.waitForTimeout(3000)
      done = await idle()
      if (!Object.values(done).some(Boolean)) break
    }
    expect(done).toEqual({ requests: 0, frames: 0, timers: 0, mutations: 0 })
  })

  test('the first view is at most 145 kB compressed, 195 kB with a pipeline open, and usable within 1.0 s of the main thread', async () => {
    const built = join(import.meta.dirname, '../../src/assay/server/web/assets')
    const page = at.page
    const loaded = new Set<string>()
    page.on('response', (answer) => loaded.add(new URL(answer.url()).pathname.split('/').at(-1) ?? ''))
    const thread = await MainThread.of(page)
    const before = await thread.spent()
    await page.reload()
    await page.waitForSelector('.files li')
    const spent = (await thread.spent()) - before
    const names = (await readdir(built)).filter((name) => loaded.has(name))
    const sizes = await Promise.all(names.map(async (name) => gzipSync(await readFile(join(built, name))).length))
    const first = sizes.reduce((sum, size) => sum + size, 0)
    note('first view, kB compressed', first / 1000)
    await at.opened()
    await settled(page)
    const opened = (await readdir(built)).filter((name) => loaded.has(name))
    const open = (await Promise.all(opened.map(async (name) => gzipSync(await readFile(join(built, name))).length))).reduce((sum, size) => sum + size, 0)
    note('with a pipeline open, kB compressed', open / 1000)
    expect(open).toBeLessThanOrEqual(195_000)
    note('first view, ms', spent)
    expect(first).toBeLessThanOrEqual(145_000)
    expect(spent).toBeLessThan(1000 * (await slowness(page, thread)))
  })
})
