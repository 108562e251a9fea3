import { expect, test } from 'vitest'

import { PEOPLE, scene } from './scene.ts'
import { node } from './studio.ts'

const at = scene()

test('with nothing selected, the numbers of the pipeline stand in a form; a change is one line, and the steps that use it run anew', async () => {
  const text = (await at.studio.file(PEOPLE))
    .replace('steps:', 'params:\n  oldest: {type: int, default: 30, min: 1, max: 99, help: Who counts as grown up.}   # years\nsteps:')
    .replace('with: {least: 32}', 'with: {least: $params.oldest}')
  await at.studio.write(PEOPLE, text)
  await at.page.reload()
  await at.opened()
  const field = at.page.getByLabel('oldest', { exact: true })
  await at.page.getByText('Who counts as grown up. from 1 to 99').waitFor()
  expect(await field.inputValue()).toBe('30')
  await at.shot('pipeline-form')
  await field.fill('300')
  await field.press('Enter')
  await at.page.getByRole('tab', { name: 'Problems (1)' }).waitFor() // out of range: said, and the form stays
  await field.fill('44')
  await field.press('Enter')
  await at.page.getByRole('tab', { name: 'Problems', exact: true }).waitFor()
  expect(await at.saved()).toBe(text.replace('default: 30', 'default: 44'))
  await at.page.getByRole('button', { name: '▶ Run' }).click()
  await at.page.getByRole('button', { name: 'Start' }).click()
  await at.page.locator('.toolbar .badge.status-succeeded').waitFor()
  await field.fill('45')
  await field.press('Enter')
  await at.page.getByRole('button', { name: '▶ Run' }).click()
  await at.page.getByRole('dialog').getByRole('row', { name: /^grown run .*least/ }).waitFor()
})

test('a secret is named in the form, and stands under "secrets:", never under "with:"', async () => {
  await at.studio.write(PEOPLE, 'assay: 1\nname: people\nsteps:\n  judge: {use: gate/judge, with: {key: abc}}\n')
  await at.page.reload()
  await at.opened(PEOPLE, 'judge')
  await at.page.locator('.problem', { hasText: 'is a secret and cannot stand under' }).waitFor()
  await node(at.page, 'judge').click()
  const field = at.page.getByLabel('key', { exact: true })
  expect(await field.inputValue()).toBe('')
  await field.fill('SIGNING_KEY')
  await field.press('Enter')
  await at.page.locator('.problem', { hasText: 'is a secret' }).waitFor({ state: 'detached' })
  expect(await at.saved()).toContain('  judge: {use: gate/judge, secrets: {key: SIGNING_KEY}}\n')
  await at.page.getByRole('button', { name: 'Reset to the default: key' }).click()
  expect(await at.saved()).toContain('  judge: {use: gate/judge}\n')
  await at.page.getByText('What it does').click()
  await at.page.getByText('A verdict is dated and expires').waitFor()
})
