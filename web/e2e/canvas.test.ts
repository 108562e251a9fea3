import { describe, expect, test } from 'vitest'

import { bigPipeline } from './measure.ts'
import { PEOPLE, scene } from './scene.ts'
import { node } from './studio.ts'

const at = scene()

async function press(name: string): Promise<void> {
  await at.page.getByRole('button', { name, exact: true }).click()
}

describe('looking', () => {
  const zoom = () => at.page.locator('.react-flow__viewport').evaluate((view) => new DOMMatrix(getComputedStyle(view).transform).a)

  test('nine steps have a map: the wheel above it zooms, a click goes there, and a group is a frame on it', async () => {
    await at.studio.write('wide.pipeline.yaml', bigPipeline(12).replace('layout:', 'groups:\n  first: {title: First, steps: [s0, s1]}\nnotes:\n  why: {text: Why., at: [5, 1]}\nlayout:'))
    await at.page.reload()
    await at.opened('wide.pipeline.yaml', 's11')
    const map = at.page.getByRole('img', { name: 'Overview' })
    const box = await map.boundingBox()
    if (!box) throw new Error('no map')
    const before = await zoom()
    const frame = await map.locator('.whole-map-frame').boundingBox()
    if (!frame) throw new Error('no frame')
    expect(frame.x + frame.width, 'the right edge of the frame is on the map').toBeLessThanOrEqual(box.x + box.width - 0.5)
    await at.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
    for (let turn = 0; turn < 4; turn++) await at.page.mouse.wheel(0, -200)
    await expect.poll(zoom).toBeGreaterThan(before * 1.5)
    await at.page.mouse.click(box.x + 5, box.y + box.height / 2)
    await expect.poll(async () => Math.abs(((await map.locator('.whole-map-frame').boundingBox())?.x ?? 99) - box.x)).toBeLessThan(4)
    await at.shot('map')
  })

  test('a double click on the ground zooms to twice, about where it was', async () => {
    await at.opened()
    const [before, box] = [await zoom(), await at.page.locator('.canvas').boundingBox()]
    if (!box) throw new Error('no canvas')
    const place = { x: box.x + box.width / 2, y: box.y + box.height - 40 }
    await at.page.mouse.dblclick(place.x, place.y)
    await expect.poll(zoom).toBeCloseTo(Math.min(2, before * 2), 5)
  })
})

describe('what a step says of itself', () => {
  test('at every zoom, the name of a step keeps clear of its state and duration, and both are within the step', async () => {
    const long = `long-${'name-'.repeat(8)}end`
    const text = ['assay: 1', 'name: times', 'steps:', '  read: {use: ./steps.py:people}', '  plant-age: {use: ./steps.py:wait, in: {table: read.dataset}, with: {seconds: 60}}']
    const more = [`  ${long}: {use: ./steps.py:wait, in: {table: read.dataset}, with: {seconds: 60}}`, 'layout:', '  read: [0, 0]', '  plant-age: [1, 0]', `  ${long}: [1, 1]`, '']
    await at.studio.write('times.pipeline.yaml', [...text, ...more].join('\n'))
    await at.page.addInitScript(() => {
      const now = Date.now.bind(Date)
      Date.now = () => now() + 725_000 // a step that has just begun shows twelve minutes
    })
    await at.page.reload()
    await at.opened('times.pipeline.yaml', 'plant-age')
    await press('▶ Run')
    await press('Start')
    for (const name of ['plant-age', long]) await node(at.page, name).locator('.step-status', { hasText: /12 min \d\d s/ }).waitFor()
    const zoom = () => at.page.locator('.react-flow__viewport').evaluate((view) => new DOMMatrix(getComputedStyle(view).transform).a)
    const levels: string[] = []
    for (let turn = 0; turn < 9; turn++) {
      for (const name of ['plant-age', long, 'read']) {
        const found = await node(at.page, name).locator('.step').evaluate((step: Element) => {
          const range = document.createRange()
          const title = step.querySelector('.step-name')
          const state = step.querySelector('.step-status')
          if (!title || !state) throw new Error('a step without a name or state')
          range.selectNodeContents(title)
          const clip = title.getBoundingClientRect() // beyond it nothing is shown
          const lines = [...range.getClientRects()].filter((line) => line.top < clip.bottom - 1).map((line) => ({ left: Math.max(line.left, clip.left), right: Math.min(line.right, clip.right), top: Math.max(line.top, clip.top), bottom: Math.min(line.bottom, clip.bottom) }))
          const [badge, box] = [state.getBoundingClientRect(), step.getBoundingClientRect()]
          const within = (one: { left: number; right: number; top: number; bottom: number }) => one.left >= box.left && one.right <= box.right && one.top >= box.top - 1 && one.bottom <= box.bottom + 1
          const apart = lines.every((line) => line.right <= badge.left + 0.5 || line.left >= badge.right || line.bottom <= badge.top + 0.5 || line.top >= badge.bottom - 0.5)
          return { apart, within: [badge, ...lines].every(within), lines: lines.length, level: [...step.classList].find((one) => one.startsWith('step-at-')) ?? '' }
        })
        levels.push(found.level)
        expect(found, `${name} at ${await zoom()}`).toMatchObject({ apart: true, within: true })
        expect(found.lines).toBeGreaterThan(0)
      }
      if (turn === 0 || turn === 8) await at.shot(`step-head-${turn}`)
      const before = await zoom()
      await at.page.locator('.react-flow__controls-zoomout').click()
      await expect.poll(zoom).not.toBe(before)
      if (turn < 8) await settledLevel()
    }
    expect(new Set(levels)).toEqual(new Set(['step-at-middle', 'step-at-far']))
    await press('Cancel')
  })

  async function settledLevel(): Promise<void> {
    await expect.poll(async () => {
      const [zoom, far] = await at.page.evaluate(() => [new DOMMatrix(getComputedStyle(document.querySelector('.react-flow__viewport') ?? document.body).transform).a, document.querySelectorAll('.step-at-far').length] as const)
      return far > 0 === zoom < 0.5
    }).toBe(true)
  }
})

