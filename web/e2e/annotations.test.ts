import { describe, expect, test } from 'vitest'

import { faultsOf } from './axe.ts'
import { PEOPLE, scene } from './scene.ts'
import { node } from './studio.ts'

const at = scene()

async function chosen(...names: string[]): Promise<void> {
  for (const [place, name] of names.entries()) await node(at.page, name).click(place ? { modifiers: ['Shift'] } : {})
}

describe('notes', () => {
  test('a note is written by key, shows Markdown, and is one undo; nothing in it runs or is fetched', async () => {
    await at.opened()
    const before = await at.studio.file(PEOPLE)
    await node(at.page, 'read').focus()
    await at.page.keyboard.press('n')
    const field = at.page.locator('.note textarea')
    await field.fill('**Careful**: see [docs](https://example.org)\n\n![x](https://example.org/x.png)\n\n<img src=x onerror="document.title=1"><script>document.title=2</script>\n\n[bad](javascript:document.title=3)')
    await field.press('Control+Enter')
    await at.page.locator('.note strong', { hasText: 'Careful' }).waitFor()
    await expect.poll(() => at.page.locator('.note img, .note script').count()).toBe(0)
    await expect.poll(() => at.page.locator('.note a', { hasText: 'bad' }).getAttribute('href')).toBe('')
    await expect.poll(() => at.page.title()).toBe('Assay Studio')
    expect(await at.saved()).toContain('notes:\n  note-1: {text: "**Careful**')
    await at.page.locator('.react-flow__pane').click({ position: { x: 30, y: 300 } })
    for (let count = 0; count < 2; count++) await at.page.keyboard.press('Control+z')
    await at.page.locator('.note').waitFor({ state: 'detached' })
    expect(await at.saved()).toBe(before)
  })

  test('a note of the file moves with the mouse and is removed with the steps, as one change', async () => {
    await at.studio.write(PEOPLE, `${await at.studio.file(PEOPLE)}notes:\n  why: {text: Look here, at: [0, 1]}\n`)
    await at.page.reload()
    await at.opened()
    const note = node(at.page, 'note:why')
    const box = await note.boundingBox()
    if (!box) throw new Error('no note')
    await at.page.mouse.move(box.x + 20, box.y + 10)
    await at.page.mouse.down()
    await at.page.mouse.move(box.x + 80, box.y + 70, { steps: 6 })
    await at.page.mouse.up()
    expect(await at.saved()).toMatch(/why: \{text: Look here, at: \[0\.\d+, 1\.\d+\]\}/)
    await note.click()
    await node(at.page, 'tell').click({ modifiers: ['Shift'] })
    await at.page.keyboard.press('Delete')
    await note.waitFor({ state: 'detached' })
    await expect.poll(() => at.page.getByRole('button', { name: 'Undo' }).getAttribute('title')).toBe('Remove 2 things')
    const text = await at.saved()
    expect(text).not.toContain('notes:')
    expect(text).not.toContain('tell')
  })
})

describe('groups', () => {
  test('steps are framed, named, coloured, moved together, closed to one box and opened again', async () => {
    await at.opened()
    await chosen('read', 'grown')
    await at.page.getByRole('button', { name: 'Group', exact: true }).click()
    const frame = node(at.page, 'group:group-1')
    await frame.waitFor()
    await at.page.getByLabel('Title of the group').fill('Who is there')
    await at.page.getByLabel('Title of the group').press('Enter')
    await at.page.getByLabel('Colour').selectOption('blue')
    expect(await at.saved()).toContain('groups:\n  group-1: {steps: [read, grown], title: Who is there, colour: blue}\n')
    await at.shot('group-open')
    expect(await faultsOf(at.page)).toEqual([])

    const title = await frame.locator('bdi').boundingBox()
    if (!title) throw new Error('no title')
    await at.page.mouse.move(title.x + 5, title.y + 5)
    await at.page.mouse.down()
    await at.page.mouse.move(title.x + 5, title.y + 105, { steps: 6 })
    await at.page.mouse.up()
    await expect.poll(() => at.page.getByRole('button', { name: 'Undo' }).getAttribute('title')).toBe('Move 2 steps')
    const places = [...(await at.saved()).matchAll(/^ {2}(read|grown|tell): \[(\S+), (\S+)\]/gm)].map(([, name, , y]) => [name, Number(y)])
    expect(places).toEqual([['read', places[0]?.[1]], ['grown', places[0]?.[1]], ['tell', 0]])
    expect(Number(places[0]?.[1])).toBeGreaterThan(0.4)

    await at.page.getByRole('button', { name: 'Close the group Who is there' }).click()
    await node(at.page, 'read').waitFor({ state: 'detached' })
    await at.page.locator('.react-flow__edge').first().waitFor({ state: 'attached' })
    await expect.poll(() => at.page.locator('.react-flow__edge').count()).toBe(1)
    await frame.getByText('2 steps').waitFor()
    await at.shot('group-closed')
    expect(await faultsOf(at.page)).toEqual([])
    await at.page.getByRole('button', { name: 'Open the group Who is there' }).click()
    await node(at.page, 'read').waitFor()
    await at.page.getByRole('button', { name: 'Ungroup' }).first().click()
    await frame.waitFor({ state: 'detached' })
    expect(await at.saved()).not.toContain('groups:')
  })

  test('selected steps are brought to one line, as one named undo', async () => {
    await at.studio.write(PEOPLE, (await at.studio.file(PEOPLE)).replace('grown: [1, 0]', 'grown: [1, 0.7]').replace('tell: [2, 0]', 'tell: [2.5, 1]'))
    await at.page.reload()
    await at.opened()
    await chosen('read', 'grown', 'tell')
    await at.page.getByRole('button', { name: 'Align tops' }).click()
    await expect.poll(() => at.page.getByRole('button', { name: 'Undo' }).getAttribute('title')).toBe('Align 3 steps')
    await at.page.getByRole('button', { name: 'Space across' }).click()
    const text = await at.saved()
    expect(text).toContain('  grown: [1.25, 0]\n  tell: [2.5, 0]\n')
  })
})
