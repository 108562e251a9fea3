import { faultsOf } from './axe.ts'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { launchBrowser, node, openStudio, serve, still, type Studio } from './studio.ts'

let browser: Browser
let studio: Studio
const FILE = 'people.pipeline.yaml'

beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())
beforeEach(async () => {
  studio = await openStudio(browser, {})
})
afterEach(async () => {
  expect(studio.foreign).toEqual([])
  expect(studio.errors).toEqual([])
  await studio.close()
})

async function opened(): Promise<void> {
  await studio.open(FILE)
  await node(studio.page, 'tell').waitFor()
  await studio.page.locator('.react-flow__edge').nth(1).waitFor({ state: 'attached' })
  await still(studio.page)
}

async function save(): Promise<void> {
  const written = studio.page.waitForResponse((answer) => answer.request().method() === 'PUT' && answer.url().includes('/api/documents/') && answer.ok())
  await studio.page.keyboard.press('Control+s')
  await written
  await studio.page.locator('.notice', { hasText: 'Saved' }).waitFor()
}

async function start(): Promise<void> {
  await studio.page.getByRole('button', { name: '▶ Run' }).click()
  await studio.page.getByRole('button', { name: 'Start' }).click()
}

function changedLines(before: string, after: string): string[] {
  const old = before.split('\n')
  return after.split('\n').filter((line, place) => line !== old[place])
}

