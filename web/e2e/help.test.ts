import { expect, test } from 'vitest'

import { faultsOf } from './axe.ts'
import { scene } from './scene.ts'
import { node, still } from './studio.ts'

const at = scene(true)

test('whoever is here for the first time is shown five stops, by keyboard too, and never again', async () => {
  await at.opened()
  const card = at.page.getByRole('dialog', { name: /^Tour/ })
  await card.getByText('1 of 5').waitFor()
  expect(await faultsOf(at.page)).toEqual([])
  await at.shot('tour')
  const titles = []
  for (let stop = 0; stop < 5; stop++) {
    titles.push(await card.getByRole('heading').textContent())
    await expect
      .poll(async () => {
        const box = await card.boundingBox()
        return box && box.x >= 0 && box.y >= 0 && box.x + box.width <= 1400 && box.y + box.height <= 850
      })
      .toBe(true)
    await at.page.keyboard.press(stop === 2 ? 'ArrowRight' : 'Enter')
  }
  expect(new Set(titles).size).toBe(5)
  await card.waitFor({ state: 'detached' })
  await at.page.reload()
  await at.opened()
  await expect.poll(() => card.count()).toBe(0)
})

test('the tour is skipped with Escape, locks nothing, and is had again from the sheet of keys', async () => {
  await at.opened()
  const card = at.page.getByRole('dialog', { name: /^Tour/ })
  await card.waitFor()
  await node(at.page, 'grown').click()
  await at.page.getByLabel('least', { exact: true }).waitFor()
  await card.getByRole('button', { name: 'Next' }).focus()
  await at.page.keyboard.press('Escape')
  await card.waitFor({ state: 'detached' })
  await node(at.page, 'grown').focus()
  await at.page.keyboard.press('?')
  await at.page.getByRole('dialog', { name: 'Keys' }).getByText('Duplicate').waitFor()
  expect(await faultsOf(at.page)).toEqual([])
  await at.shot('keys')
  await at.page.keyboard.press('Escape')
  await at.page.getByRole('dialog', { name: 'Keys' }).waitFor({ state: 'detached' })
  await at.page.getByRole('button', { name: 'Keys and help' }).click()
  await at.page.getByRole('button', { name: 'Show the tour' }).click()
  await card.getByText('1 of 5').waitFor()
})

test('from far a step is its name, from near what it says; wires stay at their ports', async () => {
  await at.opened()
  await at.page.getByRole('button', { name: 'Skip' }).click()
  const zoom = async (name: string, times: number) => {
    for (let count = 0; count < times; count++) await at.page.getByRole('button', { name }).click()
    await still(at.page)
  }
  await zoom('Zoom Out', 5)
  await at.page.locator('.step-at-far').first().waitFor()
  await expect.poll(() => node(at.page, 'grown').locator('.step-use').isVisible()).toBe(false)
  await expect.poll(() => node(at.page, 'grown').locator('.step-name').isVisible()).toBe(true)
  const ends = () => at.page.evaluate(() => {
    const path = document.querySelector<SVGPathElement>('.react-flow__edge-path')
    const end = path?.getPointAtLength(path.getTotalLength())
    const matrix = path?.getScreenCTM()
    const handle = document.querySelector('[data-id="grown"] .ports-target .react-flow__handle')?.getBoundingClientRect()
    return end && matrix && handle ? Math.abs(end.matrixTransform(matrix).y - (handle.y + handle.height / 2)) : 999
  })
  await expect.poll(ends).toBeLessThan(3)
  await at.shot('far')
  await zoom('Zoom In', 9)
  await node(at.page, 'grown').getByText('least: 32').waitFor()
  await at.shot('near')
  expect(await faultsOf(at.page)).toEqual([])
})