describe('drawing', () => {
  test('while a wire is drawn, ports that do not take it are dim and say why; dropped on one, it wires nothing', async () => {
    const text = (await at.studio.file(PEOPLE)).replace('layout:', '  split:  {use: transform/split-by-patient}\nlayout:\n  split: [2, 1.5]')
    await at.studio.write(PEOPLE, text)
    await at.page.reload()
    await at.opened(PEOPLE, 'split')
    const from = await node(at.page, 'read').locator('.ports-source .react-flow__handle').boundingBox()
    const to = await node(at.page, 'split').locator('.ports-target .react-flow__handle').boundingBox()
    if (!from || !to) throw new Error('no handle')
    await at.page.mouse.move(from.x + 5, from.y + 5)
    await at.page.mouse.down()
    await at.page.mouse.move(to.x + 5, to.y + 5, { steps: 8 })
    const dim = at.page.locator('.port-dim')
    await dim.filter({ hasText: 'Dataset is not Images' }).waitFor()
    expect(await dim.count()).toBe(1) // the tables' ports take it
    expect(Number(await dim.evaluate((port) => getComputedStyle(port).opacity))).toBeLessThan(1)
    await at.shot('dim-ports')
    await at.page.mouse.up()
    await at.page.keyboard.press('Escape')
    expect(await at.page.locator('.port-dim').count()).toBe(0)
    expect(await at.page.locator('.react-flow__edge').count()).toBe(2)
    expect(await at.page.getByText('Not saved').count()).toBe(0)
  })

  test('a component is dragged from the list to its place', async () => {
    await at.opened()
    await at.page.getByRole('searchbox').fill('phantom')
    const pane = at.page.locator('.react-flow__pane')
    await at.page.locator('.palette button').first().dragTo(pane, { targetPosition: { x: 300, y: 60 } })
    await node(at.page, 'ct-phantom').waitFor()
    const [dropped, box] = [await node(at.page, 'ct-phantom').boundingBox(), await pane.boundingBox()]
    expect(Math.abs((dropped?.x ?? 0) - (box?.x ?? 0) - 300)).toBeLessThan(8)
    expect(await at.saved()).toContain('  ct-phantom: {use: input/ct-phantom}\n')
  })

  test('Arrange lays the steps out in columns, as one change of the layout alone', async () => {
    const before = (await at.studio.file(PEOPLE)).replace(/layout:[\s\S]*/, 'layout:\n  read: [3, 3]\n  grown: [0, 0]\n  tell: [1, 5]\n')
    await at.studio.write(PEOPLE, before)
    await at.page.reload()
    await at.opened()
    await press('Arrange')
    await at.page.getByText('Not saved').waitFor()
    const after = await at.saved()
    expect(after.split('layout:')[0]).toBe(before.split('layout:')[0])
    const column = (name: string) => Number(new RegExp(`  ${name}: \\[([\\d.-]+),`).exec(after)?.[1])
    expect(column('read')).toBeLessThan(column('grown'))
    expect(column('grown')).toBeLessThan(column('tell'))
    expect(await at.page.getByRole('button', { name: 'Undo' }).getAttribute('title')).toBe('Move 3 steps')
  })
})

