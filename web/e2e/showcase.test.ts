import { rm } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { PEOPLE, scene } from './scene.ts'
import { node } from './studio.ts'

const at = scene()
const FILE = 'covid-ct/covid_ct.pipeline.yaml'
const MINUTES = 60_000

/** Settings under which the costly steps show that they are wired, and nothing else; the full ones run as an example. */
const QUICK: Readonly<Record<string, string>> = {
  'explain/choose': 'methods: [occlusion], tried: 2, pictures: 2, few: 2, compare: false',
  'robustness/adversarial': 'most_images: 6, steps: 2, queries: 5, samples: 20',
  'robustness/acquisition-shifts': 'shifts: [lower dose], severities: [1]',
  'evaluate/shortcut-audit': 'draws: 100',
}

test('the CT template goes from the gallery over two changed numbers to a signed verdict and its report', { timeout: 20 * MINUTES }, async () => {
  await rm(join(at.studio.folder, PEOPLE))
  await at.page.reload()
  await at.page.getByRole('button', { name: /CT/ }).first().click()
  await at.page.getByRole('button', { name: /^Begin with: / }).click()
  await node(at.page, 'judge').waitFor()
  await at.page.getByText('No problem found.').waitFor()
  let text = await at.studio.file(FILE)
  for (const [use, settings] of Object.entries(QUICK)) {
    const place = text.indexOf('with: {seed', text.indexOf(`use: ${use}`))
    text = `${text.slice(0, place)}with: {${settings}, seed${text.slice(place + 'with: {seed'.length)}`
  }
  await at.studio.write(FILE, text)
  await at.page.evaluate(() => window.dispatchEvent(new Event('focus'))) // as when somebody comes back from another window
  await at.page.locator('.notice', { hasText: 'Changes made elsewhere were merged in.' }).waitFor()
  for (const [name, value] of [['patients', '40'], ['epochs', '2']] as const) {
    await at.page.getByLabel(name, { exact: true }).fill(value)
    await at.page.getByLabel(name, { exact: true }).press('Enter')
  }
  await at.page.getByRole('button', { name: '▶ Run' }).click()
  await at.page.getByRole('dialog', { name: /^What will happen: \d+ to run/ }).waitFor()
  await at.page.getByRole('button', { name: 'Start' }).click()
  await at.page.locator('.toolbar .badge.status-succeeded').waitFor({ timeout: 15 * MINUTES })
  expect(await at.studio.file(FILE)).toContain('patients: {type: int, default: 40,')
  await at.shot('showcase-run')
  await node(at.page, 'judge').click()
  await at.page.getByRole('button', { name: 'verdict', exact: true }).click()
  const verdict = at.page.locator('dialog .verdict')
  await verdict.locator('tbody tr').first().waitFor()
  expect(await verdict.getByText(/which vouches for nobody/).count()).toBe(1) // signed, by the development key
  expect(await verdict.locator('tbody tr', { hasText: 'better-than-chance' }).locator('.badge').textContent()).not.toBe('pass') // ten patients show nothing
  await at.shot('showcase-verdict')
  await at.page.getByRole('button', { name: 'Close' }).click()
  await node(at.page, 'report').click()
  await at.page.getByRole('button', { name: 'report', exact: true }).click()
  await at.page.frameLocator('iframe').getByText('must not be published').first().waitFor()
})
