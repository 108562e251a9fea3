import { describe, expect, test } from 'vitest'

import { PEOPLE, scene } from './scene.ts'
import { node } from './studio.ts'

const at = scene()

const OTHER = 'other.pipeline.yaml'

/** Put a text on the clipboard as another program would, and paste it on the canvas. */
async function pasteText(text: string): Promise<void> {
  await at.page.evaluate((given) => {
    const data = new DataTransfer()
    data.setData('text/plain', given)
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
  }, text)
}

describe('copy and paste', () => {
  test('steps go to another file by the clipboard, wires among them stay, one undo takes them away', async () => {
    await at.studio.write(OTHER, 'assay: 1\nname: other\nsteps:\n  grown: {use: ./steps.py:people}\n')
    await at.page.reload()
    await at.opened()
    await node(at.page, 'grown').click()
    await node(at.page, 'tell').click({ modifiers: ['Shift'] })
    await at.page.keyboard.press('Control+c')
    await at.page.locator('.notice', { hasText: 'Copied: grown, tell' }).waitFor()
    await at.page.goto(at.studio.address)
    await at.opened(OTHER, 'grown')
    await at.page.locator('.react-flow__pane').click({ position: { x: 20, y: 400 } })
    await at.page.keyboard.press('Control+v')
    await node(at.page, 'grown-2').waitFor()
    await expect.poll(() => at.page.getByRole('button', { name: 'Undo' }).getAttribute('title')).toBe('Paste 2 steps')
    const text = await at.saved(OTHER)
    expect(text).toContain('  grown-2:  {use: ./steps.py:adults,   with: {least: 32}}\n') // its source stayed behind
    expect(text).toContain('  tell:   {use: ./steps.py:tell,     in: {table: grown-2.dataset}}\n')
    await at.page.keyboard.press('Control+z')
    await node(at.page, 'tell').waitFor({ state: 'detached' })
    expect(await at.saved(OTHER)).not.toContain('grown-2')
  })

  test('a block of a README is pasted; a letter is not', async () => {
    await at.opened()
    await pasteText('Dear colleague, see below.')
    await at.page.locator('.notice', { hasText: 'holds no steps' }).waitFor()
    await pasteText('# Counting\n\nAdd this:\n\n```yaml\nsteps:\n  count:   # the rows\n    use: ./steps.py:count\n    in: {table: read.dataset}\n```\n')
    await node(at.page, 'count').waitFor()
    await at.page.getByText('No problem found.').waitFor()
    expect(await at.saved()).toContain('  count:   # the rows\n    use: ./steps.py:count\n    in: {table: read.dataset}\n')
  })

  test('duplicate, and cut, by key; text fields keep their own clipboard', async () => {
    await at.opened()
    const before = await at.studio.file(PEOPLE)
    await node(at.page, 'grown').click()
    await at.page.keyboard.press('Control+d')
    await node(at.page, 'grown-2').waitFor()
    await expect.poll(() => at.page.getByRole('button', { name: 'Undo' }).getAttribute('title')).toBe('Duplicate grown-2')
    await at.page.getByLabel('least', { exact: true }).fill('77')
    await at.page.getByLabel('least', { exact: true }).press('Control+a')
    await at.page.getByLabel('least', { exact: true }).press('Control+x')
    await expect.poll(() => at.page.getByLabel('least', { exact: true }).inputValue()).toBe('')
    await at.page.getByLabel('least', { exact: true }).press('Escape')
    await node(at.page, 'grown-2').focus()
    await at.page.keyboard.press('Control+x')
    await node(at.page, 'grown-2').waitFor({ state: 'detached' })
    await expect.poll(() => at.page.getByText('Not saved').count()).toBe(0) // the same bytes as before
    expect(await at.studio.file(PEOPLE)).toBe(before)
  })
})

test('a drag with Shift selects what it covers', async () => {
  await at.opened()
  const first = await node(at.page, 'read').boundingBox()
  const second = await node(at.page, 'grown').boundingBox()
  if (!first || !second) throw new Error('no steps')
  await at.page.keyboard.down('Shift')
  await at.page.mouse.move(first.x - 25, first.y - 25)
  await at.page.mouse.down()
  await at.page.mouse.move(second.x + second.width + 15, second.y + second.height + 25, { steps: 8 })
  await at.page.mouse.up()
  await at.page.keyboard.up('Shift')
  await at.page.getByRole('button', { name: 'Align tops' }).waitFor()
  await expect.poll(() => at.page.locator('.step-selected .step-name').allTextContents()).toEqual(['read', 'grown'])
})
