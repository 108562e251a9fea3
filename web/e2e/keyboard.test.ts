import { describe, expect, test } from 'vitest'

import { scene } from './scene.ts'
import { node } from './studio.ts'

const at = scene()
const FILE = 'people.pipeline.yaml'

/** Press Tab until something is in focus; nobody may be caught on the way. */
async function tabTo(matches: string, most = 150): Promise<void> {
  for (let turn = 0; turn < most; turn++) {
    if (await at.page.evaluate((selector) => document.activeElement?.matches(selector) ?? false, matches)) return
    await at.page.keyboard.press('Tab')
  }
  throw new Error(`Tab never came to ${matches}`)
}

describe('without a mouse', () => {
  test('a five-step pipeline is built, connected, broken, mended and run', async () => {
    await at.opened()
    for (const from of ['adults', 'adults']) {
      await node(at.page, 'tell').focus()
      await at.page.keyboard.press('a')
      await at.page.keyboard.type(from)
      await at.page.locator('.quick [role=option]').first().waitFor()
      await at.page.keyboard.press('Enter')
      await at.page.locator('.quick').waitFor({ state: 'detached' })
    }
    await node(at.page, 'adults-2').waitFor()
    for (const [step, source] of [['adults', 'read.dataset'], ['adults-2', 'adults.dataset']] as const) {
      await node(at.page, step).focus()
      await at.page.keyboard.press('Enter')
      await at.page.locator(`[id="input-${step}-table"]`).waitFor()
      await tabTo(`[id="input-${step}-table"]`)
      await at.page.keyboard.press(source.charAt(0)) // a list of choices takes the first that begins so
      await at.page.getByRole('button', { name: `Remove ${source}` }).waitFor()
    }
    await node(at.page, 'grown').focus()
    await at.page.keyboard.press('Enter')
    await at.page.getByLabel('least', { exact: true }).waitFor()
    const least = (await at.page.getByLabel('least', { exact: true }).getAttribute('id')) ?? ''
    await tabTo(`[id="${least}"]`)
    await at.page.keyboard.press('Control+a')
    await at.page.keyboard.type('many')
    await at.page.keyboard.press('Enter')
    await at.page.getByRole('tab', { name: 'Problems (1)' }).waitFor()
    await tabTo(`[id="${least}"]`)
    await at.page.keyboard.press('Control+a')
    await at.page.keyboard.type('30')
    await at.page.keyboard.press('Enter')
    await at.page.getByText('No problem found.').waitFor()
    await tabTo('button.primary')
    await at.page.keyboard.press('Enter')
    await at.page.getByRole('dialog', { name: 'What will happen: 5 to run' }).waitFor()
    await at.page.keyboard.press('Enter')
    await at.page.locator('.toolbar .badge.status-succeeded').waitFor()
    const text = await at.studio.file(FILE)
    expect(text).toContain('in: {table: adults.dataset}')
    expect(text).toContain('with: {least: 30}')
  })

  test('arrow keys move along the tabs, and one tab stop leads in and out', async () => {
    await at.opened()
    await at.page.getByRole('tab', { name: 'Problems' }).focus()
    for (const name of ['Outline', 'Runs', 'Text', 'Problems']) {
      await at.page.keyboard.press('ArrowRight')
      await expect.poll(() => at.page.getByRole('tab', { name, selected: true }).evaluate((tab) => tab === document.activeElement)).toBe(true)
    }
    await expect.poll(() => at.page.locator('[role=tab][tabindex="0"]').count()).toBe(1)
  })
})

describe('for everybody', () => {
  test('what was done and how a run ended is said to a screen reader', async () => {
    await at.opened()
    const said = at.page.locator('.notice[role=status][aria-live=polite]')
    await node(at.page, 'tell').focus()
    await at.page.keyboard.press('Enter')
    await at.page.keyboard.press('Delete')
    await said.getByText('Remove tell').waitFor()
    await at.page.keyboard.press('Control+z')
    await said.getByText('Undo: Remove tell').waitFor()
    await at.page.getByRole('button', { name: '▶ Run' }).click()
    await at.page.getByRole('button', { name: 'Start' }).click()
    await said.getByText('Run succeeded').waitFor()
  })

  test('who asked for less motion sees none', async () => {
    await at.page.emulateMedia({ reducedMotion: 'reduce' })
    await at.opened()
    const moving = await at.page.evaluate(() =>
      [...document.querySelectorAll('*')].filter((one) => {
        const style = getComputedStyle(one)
        return style.animationName !== 'none' || style.transitionDuration.split(',').some((part) => parseFloat(part) > 0 && style.transitionProperty !== 'none')
      }).length,
    )
    expect(moving).toBe(0)
  })
})