describe('editing', () => {
  test('a parameter edit changes one line, an untouched save zero bytes', async () => {
    await opened()
    const before = await studio.file(FILE)
    await studio.page.keyboard.press('Control+s')
    expect(await studio.file(FILE)).toBe(before)
    await node(studio.page, 'grown').click()
    await studio.page.getByLabel('least', { exact: true }).fill('21')
    await studio.page.getByLabel('least', { exact: true }).press('Enter')
    await save()
    expect(changedLines(before, await studio.file(FILE))).toEqual([
      '  grown:  {use: ./steps.py:adults,   in: {table: read.dataset}, with: {least: 21}}',
    ])
  })

  test('one named undo for canvas, form and text', async () => {
    await opened()
    const before = await studio.file(FILE)
    await node(studio.page, 'grown').click()
    await studio.page.getByLabel('strict').check()
    await node(studio.page, 'tell').click()
    await studio.page.keyboard.press('Delete')
    await node(studio.page, 'tell').waitFor({ state: 'detached' })
    await studio.page.getByRole('tab', { name: 'Text' }).click()
    await studio.page.locator('.cm-content').click()
    await studio.page.keyboard.press('Control+End')
    await studio.page.keyboard.type('# typed')
    await studio.page.getByRole('button', { name: 'Undo' }).waitFor()
    const undo = studio.page.getByRole('button', { name: 'Undo' })
    for (const label of ['Typing', 'Remove tell', 'Change strict of grown']) {
      await expect.poll(() => undo.getAttribute('title')).toBe(label)
      await undo.click()
    }
    await expect.poll(() => undo.isDisabled()).toBe(true)
    await node(studio.page, 'tell').waitFor()
    expect(await studio.file(FILE)).toBe(before)
    await expect.poll(() => studio.page.getByText('Not saved').count()).toBe(0)
  })

  test('dropping a wire on the empty canvas lists what fits; Enter adds and wires, one undo removes both', async () => {
    await opened()
    const from = await node(studio.page, 'grown').locator('.ports-source .react-flow__handle').boundingBox()
    if (!from) throw new Error('no handle')
    await studio.page.mouse.move(from.x + 5, from.y + 5)
    await studio.page.mouse.down()
    await studio.page.mouse.move(from.x + 60, from.y + 120, { steps: 8 })
    await studio.page.mouse.up()
    const options = studio.page.locator('.quick [role=option]')
    await options.first().waitFor()
    const listed = await options.allTextContents()
    expect(listed.length).toBeGreaterThan(0)
    expect(listed.some((text) => text.startsWith('transform/predict'))).toBe(false) // takes Model and Images, not a Dataset
    const before = await studio.page.locator('.react-flow__node').count()
    await studio.page.keyboard.press('Enter')
    await studio.page.locator('.react-flow__node').nth(before).waitFor()
    await studio.page.locator('.react-flow__edge').nth(2).waitFor({ state: 'attached' })
    await studio.page.keyboard.press('Control+z')
    await studio.page.locator('.react-flow__node').nth(before).waitFor({ state: 'detached' })
    await expect.poll(() => studio.page.locator('.react-flow__edge').count()).toBe(2)
  })

  test('a step is added by key and wired in the form, without a mouse', async () => {
    await opened()
    await node(studio.page, 'read').focus()
    await studio.page.keyboard.press('a')
    await studio.page.keyboard.type('ct-phantom')
    await studio.page.locator('.quick [role=option]').waitFor()
    await studio.page.keyboard.press('Enter')
    await node(studio.page, 'ct-phantom').waitFor()
    await save()
    expect(await studio.file(FILE)).toContain('  ct-phantom: {use: input/ct-phantom}')
    await node(studio.page, 'ct-phantom').focus()
    await studio.page.keyboard.press('Enter')
    await studio.page.getByLabel('Name', { exact: true }).waitFor()
  })

  test('a renamed step is renamed wherever it is spoken of', async () => {
    await opened()
    await node(studio.page, 'grown').click()
    await studio.page.getByLabel('Name', { exact: true }).fill('adults')
    await studio.page.getByLabel('Name', { exact: true }).press('Enter')
    await node(studio.page, 'adults').waitFor()
    await save()
    const text = await studio.file(FILE)
    expect(text).toContain('in: {table: adults.dataset}')
    expect(text).toContain('  adults: [1, 0]')
  })

  test('a missing component opens as a ghost, and nothing of it is lost', async () => {
    const text = `assay: 1\nname: ghost\nsteps:\n  a: {use: other/thing, with: {deep: [1, {x: y}]}, mood: odd}\n`
    await studio.write('ghost.pipeline.yaml', text)
    await studio.page.reload()
    await studio.open('ghost.pipeline.yaml')
    await studio.page.locator('.step-ghost').waitFor()
    await studio.page.getByRole('tab', { name: /Problems \(/ }).waitFor()
    await studio.page.keyboard.press('Control+s')
    expect(await studio.file('ghost.pipeline.yaml')).toBe(text)
  })

  test('hostile names are shown, not run', async () => {
    const name = '<img src=x onerror=document.title=1>'
    await studio.write('evil.pipeline.yaml', `assay: 1\nname: evil\nsteps:\n  "${name}": {use: "${name}"}\n  "‮abc": {use: x/y}\n`)
    await studio.page.reload()
    await studio.open('evil.pipeline.yaml')
    await studio.page.getByText(name).first().waitFor()
    await expect.poll(() => studio.page.title()).toBe('Assay Studio')
  })
})

describe('problems', () => {
  test('a fault has its place and a Fix, the same as on the command line', async () => {
    const text = await studio.file(FILE)
    await studio.write(FILE, text.replace('read.dataset', 'read.datset'))
    await studio.page.reload()
    await studio.open(FILE)
    await studio.page.getByRole('tab', { name: 'Problems (1)' }).waitFor()
    const line = text.split('\n')[5] ?? ''
    await expect.poll(() => studio.page.locator('.problem .place').textContent()).toBe(`6:${line.indexOf('dataset') + 1}`)
    await studio.page.getByRole('button', { name: 'Fix', exact: true }).click()
    await studio.page.getByText('No problem found.').waitFor()
    await save()
    expect(await studio.file(FILE)).toBe(text)
  })

  test('broken text shows the last good canvas and the place of the fault', async () => {
    await opened()
    await studio.page.getByRole('tab', { name: 'Text' }).click()
    await studio.page.locator('.cm-content').click()
    await studio.page.keyboard.press('Control+Home')
    await studio.page.keyboard.type('{')
    await studio.page.getByRole('tab', { name: /Problems \(/ }).click()
    await studio.page.locator('.problem-error').first().waitFor()
    await expect.poll(() => studio.page.locator('.react-flow__node').count()).toBe(3)
  })

  test('a file that somebody else changed is merged, and asked about where it cannot be', async () => {
    await opened()
    await node(studio.page, 'grown').click()
    await studio.page.getByLabel('least', { exact: true }).fill('40')
    await studio.page.getByLabel('least', { exact: true }).press('Enter')
    const theirs = (await studio.file(FILE)).replace('name: people', 'name: folk')
    await studio.write(FILE, theirs)
    await save()
    const both = await studio.file(FILE)
    expect(both).toContain('name: folk')
    expect(both).toContain('least: 40')
    await studio.page.getByLabel('least', { exact: true }).fill('50')
    await studio.page.getByLabel('least', { exact: true }).press('Enter')
    await studio.write(FILE, both.replace('least: 40', 'least: 60'))
    await studio.page.keyboard.press('Control+s')
    await studio.page.getByRole('button', { name: 'Take theirs' }).click()
    await expect.poll(() => studio.page.getByLabel('least', { exact: true }).inputValue()).toBe('60')
  })
})

describe('running', () => {
  test('a run is planned with reasons, started, watched and looked at', async () => {
    await opened()
    await studio.page.getByRole('button', { name: '▶ Run' }).click()
    await studio.page.getByRole('dialog', { name: 'What will happen: 3 to run' }).waitFor()
    await studio.page.getByText('first run').waitFor()
    let answer: () => void = () => undefined
    const held = new Promise<void>((go) => (answer = go))
    await studio.page.route('**/api/runs', (route) => void held.then(() => route.continue()))
    await studio.page.getByRole('button', { name: 'Start' }).click()
    await studio.page.locator('.step-status').first().waitFor() // at once: the server has not answered yet
    answer()
    await studio.page.locator('.badge.status-succeeded').first().waitFor()
    await node(studio.page, 'grown').click()
    await studio.page.getByRole('button', { name: 'dataset', exact: true }).click()
    await studio.page.getByRole('cell', { name: 'p4' }).waitFor()
    await expect.poll(() => studio.page.getByText('100 % empty').count()).toBe(1)
    await studio.page.getByRole('button', { name: 'Close' }).click()
    await studio.page.getByRole('button', { name: '▶ Run' }).click()
    await studio.page.getByRole('dialog', { name: 'What will happen: 3 reused' }).waitFor()
  })

  test('a hostile report stays in its sandbox', async () => {
    await opened()
    await start()
    await studio.page.locator('.badge.status-succeeded').first().waitFor()
    await node(studio.page, 'tell').click()
    await studio.page.getByRole('button', { name: 'report', exact: true }).click()
    const frame = studio.page.frameLocator('iframe')
    await frame.getByText('Report').waitFor()
    await expect.poll(() => studio.page.title()).toBe('Assay Studio')
    studio.errors.length = 0 // the browser says that it blocked the script
  })

  test('a long run shows progress and is cancelled', async () => {
    const text = (await studio.file(FILE)).replace('./steps.py:tell,  ', './steps.py:wait,  ').replace('in: {table: grown.dataset}}', 'in: {table: grown.dataset}, with: {seconds: 600}}')
    await studio.write(FILE, text)
    await studio.page.reload()
    await opened()
    await start()
    await studio.page.locator('.step-progress').waitFor()
    await studio.page.getByRole('button', { name: 'Cancel' }).click()
    await studio.page.locator('.badge.status-cancelled').first().waitFor()
    await studio.page.getByRole('button', { name: 'Resume' }).waitFor()
  })

  test('a killed server is said; started anew, the same page goes on: no line lost or doubled, and what was not saved is there', async () => {
    const text = (await studio.file(FILE)).replace('./steps.py:tell,  ', './steps.py:wait,  ').replace('in: {table: grown.dataset}}', 'in: {table: grown.dataset}, with: {seconds: 20}}')
    await studio.write(FILE, text)
    await studio.page.reload()
    await opened()
    await start()
    await studio.page.locator('.step-progress').waitFor()
    await node(studio.page, 'tell').click()
    await studio.page.getByLabel('seconds', { exact: true }).fill('21')
    await studio.page.getByLabel('seconds', { exact: true }).press('Enter')
    await studio.page.getByRole('button', { name: 'Log', exact: true }).click()
    const log = studio.page.locator('pre.log')
    await log.filter({ hasText: 'tick 1' }).waitFor()
    studio.server.kill('SIGKILL')
    const banner = studio.page.getByRole('alert')
    await banner.filter({ hasText: `The server does not answer.` }).waitFor()
    const port = Number(new URL(studio.address).port)
    expect(await banner.textContent()).toContain(`assay studio --port ${port}`)
    const clock = await node(studio.page, 'tell').locator('.step-status').textContent()
    await studio.page.keyboard.press('Control+s')
    await studio.page.locator('.notice', { hasText: 'It could not be saved' }).waitFor()
    const again = await serve(studio.folder, port)
    studio.server = again.server
    await banner.filter({ hasText: 'The server was started anew.' }).waitFor()
    expect(await node(studio.page, 'tell').locator('.step-status').textContent()).toBe(clock)
    await studio.page.context().request.get(again.facts.address) // the address, opened in the same browser
    await banner.waitFor({ state: 'detached' })
    await save()
    expect(await studio.file(FILE)).toContain('seconds: 21')
    await studio.page.locator('.toolbar .badge.status-succeeded').waitFor()
    await log.filter({ hasText: 'tick 399' }).waitFor()
    expect((await log.textContent())?.match(/^tick \d+$/gm)).toEqual(Array.from({ length: 400 }, (_, count) => `tick ${count}`))
    studio.errors.length = 0 // the browser says that it could not load
  })

  test('two runs side by side', async () => {
    await opened()
    await start()
    await studio.page.locator('.toolbar .badge.status-succeeded').waitFor()
    await node(studio.page, 'read').click()
    await studio.page.getByLabel('count', { exact: true }).fill('9')
    await studio.page.getByLabel('count', { exact: true }).press('Enter')
    await start()
    await studio.page.getByRole('tab', { name: 'Runs' }).click()
    await studio.page.locator('.runs .badge.status-succeeded').nth(1).waitFor()
    await studio.page.getByRole('button', { name: /Compare with/ }).first().click()
    await studio.page.locator('.compare').waitFor()
  })
})

describe('everybody', () => {
  test('axe finds no A or AA fault on the first page, the canvas, each panel and a dialog', async () => {
    expect(await faultsOf(studio.page)).toEqual([])
    await opened()
    await node(studio.page, 'grown').click()
    for (const panel of ['Outline', 'Runs', 'Text', 'Problems']) {
      await studio.page.getByRole('tab', { name: panel }).click()
      expect(await faultsOf(studio.page), panel).toEqual([])
    }
    await studio.page.getByRole('button', { name: '▶ Run' }).click()
    await studio.page.getByRole('dialog').waitFor()
    expect(await faultsOf(studio.page)).toEqual([])
  })

  test.each(['dark', 'contrast'])('axe finds no fault in the theme %s', async (theme) => {
    await studio.page.getByLabel('Theme').selectOption(theme)
    await opened()
    expect(await faultsOf(studio.page)).toEqual([])
  })
})
