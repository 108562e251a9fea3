import { expect, test } from 'vitest'

import { faultsOf } from './axe.ts'
import { PEOPLE, scene } from './scene.ts'
import { node } from './studio.ts'

const at = scene()

const FILE = 'trust.pipeline.yaml'
const TEXT = `assay: 1
name: trust
steps:
  said: {use: ./trust.py:said}
  rank: {use: evaluate/classification, in: {predictions: said.predictions}, with: {draws: 100}}
  calibrate: {use: evaluate/calibration, in: {predictions: said.predictions}, with: {draws: 100}}
  groups: {use: fairness/group-metrics, in: {predictions: said.predictions}, with: {draws: 100}}
  judge: {use: gate/judge, in: {model: said.model, evidence: [rank.evidence, calibrate.evidence, groups.evidence]}}
  notes: {use: ./trust.py:notebook}
`

async function ran(text = TEXT, only: readonly string[] = []): Promise<void> {
  await at.studio.write(FILE, text)
  await at.page.reload()
  await at.studio.open(FILE)
  if (only.length) {
    await node(at.page, only[0] ?? '').click()
    await at.page.getByRole('button', { name: 'Run up to here' }).click()
  } else {
    await at.page.getByRole('button', { name: '▶ Run' }).click()
    await at.page.getByRole('button', { name: 'Start' }).click()
  }
  await at.page.locator('.toolbar .status-succeeded').waitFor()
}

/** Open what a port carries. */
async function look(step: string, port: string): Promise<void> {
  await node(at.page, step).click()
  await at.page.locator('.inspector').getByRole('button', { name: port, exact: true }).click()
  await at.page.locator('dialog').waitFor()
}

async function close(): Promise<void> {
  await at.page.locator('dialog').getByRole('button', { name: 'Close' }).click()
  await at.page.locator('dialog').waitFor({ state: 'detached' })
}

test('evidence is drawn with its numbers beside it: ROC, confusion, reliability, decision, groups with intervals; a verdict with its reasons', async () => {
  const scripts: string[] = []
  at.page.on('response', (response) => response.url().endsWith('.js') && scripts.push(response.url()))
  await ran()
  expect(scripts.filter((name) => name.includes('/Plot-'))).toEqual([])
  for (const [step, figures] of [
    ['rank', 3],
    ['calibrate', 2],
    ['groups', 4],
  ] as const) {
    await look(step, 'evidence')
    const drawn = at.page.locator('dialog .plot svg')
    await drawn.nth(figures - 1).waitFor()
    await expect.poll(() => drawn.count()).toBe(figures)
    await expect.poll(() => at.page.locator('dialog .chart details').count()).toBe(figures)
    await at.page.waitForTimeout(200)
    expect(await faultsOf(at.page)).toEqual([])
    await at.shot(`evidence-${step}`)
    if (step === 'groups') {
      const rates = at.page.locator('dialog .chart', { hasText: 'Rates by group' })
      await rates.locator('summary').click()
      await expect.poll(() => rates.locator('th').allTextContents()).toEqual(['label', 'value', 'low', 'high', 'series'])
      await expect.poll(() => rates.locator('td', { hasText: /^TPR sex F$/ }).count()).toBe(1)
    }
    await close()
  }
  await look('rank', 'confusion')
  await at.page.locator('dialog .plot svg').waitFor()
  await expect.poll(() => at.page.locator('dialog .chart tbody tr').count()).toBe(4)
  await close()
  await look('judge', 'verdict')
  const rules = at.page.locator('dialog .verdict tbody tr')
  await rules.first().waitFor()
  await expect.poll(() => rules.filter({ hasText: 'better-than-chance' }).locator('.badge').textContent()).toBe('pass')
  await expect.poll(() => at.page.locator('dialog').getByText(/which vouches for nobody/).count()).toBe(1)
  await expect.poll(() => at.page.locator('dialog dd').first().textContent()).toMatch(/^[0-9a-f]{64}$/)
  expect(await faultsOf(at.page)).toEqual([])
  await at.shot('verdict')
})

