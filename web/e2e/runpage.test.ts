import { readFile } from 'node:fs/promises'

import { afterEach, expect, test } from 'vitest'

import { faultsOf } from './axe.ts'
import { scene } from './scene.ts'
import { node } from './studio.ts'

const at = scene()

afterEach(() => {
  const told = at.studio.errors.filter((error) => !error.includes('sandboxed')) // the scene's own script is refused in the frame, as any is
  at.studio.errors.splice(0, at.studio.errors.length, ...told)
})

async function ran(): Promise<string> {
  await at.opened()
  await at.page.getByRole('button', { name: '▶ Run' }).click()
  await at.page.getByRole('button', { name: 'Start' }).click()
  await at.page.locator('.toolbar .status-succeeded').waitFor()
  const link = await at.page.locator('.toolbar').getByRole('link', { name: 'Run page' }).getAttribute('href')
  if (!link) throw new Error('no link')
  return link
}

test('a run has a page by its link: steps, picture, logs; and it leads to the canvas with the run on it', async () => {
  const link = await ran()
  const address = new URL(at.page.url()).origin + link
  await at.page.goto(address)
  const frame = at.page.frameLocator('iframe')
  await frame.locator('h1', { hasText: 'people' }).waitFor()
  await expect.poll(() => at.page.locator('iframe').getAttribute('sandbox')).toBe('')
  await expect.poll(() => frame.locator('[data-state="succeeded"]').count()).toBeGreaterThan(2)
  await expect.poll(() => frame.locator('section').first().locator('img').getAttribute('alt')).toContain('read: ✔ succeeded')
  await expect.poll(() => frame.locator('#logs').count()).toBe(1)
  expect(await faultsOf(at.page)).toEqual([])
  await at.shot('run-page')
  await at.page.getByRole('button', { name: 'Open on the canvas' }).click()
  await node(at.page, 'tell').locator('.status-succeeded').waitFor()
})

test('a run is saved as one file that needs neither server nor script', async () => {
  const link = await ran()
  await at.page.goto(new URL(at.page.url()).origin + link)
  const [download] = await Promise.all([at.page.waitForEvent('download'), at.page.getByRole('link', { name: 'Save as one file' }).click()])
  const file = `${at.studio.folder}/saved.html`
  await download.saveAs(file)
  const text = await readFile(file, 'utf8')
  expect(text).toContain("default-src 'none'")
  expect(text).not.toContain('<script')
  const context = await at.page.context().browser()?.newContext({ javaScriptEnabled: false, offline: true })
  if (!context) throw new Error('no browser')
  const page = await context.newPage()
  await page.goto(`file://${file}`)
  await page.locator('h2', { hasText: 'Where this comes from' }).waitFor()
  await page.locator('summary', { hasText: 'The pipeline file as it ran' }).click()
  await page.locator('pre', { hasText: 'name: people' }).waitFor()
  await page.locator('summary', { hasText: 'read (succeeded)' }).click()
  await page.locator('pre', { hasText: '5 people' }).waitFor()
  await context.close()
})

test('the link of a run that is not there says so', async () => {
  const answer = at.page.waitForResponse((response) => response.url().endsWith('/api/runs/none/page'))
  await at.page.goto(`${new URL(at.page.url()).origin}/?run=none`)
  expect((await answer).status()).toBe(404)
  await at.page.getByRole('button', { name: 'Open on the canvas' }).click()
  await at.page.locator('.notice', { hasText: 'no run' }).waitFor()
})
