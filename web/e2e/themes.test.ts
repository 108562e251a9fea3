import { expect, test } from 'vitest'

import { faultsOf } from './axe.ts'
import { PEOPLE, scene } from './scene.ts'
import { node } from './studio.ts'

const at = scene()

const MORE = `notes:
  why: {text: "# Who\\n\\n**Everybody**, see [docs](https://example.org) and \`code\`\\n\\n- a\\n- b", at: [0, 1.2]}
groups:
  first: {steps: [read, grown], title: People, colour: amber}
  last: {steps: [tell], colour: violet, collapsed: true}
`

test.each(['light', 'dark', 'contrast'])('axe finds no fault in notes, groups, gallery and help in the theme %s', async (theme) => {
  await at.page.getByLabel('Theme').selectOption(theme)
  await at.page.locator('.templates li').nth(2).waitFor()
  await at.page.getByRole('button', { name: /CT showcase/ }).click()
  expect(await faultsOf(at.page)).toEqual([])
  await at.studio.write(PEOPLE, (await at.studio.file(PEOPLE)) + MORE)
  await at.opened(PEOPLE, 'grown')
  await at.page.locator('.note strong').waitFor()
  await node(at.page, 'read').click()
  await node(at.page, 'grown').click({ modifiers: ['Shift'] })
  await at.page.getByRole('button', { name: 'Make a pipeline of these' }).waitFor()
  await at.shot(`theme-${theme}`)
  expect(await faultsOf(at.page)).toEqual([])
  await node(at.page, 'note:why').click({ position: { x: 8, y: 8 } })
  await at.page.getByLabel('Text of the note (Markdown)').waitFor()
  expect(await faultsOf(at.page)).toEqual([])
  await node(at.page, 'read').focus()
  await at.page.keyboard.press('?')
  await at.page.getByRole('button', { name: 'Show the tour' }).click()
  await at.page.getByText('1 of 5').waitFor()
  expect(await faultsOf(at.page)).toEqual([])
})