test('a chart follows the theme, and says its numbers on the pointer', async () => {
  await at.page.getByLabel('Theme').selectOption('dark')
  await ran(TEXT, ['rank'])
  await look('rank', 'confusion')
  await at.page.locator('dialog .plot text[fill="#eceff3"]', { hasText: 'truth' }).waitFor()
  await at.page.locator('dialog .plot .mark-rect path').first().hover({ force: true })
  await at.page.locator('dialog .plot [title*="truth: covid"]').waitFor({ state: 'attached' })
  await at.shot('chart-dark')
})

test('a table shows its schema and is leafed through', async () => {
  await ran(TEXT, ['said'])
  await look('said', 'predictions')
  const head = at.page.locator('dialog th', { hasText: 'age' })
  await head.waitFor()
  await expect.poll(() => head.textContent()).toMatch(/^agenumber\d+ different, 25 … 84$/)
  await expect.poll(() => at.page.locator('dialog td').first().textContent()).toBe('0.png')
  await at.page.getByRole('button', { name: 'Rows after' }).click()
  await at.page.locator('dialog td', { hasText: /^50\.png$/ }).waitFor()
  await expect.poll(() => at.page.locator('dialog [role=status]').textContent()).toBe('rows 51–100 of 240')
  for (let page = 0; page < 3; page++) await at.page.getByRole('button', { name: 'Rows after' }).click()
  await at.page.locator('dialog td', { hasText: /^239\.png$/ }).waitFor()
  await expect.poll(() => at.page.getByRole('button', { name: 'Rows after' }).isDisabled()).toBe(true)
  await at.page.getByRole('button', { name: 'Rows before' }).click()
  await at.page.locator('dialog td', { hasText: /^150\.png$/ }).waitFor()
  expect(await faultsOf(at.page)).toEqual([])
  await at.shot('table')
})

test('a hostile notebook is shown as it ran, and nothing of it reaches the page', async () => {
  await ran(TEXT, ['notes'])
  await look('notes', 'file')
  await at.page.locator('dialog h1', { hasText: 'Findings' }).waitFor()
  await expect.poll(() => at.page.locator('dialog .notebook-code').textContent()).toBe("print('hello')")
  await expect.poll(() => at.page.locator('dialog pre', { hasText: /^hello/ }).count()).toBe(1)
  await expect.poll(() => at.page.locator('dialog .failure').textContent()).toBe('ValueError: no')
  const frame = at.page.frameLocator('dialog iframe')
  await frame.locator('b', { hasText: 'bold' }).waitFor()
  await expect.poll(() => at.page.locator('dialog iframe').getAttribute('sandbox')).toBe('')
  await expect.poll(() => at.page.locator('dialog script, dialog img[src="x"]').count()).toBe(0)
  await expect.poll(() => at.page.locator('dialog a[href^="javascript"]').count()).toBe(0)
  await expect.poll(() => at.page.title()).toBe('Assay Studio')
  expect(await faultsOf(at.page)).toEqual([])
  await at.shot('notebook')
  at.studio.errors.splice(0, at.studio.errors.length, ...at.studio.errors.filter((error) => !/sandboxed|Content Security Policy/.test(error))) // what the frame was refused
})

test('a hostile page stays in its frame, in a tab of its own too', async () => {
  await at.opened(PEOPLE)
  await at.page.getByRole('button', { name: '▶ Run' }).click()
  await at.page.getByRole('button', { name: 'Start' }).click()
  await at.page.locator('.toolbar .status-succeeded').waitFor()
  await look('tell', 'report')
  await at.page.frameLocator('dialog iframe').locator('h1', { hasText: 'Report' }).waitFor()
  const [tab] = await Promise.all([at.page.context().waitForEvent('page'), at.page.getByRole('link', { name: 'Open in a tab of its own' }).click()])
  await tab.locator('h1', { hasText: 'Report' }).waitFor()
  expect(await tab.evaluate('globalThis.origin').catch(() => 'null')).toBe('null')
  expect(await tab.title()).not.toContain('owned')
  await tab.close()
  await expect.poll(() => at.page.title()).toBe('Assay Studio')
  at.studio.errors.splice(0, at.studio.errors.length, ...at.studio.errors.filter((error) => !/sandboxed|Content Security Policy/.test(error)))
})
