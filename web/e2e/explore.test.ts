import { execFile } from 'node:child_process'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'

import { faultsOf } from './axe.ts'
import { launchBrowser, openStudio, type Studio } from './studio.ts'

const ASSAY = resolve(import.meta.dirname, '../../.venv/bin/assay')
const FILE = 'slices.pipeline.yaml'
/** A small CT showcase: synthetic patients, one short training, predictions, and a few heat maps. */
const SLICES = `assay: 1
name: slices
steps:
  scans:   {use: input/ct-phantom,           with: {patients: 48, slices: 2, size: 64, seed: 1}}
  split:   {use: transform/split-by-patient, in: {images: scans.images}, with: {by: label+sex, seed: 1}}
  train:   {use: train/image-classifier,     in: {train: split.train, validation: split.validation}, with: {epochs: 2, seed: 1, image_size: 64}}
  predict: {use: transform/predict,          in: {model: train.model, images: split.test}}
  explain: {use: explain/occlusion,          in: {model: train.model, images: split.test, reference: split.train}, with: {pictures: 2, shown: 1, few: 0}}
`

let browser: Browser
let studio: Studio
let page: Page

beforeAll(async () => {
  browser = await launchBrowser()
  studio = await openStudio(browser, { [FILE]: SLICES })
  page = studio.page
  await promisify(execFile)(ASSAY, ['run', join(studio.folder, FILE)], { cwd: studio.folder, env: { ...process.env, OMP_NUM_THREADS: '1' } })
})
afterAll(async () => {
  await studio.close()
  await browser.close()
})
beforeEach(async () => {
  await page.goto(studio.address)
  await studio.open(FILE)
  await page.getByRole('tab', { name: 'Runs' }).click()
  await page.locator('.runs th button').first().click()
})
afterEach(() => {
  expect(studio.foreign).toEqual([])
  expect(studio.errors).toEqual([])
})

async function explored(): Promise<void> {
  await page.getByRole('button', { name: 'Explore predict.predictions' }).click()
  await page.locator('.explore-grid button').first().waitFor()
}

async function shot(name: string): Promise<void> {
  if (process.env.ASSAY_SHOTS) await page.screenshot({ path: `${process.env.ASSAY_SHOTS}/${name}.png` })
}

/** Every image of the page has pixels. */
async function drawn(): Promise<void> {
  await page.waitForFunction(() => [...document.querySelectorAll<HTMLImageElement>('.explore img')].every((image) => image.complete && image.naturalWidth > 0))
}

const said = () => page.locator('.explore-said')

async function onlyWomenOver60(): Promise<void> {
  await page.getByRole('group', { name: 'sex' }).getByRole('checkbox', { name: /^F/ }).check()
  await page.getByLabel('age from').fill('60')
}

test('false negatives of women over 60: the counts agree with the file, and stand beside their group', async () => {
  const csv = await promisify(execFile)(ASSAY, ['artifacts', 'list', 'last', '--json'], { cwd: studio.folder })
  const listed = JSON.parse(csv.stdout) as { name: string; path: string }[]
  const [head = '', ...lines] = (await studio.file(listed.find((one) => one.name === 'predict.predictions')?.path ?? '')).trim().split('\r\n')
  const names = head.split(',')
  const rows = lines.map((line) => Object.fromEntries(line.split(',').map((cell, place) => [names[place] ?? '', cell])))
  const group = rows.filter((row) => row.sex === 'F' && Number(row.age) >= 60)
  const missed = group.filter((row) => row.label === 'covid' && Number(row.score) < Number(row.threshold))
  const people = (some: typeof rows) => new Set(some.map((row) => row.patient)).size
  const words = (some: typeof rows) => `${some.length} ${some.length === 1 ? 'case' : 'cases'} of ${people(some)} ${people(some) === 1 ? 'patient' : 'patients'}`

  await explored()
  await onlyWomenOver60()
  await page.getByRole('checkbox', { name: 'False negatives' }).check()
  await said().getByText(`False negatives, sex F, age from 60: ${words(missed)}.`, { exact: false }).waitFor()
  await expect.poll(() => said().textContent()).toContain(`All outcomes in sex F, age from 60: ${words(group)}.`)
  await expect.poll(() => said().textContent()).toContain(`Everybody: ${words(rows)}.`)
  await expect.poll(() => page.locator('.explore-grid li').count()).toBe(missed.length)
  await drawn()
  await shot('explore')
  await page.getByRole('button', { name: 'Show all cases' }).click()
  await said().getByText(`All: ${words(rows)}.`).waitFor()
  await drawn()
  expect(await faultsOf(page)).toEqual([])
})

