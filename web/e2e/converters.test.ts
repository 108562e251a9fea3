import { expect, test } from 'vitest'

import { scene } from './scene.ts'
import { node } from './studio.ts'

const at = scene()

const FILE = 'near.pipeline.yaml'
const TEXT = `assay: 1
name: near
steps:
  scans: {use: input/ct-phantom}
  evaluate: {use: evaluate/classification}
layout:
  scans: [0, 0]
  evaluate: [1.5, 0]
`

test('a wire dropped on a port that does not take it offers what stands between, wired on both sides', async () => {
  await at.studio.write(FILE, TEXT)
  await at.page.reload()
  await at.opened(FILE, 'evaluate')
  await node(at.page, 'evaluate').locator('.ports-target', { hasText: 'predictions' }).waitFor()
  await at.page.locator('.palette').getByText('ct-phantom').waitFor() // the catalog is there
  const from = await node(at.page, 'scans').locator('.port', { hasText: 'images' }).locator('.react-flow__handle').boundingBox()
  const to = await node(at.page, 'evaluate').locator('.port', { hasText: 'predictions' }).locator('.react-flow__handle').boundingBox()
  if (!from || !to) throw new Error('no ports')
  await at.page.mouse.move(from.x + 5, from.y + 5)
  await at.page.mouse.down()
  await at.page.mouse.move(to.x + 5, to.y + 5, { steps: 10 })
  await at.page.mouse.up()
  const offers = at.page.locator('.quick [role=option]')
  await offers.first().waitFor()
  await expect.poll(() => at.page.getByRole('dialog').getAttribute('aria-label')).toBe('Images → Predictions: put a step between')
  await expect.poll(() => offers.allTextContents()).toEqual(expect.arrayContaining([expect.stringMatching(/^transform\/predict /)]))
  await at.page.locator('.notice', { hasText: 'Images is not' }).waitFor()
  await at.shot('converter')
  await at.page.keyboard.type('predict')
  await offers.filter({ hasText: 'transform/predict ' }).first().click()
  await node(at.page, 'predict').waitFor()
  const text = await at.saved(FILE)
  expect(text).toContain('  predict: {use: transform/predict, in: {images: scans.images}}\n')
  expect(text).toContain('evaluate: {use: evaluate/classification, in: {predictions: predict.predictions}}\n')
  await expect.poll(() => at.page.getByRole('button', { name: 'Undo' }).getAttribute('title')).toBe('Insert predict before evaluate')
  await at.page.keyboard.press('Control+z')
  expect(await at.saved(FILE)).toBe(TEXT)
})

test('the same without a mouse, in the form', async () => {
  await at.studio.write(FILE, TEXT)
  await at.page.reload()
  await at.opened(FILE, 'evaluate')
  await at.page.locator('.palette').getByText('ct-phantom').waitFor()
  await node(at.page, 'evaluate').focus()
  await at.page.keyboard.press('Enter')
  const field = at.page.getByLabel(/^predictions/)
  await field.locator('optgroup[label="put a step between"] option').first().waitFor({ state: 'attached' })
  await field.selectOption({ label: 'scans.images → transform/predict' })
  await node(at.page, 'predict').waitFor()
  expect(await at.saved(FILE)).toContain('{predictions: predict.predictions}')
})