describe('running parts', () => {
  test('up to here, this step again, and from here on: only that runs', async () => {
    await at.opened()
    const state = async (name: string) => (await node(at.page, name).locator('.step-status .hidden').allTextContents()).join()
    const ended = () => at.page.locator('.toolbar .badge.status-succeeded').waitFor()
    await node(at.page, 'grown').click()
    await press('Run up to here')
    await ended()
    expect([await state('read'), await state('grown')]).toEqual(['succeeded', 'succeeded'])
    expect(await state('tell')).not.toBe('succeeded')
    await press('Run this step')
    await at.page.locator('.toolbar .badge.status-running').or(at.page.locator('.toolbar .badge.status-starting')).waitFor()
    await ended()
    expect(await state('grown')).toBe('succeeded')
    expect(await state('tell')).not.toBe('succeeded')
    await press('Run from here')
    await at.page.locator('.toolbar .badge.status-running').or(at.page.locator('.toolbar .badge.status-starting')).waitFor()
    await ended()
    expect(await state('tell')).toBe('succeeded')
    expect(await state('grown')).not.toBe('succeeded') // it had just run: its result is used
  })
})

describe('files', () => {
  test('an open file is left for the list, saved, and another one is opened with nothing of the first', async () => {
    await at.studio.write('other.pipeline.yaml', 'assay: 1\nname: other\nsteps:\n  tell: {use: ./steps.py:people}\n')
    await at.opened()
    await at.page.getByRole('button', { name: '▶ Run' }).click()
    await press('Start')
    await at.page.locator('.toolbar .badge.status-succeeded').waitFor()
    await node(at.page, 'grown').click()
    await at.page.getByLabel('least', { exact: true }).fill('44')
    await at.page.getByLabel('least', { exact: true }).press('Enter')
    await press('Files')
    await press('other.pipeline.yaml')
    await node(at.page, 'tell').waitFor()
    expect(await at.studio.file(PEOPLE)).toContain('least: 44')
    expect(await at.page.locator('.react-flow__node').count()).toBe(1)
    expect(await at.page.locator('.step-status').count()).toBe(0) // the run was of the other file
    expect(await at.page.getByRole('button', { name: 'Undo' }).isDisabled()).toBe(true)
  })

  test('two tabs on one file: what one saves, the other takes in', async () => {
    await at.opened()
    const other = await at.page.context().browser()?.newPage()
    if (!other) throw new Error('no second tab')
    await other.addInitScript(() => localStorage.setItem('assay-tour', 'seen'))
    await other.goto(at.studio.address)
    await other.getByRole('button', { name: PEOPLE }).click()
    await node(other, 'read').click()
    await other.getByLabel('count', { exact: true }).fill('8')
    await other.getByLabel('count', { exact: true }).press('Enter')
    await node(at.page, 'grown').click()
    await at.page.getByLabel('least', { exact: true }).fill('44')
    await at.page.getByLabel('least', { exact: true }).press('Enter')
    await at.saved()
    await other.keyboard.press('Control+s')
    await other.locator('.notice', { hasText: 'Saved' }).waitFor()
    const both = await at.studio.file(PEOPLE)
    expect(both).toContain('count: 8')
    expect(both).toContain('least: 44')
    await at.page.evaluate(() => window.dispatchEvent(new Event('focus')))
    await at.page.locator('.notice', { hasText: 'Changes made elsewhere were merged in.' }).waitFor()
    await node(at.page, 'read').click()
    expect(await at.page.getByLabel('count', { exact: true }).inputValue()).toBe('8')
    await other.close()
  })
})