test('while an answer is awaited, the words stay those of the counts that are shown', async () => {
  await explored()
  const before = await said().innerText()
  let answer: () => void = () => undefined
  const held = new Promise<void>((go) => (answer = go))
  await page.route('**/predict/predictions/cases*', (route) => void held.then(() => route.continue()))
  await page.getByRole('checkbox', { name: 'False negatives' }).check()
  await page.locator('.explore-cases[aria-busy="true"]').waitFor()
  await expect.poll(() => said().innerText()).toBe(before)
  answer()
  await page.locator('.explore-cases[aria-busy="false"]').waitFor()
  await expect.poll(() => said().innerText()).toMatch(/^False negatives: /)
  await page.unroute('**/predict/predictions/cases*')
})

test('a case is opened, walked through and left by key, and said to a screen reader', async () => {
  await explored()
  await page.locator('.explore-grid button').first().focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: /^Case 2 \// }).waitFor()
  await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('H2')
  await page.getByRole('img', { name: /^Image images\// }).waitFor()
  await page.keyboard.press('ArrowRight')
  await page.getByRole('heading', { name: /^Case 3 \// }).waitFor()
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('ArrowLeft')
  await page.getByRole('heading', { name: /^Case 1 \// }).waitFor()
  await page.getByText('Everything that is known').click()
  await page.getByRole('row', { name: /vendor/ }).waitFor()
  await drawn()
  expect(await faultsOf(page)).toEqual([])
  await page.keyboard.press('Escape')
  await page.locator('.explore-grid button').first().waitFor()
  await page.getByRole('button', { name: 'Back to the canvas' }).click()
  await page.locator('.canvas').waitFor()
})

test('a heat map lies over the image as strongly as the slider says; the mask can be taken away', async () => {
  await explored()
  const heat = page.locator('.layers-heat')
  await page.locator('.explore-grid button').first().press('Enter')
  await page.locator('.layers').waitFor()
  for (let number = 2; !(await page.getByLabel('Opacity of the heat').count()); number++) {
    await page.getByRole('button', { name: 'Next →' }).click()
    await page.getByRole('heading', { name: new RegExp(`^Case ${number} /`) }).waitFor()
    await page.locator('.layers').waitFor()
  }
  await heat.waitFor()
  await drawn()
  await expect.poll(() => heat.evaluate((image) => getComputedStyle(image).opacity)).toBe('0.5')
  await page.getByLabel('Opacity of the heat').focus()
  await page.keyboard.press('End') // on a slider, keys are the slider's
  await expect.poll(() => heat.evaluate((image) => getComputedStyle(image).opacity)).toBe('1')
  await page.getByText(/Red speaks for covid, blue against\. The strongest place of this map carries [\d.e-]+ log-odds/).waitFor()
  expect(await faultsOf(page)).toEqual([])
  await shot('explore-case')
  await page.getByLabel('Heat map').selectOption('none')
  await heat.waitFor({ state: 'detached' })
})

test('the nearest training images of a case stand beside it, are moved through by key, and shown large', async () => {
  await explored()
  await page.locator('.explore-grid button').first().press('Enter')
  const near = page.locator('.explore-near button')
  await near.first().waitFor({ timeout: 60_000 })
  expect(await near.count()).toBe(12)
  const distances = (await near.allTextContents()).map((text) => Number(/distance ([\d.e-]+)/.exec(text)?.[1]))
  expect(distances).toEqual([...distances].sort((one, two) => one - two))
  expect(await page.locator('.explore-leak').count()).toBe(0) // the split is by patient
  await near.first().focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Enter')
  await page.getByRole('img', { name: /^Training image images\// }).waitFor()
  expect(await near.nth(1).getAttribute('aria-pressed')).toBe('true')
  await page.getByRole('heading', { name: /^Case 1 \// }).waitFor() // arrow keys moved between training images, not between cases
  await drawn()
  expect(await faultsOf(page)).toEqual([])
  await shot('explore-nearest')
  await page.keyboard.press('Escape')
  await page.locator('.explore-grid button').first().waitFor()
})

test('an image that no step explained is explained on request, says that it is no evidence, and stands beside random maps', async () => {
  await explored()
  await page.locator('.explore-grid button').first().press('Enter')
  const begin = page.getByRole('button', { name: 'Explain this image' })
  const layers = page.locator('.layers')
  for (let position = 1; ; position++) {
    await page.getByRole('heading', { name: new RegExp(`^Case ${position} /`) }).waitFor()
    await layers.locator('button, select').first().waitFor()
    if (await begin.count()) break
    await page.getByRole('button', { name: 'Next →' }).click()
  }
  await begin.click()
  await page.getByText('it is not part of the signed evidence of the run').waitFor({ timeout: 120_000 })
  await page.locator('.layers-heat').waitFor()
  await drawn()
  const rows = page.locator('.explore-request tbody tr')
  expect(await rows.locator('th').allTextContents()).toEqual(['neighbours', 'blur'])
  for (const cell of await rows.locator('td:last-child').allTextContents()) expect(cell).toMatch(/^\d+ of 10 random maps$/)
  await page.getByLabel('Opacity of the heat').focus()
  await page.keyboard.press('Home')
  expect(await page.locator('.layers-heat').evaluate((image) => getComputedStyle(image).opacity)).toBe('0')
  await page.keyboard.press('End')
  expect(await faultsOf(page)).toEqual([])
  await page.locator('.explore-request').scrollIntoViewIfNeeded()
  await shot('explore-request')
  await page.keyboard.press('Tab') // off the slider, whose arrow keys are its own
  await page.getByRole('button', { name: 'Back to the list' }).click()
  await page.locator('.explore-grid button').first().waitFor()
})

test('the preview of a prediction artifact leads into the browser', async () => {
  await page.locator('.react-flow__node[data-id="predict"]').click()
  await page.getByRole('button', { name: 'predictions', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Explore predict.predictions' }).click()
  await page.locator('.explore-grid button').first().waitFor()
})

/** Open what a port carries. */
async function look(step: string, port: string): Promise<void> {
  await page.locator(`.react-flow__node[data-id="${step}"]`).click()
  await page.locator('.inspector').getByRole('button', { name: port, exact: true }).click()
}

/** Every picture of the opened one has pixels. */
async function layered(): Promise<void> {
  await page.waitForFunction(() => [...document.querySelectorAll<HTMLImageElement>('.opened img')].every((image) => image.complete && image.naturalWidth > 0))
}

test('the preview of an explanation step lays each heat map over its picture, as strongly as the slider says', async () => {
  await look('explain', 'heatmaps')
  await page.getByRole('dialog').locator('.gallery button').first().press('Enter')
  const heat = page.locator('.opened .layers-heat')
  await heat.waitFor()
  await layered()
  const slider = page.getByLabel('Opacity of the heat')
  await slider.focus()
  await page.keyboard.press('Home')
  await expect.poll(() => heat.evaluate((image) => getComputedStyle(image).opacity)).toBe('0')
  await page.keyboard.press('End')
  await expect.poll(() => heat.evaluate((image) => getComputedStyle(image).opacity)).toBe('1')
  await page.getByText(/The strongest place of this map carries [\d.e-]+ log-odds/).waitFor()
  await page.getByText(/black is .+, white is/).waitFor()
  expect(await faultsOf(page)).toEqual([])
  await shot('preview-heatmaps')
})

test('the preview of an image artifact says which pictures have a heat map, and lays it over them', async () => {
  await look('split', 'test')
  const marked = page.getByRole('dialog').locator('.gallery button', { hasText: 'heat map' })
  await marked.first().click()
  await page.locator('.opened .layers-heat').waitFor()
  await layered()
  await page.locator('.opened').getByLabel('Heat map').selectOption('none')
  await page.locator('.opened .layers-heat').waitFor({ state: 'detached' })
  await page.locator('.opened').getByLabel('Heat map').selectOption({ index: 0 })
  await page.locator('.opened .layers-heat').waitFor()
  await page.locator('.opened').getByLabel('Window').selectOption('mediastinum')
  await page.getByText(/^Mediastinum window: black is -160 HU, white is 240 HU\.$/).waitFor()
  await layered()
  expect(await faultsOf(page)).toEqual([])
  await shot('preview-images')
  await page.getByRole('button', { name: 'Close the picture' }).click()
  await page.locator('.opened').waitFor({ state: 'detached' })
})

test('the preview of a model says its classes, size, preprocessing and training in words, and draws how it learned, with the numbers', async () => {
  await look('train', 'model')
  const dialog = page.getByRole('dialog')
  const row = (name: string) => dialog.locator('.facts tr', { has: page.getByRole('rowheader', { name, exact: true }) }).locator('td')
  await expect.poll(() => row('Size').textContent()).toBe('64 × 64 pixels')
  await expect.poll(() => row('Positive class').textContent()).toBe('covid')
  await expect.poll(() => row('Window').textContent()).toBe('level -600, width 1500: from -1350 HU to 150 HU')
  await expect.poll(() => row('Epochs run').textContent()).toBe('2')
  await expect.poll(() => row('Validation AUROC').textContent()).toMatch(/^[01]\.?\d*$/)
  await dialog.locator('.plot svg').waitFor()
  await expect.poll(() => dialog.locator('.chart tbody tr').count()).toBe(6) // two epochs, three lines
  expect(await faultsOf(page)).toEqual([])
  await shot('preview-model')
  await dialog.locator('.chart').scrollIntoViewIfNeeded()
  await shot('preview-model-curve')
})

test('the page of a run draws how its model learned, with the numbers', async () => {
  const link = await page.locator('.toolbar').getByRole('link', { name: 'Run page' }).getAttribute('href')
  await page.goto(new URL(page.url()).origin + (link ?? ''))
  const section = page.frameLocator('iframe').locator('[aria-labelledby="drawings"]')
  await section.locator('h3', { hasText: 'train: Learning curve (synthetic images)' }).waitFor()
  await expect.poll(() => section.locator('tbody tr').count()).toBe(6)
  await section.locator('figure').scrollIntoViewIfNeeded()
  await shot('run-page-curve')
})
