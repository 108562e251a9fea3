import { expect, test } from 'vitest'

import { faultsOf } from './axe.ts'
import { PEOPLE, scene } from './scene.ts'
import { node } from './studio.ts'

const at = scene()

const EVIL = '<img src=x onerror=document.title=1>'
const LONG = 'n'.repeat(10_000)
const RTL = '\u202eevil\u2066אבג'
const FILE = 'evil.pipeline.yaml'
const TEXT = `assay: 1
name: ${JSON.stringify(`${EVIL} ${LONG.slice(0, 50)}`)}
description: ${JSON.stringify(EVIL)}
params: {${JSON.stringify(EVIL)}: 1}
steps:
  ${JSON.stringify(EVIL)}: {use: ${JSON.stringify(EVIL)}, with: {${JSON.stringify(RTL)}: ${JSON.stringify(EVIL)}}}
  ? ${LONG}
  : {use: "./${LONG}.py:f", in: {p: ${JSON.stringify(`${EVIL}.x`)}}}
  ${JSON.stringify(RTL)}: {use: x/y}
  "__proto__": {use: x/y}
  "constructor": {use: constructor, in: {p: toString.valueOf}}
  toString: {use: __proto__}
notes:
  n: {text: ${JSON.stringify(`${EVIL}${LONG}`)}, at: [0, 2]}
groups:
  g: {title: ${JSON.stringify(`${EVIL}${RTL}${LONG}`)}, steps: [${JSON.stringify(RTL)}]}
`

test('hostile names stay text, keep their place, and lose no byte', async () => {
  await at.studio.write(FILE, TEXT)
  await at.page.reload()
  await at.studio.open(FILE)
  await at.page.getByText(EVIL).first().waitFor()
  await at.page.locator('.note').waitFor()
  await at.page.getByRole('tab', { name: /Problems \(/ }).waitFor()
  await at.page.waitForTimeout(400)
  await expect.poll(() => at.page.locator('.react-flow__node-step').count()).toBe(6)
  await expect.poll(() => at.page.locator('.step-status').count()).toBe(0)
  const widths = await at.page.locator('.step').evaluateAll((steps) => steps.map((step) => (step as HTMLElement).offsetWidth))
  expect(new Set(widths)).toEqual(new Set([200]))
  await expect.poll(() => at.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
  for (const tab of ['Outline', 'Text', 'Runs', 'Problems']) {
    await at.page.getByRole('tab', { name: tab }).click()
    await expect.poll(() => at.page.title()).toBe('Assay Studio')
  }
  await expect.poll(() => at.page.locator('.app img').count()).toBe(0)
  await at.shot('hostile')
  await node(at.page, '__proto__').click()
  await at.page.getByLabel('Name', { exact: true }).waitFor()
  expect(await faultsOf(at.page)).toEqual([])
  await at.page.keyboard.press('Control+s')
  expect(await at.studio.file(FILE)).toBe(TEXT)
})

test('a name that is none is not given', async () => {
  await at.opened()
  const before = await at.studio.file(PEOPLE)
  await node(at.page, 'grown').click()
  const field = at.page.getByLabel('Name', { exact: true })
  for (const name of [EVIL, 'a: b', RTL, LONG, 'a b', '#x']) {
    await field.fill(name)
    await field.press('Enter')
    await expect.poll(() => field.inputValue()).toBe('grown')
  }
  await expect.poll(() => at.page.getByText('Not saved').count()).toBe(0)
  expect(await at.studio.file(PEOPLE)).toBe(before)
})

test('broken text keeps the last good canvas, says where, and what is done there changes nothing until it is mended', async () => {
  await at.opened()
  await at.page.getByRole('tab', { name: 'Text' }).click()
  await at.page.locator('.cm-content').click()
  await at.page.keyboard.press('Control+End')
  await at.page.keyboard.type('x: [1, 2')
  await at.page.locator('.broken', { hasText: /^1\d:\d+ .*last good state/ }).waitFor()
  await expect.poll(() => at.page.locator('.react-flow__node').count()).toBe(3)
  await node(at.page, 'tell').click()
  await at.page.keyboard.press('Delete')
  await at.page.locator('.notice', { hasText: 'last good state' }).waitFor()
  await expect.poll(() => at.page.locator('.react-flow__node').count()).toBe(3)
  await at.page.locator('.cm-content').click()
  await at.page.keyboard.press('Control+End')
  await at.page.keyboard.type(']')
  await at.page.locator('.broken').waitFor({ state: 'detached' })
})
