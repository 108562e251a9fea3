import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'

import { describe, expect, test } from 'vitest'

import { faultsOf } from './axe.ts'
import { PEOPLE, scene } from './scene.ts'
import { node } from './studio.ts'

const at = scene()

function commit(title: string): void {
  const run = (...words: string[]) => execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@y', ...words], { cwd: at.studio.folder, env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null' } })
  run('init', '-q')
  run('add', '.')
  run('commit', '-qm', title)
}

async function changeAndCompare(): Promise<void> {
  await node(at.page, 'grown').click()
  await at.page.getByLabel('least', { exact: true }).fill('21')
  await at.page.getByLabel('least', { exact: true }).press('Enter')
  await node(at.page, 'tell').click()
  await at.page.keyboard.press('Delete')
  await node(at.page, 'tell').waitFor({ state: 'detached' })
  await at.page.getByRole('button', { name: 'Changes' }).click()
  await at.page.locator('.difference-canvas .react-flow__node').nth(2).waitFor()
}

describe('versions', () => {
  test('what changed since the last commit is on the canvas with signs, in a list, and follows an undo', async () => {
    commit('Begin')
    await at.opened()
    await changeAndCompare()
    await expect.poll(() => at.page.getByLabel('Since').inputValue()).toBe('HEAD')
    const list = at.page.getByRole('list', { name: 'Differences' })
    await expect.poll(() => list.getByRole('listitem').allInnerTexts()).toEqual([
      expect.stringMatching(/^~\s+changed\s+grown \(\.\/steps\.py:adults\); least: 32 → 21$/),
      expect.stringMatching(/^−\s+removed\s+tell \(\.\/steps\.py:tell\)$/),
      expect.stringMatching(/^−\s+removed\s+wire grown\.dataset → tell\.table$/),
    ])
    await expect.poll(() => node(at.page, 'grown').locator('.step-sign').textContent()).toBe('~')
    await expect.poll(() => node(at.page, 'tell').locator('.step-sign').textContent()).toBe('−')
    await expect.poll(() => node(at.page, 'grown').locator('.step-notes').textContent()).toBe('least: 32 → 21')
    await expect.poll(() => at.page.locator('.wire-removed text').textContent()).toBe('−')
    expect(await faultsOf(at.page)).toEqual([])
    await at.shot('difference')
    await at.page.getByRole('button', { name: 'Undo' }).click()
    await at.page.getByText('1 step changed', { exact: true }).waitFor()
    await at.page.getByRole('button', { name: 'Undo' }).click()
    await at.page.getByText('no difference', { exact: true }).waitFor()
    await at.page.getByRole('button', { name: 'Back to the canvas' }).click()
    await at.page.locator('.difference').waitFor({ state: 'detached' })
    await node(at.page, 'tell').waitFor()
  })

  test('notes and groups that came, went or changed are on the canvas, in the list, and in the picture', async () => {
    const plain = await at.studio.file(PEOPLE)
    await at.studio.write(PEOPLE, plain.replace('layout:', 'notes:\n  why: {text: Because., at: [0, 2]}\n  old: {text: "<img src=x onerror=alert(1)>", at: [1.5, 2]}\ngroups:\n  first: {steps: [read, grown], title: First, colour: green}\nlayout:'))
    commit('Begin')
    await at.studio.write(PEOPLE, plain.replace('layout:', 'notes:\n  why: {text: For *this*., at: [0, 2]}\ngroups:\n  first: {steps: [read, grown], title: Both, colour: blue}\n  last: {steps: [tell], collapsed: true}\nlayout:'))
    await at.page.reload()
    await at.studio.open(PEOPLE)
    await at.page.locator('.group-closed').waitFor()
    await at.page.getByRole('button', { name: 'Changes' }).click()
    await at.page.getByText('1 note removed, 1 changed; 1 group added, 1 changed', { exact: true }).waitFor()
    const canvas = at.page.locator('.difference-canvas')
    await canvas.locator('.group.marked-changed', { hasText: 'Both' }).waitFor()
    await canvas.locator('.group.marked-added', { hasText: 'last' }).waitFor()
    await canvas.locator('.note.marked-changed', { hasText: 'For *this*.' }).waitFor()
    await canvas.locator('.note.marked-removed', { hasText: '<img src=x onerror=alert(1)>' }).waitFor()
    const list = await at.page.getByRole('list', { name: 'Differences' }).getByRole('listitem').allInnerTexts()
    expect(list.some((line) => line.includes('group first (Both); title: "First" → "Both"; colour: "green" → "blue"'))).toBe(true)
    expect(await faultsOf(at.page)).toEqual([])
    await at.shot('difference-annotations')
    const [picture] = await Promise.all([at.page.waitForEvent('download'), at.page.getByRole('button', { name: 'Picture', exact: true }).click()])
    const svg = await readFile(await picture.path(), 'utf8')
    expect(svg).toContain('>Both</text>')
    expect(svg).toContain('>For *this*.</text>')
    const [page] = await Promise.all([at.page.waitForEvent('download'), at.page.getByRole('button', { name: 'Save as page' }).click()])
    const html = await readFile(await page.path(), 'utf8')
    expect(html).toContain('<h2>Notes and groups</h2>')
    expect(html).not.toContain('<img')
  })

  test('an older commit and the file on disk can be chosen', async () => {
    commit('One')
    await at.studio.write(PEOPLE, (await at.studio.file(PEOPLE)).replace('count: 5', 'count: 6'))
    commit('Two')
    await at.page.reload()
    await at.opened()
    await at.page.getByRole('button', { name: 'Changes' }).click()
    await at.page.getByText('no difference', { exact: true }).waitFor()
    const first = await at.page.getByLabel('Since').locator('option', { hasText: 'One' }).getAttribute('value')
    await at.page.getByLabel('Since').selectOption(first)
    await at.page.getByText('1 step changed', { exact: true }).waitFor()
    await at.page.getByLabel('Since').selectOption({ label: 'the file on disk' })
    await at.page.getByText('no difference', { exact: true }).waitFor()
  })

  test('without git it is the file on disk; broken text is said, and the last picture stays', async () => {
    await at.opened()
    await changeAndCompare()
    await expect.poll(() => at.page.getByLabel('Since').locator('option').allTextContents()).toEqual(['the file on disk'])
    await at.page.getByText('1 step removed, 1 changed; 1 wire removed').waitFor()
    await at.page.getByRole('tab', { name: 'Text' }).click()
    await at.page.locator('.cm-content').click()
    await at.page.keyboard.press('Control+Home')
    await at.page.keyboard.type('{')
    await at.page.locator('.difference .failure').waitFor()
    await expect.poll(() => at.page.locator('.difference-canvas .react-flow__node').count()).toBe(3)
  })

  test('the picture and the page are saved as files that load nothing', async () => {
    await at.opened()
    const [picture] = await Promise.all([at.page.waitForEvent('download'), at.page.getByRole('button', { name: 'Picture', exact: true }).click()])
    expect(picture.suggestedFilename()).toBe('people.svg')
    const svg = await readFile(await picture.path(), 'utf8')
    expect(svg).toMatch(/^<svg /)
    expect(svg).toContain('>grown</text>')
    await changeAndCompare()
    const [page] = await Promise.all([at.page.waitForEvent('download'), at.page.getByRole('button', { name: 'Save as page' }).click()])
    expect(page.suggestedFilename()).toBe('people.changes.html')
    expect(await readFile(await page.path(), 'utf8')).toContain("default-src 'none'")
  })
})
