import { rm } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { faultsOf } from './axe.ts'
import { PEOPLE, scene } from './scene.ts'
import { node } from './studio.ts'

const at = scene()

describe('templates', () => {
  test('an empty workspace offers the gallery, drawn; the chosen one is written, opened, has no fault and runs', async () => {
    await rm(join(at.studio.folder, PEOPLE))
    await at.page.reload()
    await at.page.getByText('There is no pipeline in this project yet.').waitFor()
    const cards = at.page.locator('.templates li')
    await cards.nth(2).waitFor()
    await expect.poll(() => at.page.locator('.templates li svg rect').count()).toBeGreaterThan(15)
    await expect.poll(() => at.page.locator('.templates img').count()).toBe(0)
    await at.page.getByRole('button', { name: /Minimal/ }).click()
    expect(await faultsOf(at.page)).toEqual([])
    await at.shot('gallery')
    await at.page.getByLabel('Into the folder').fill('first-study')
    await at.page.getByRole('button', { name: 'Begin with: Minimal' }).click()
    await node(at.page, 'report').waitFor()
    await at.page.getByText('No problem found.').waitFor()
    expect(await at.studio.file('first-study/pipeline.yaml')).toContain('name: first-study\n')
    await at.page.getByRole('button', { name: '▶ Run' }).click()
    await at.page.getByRole('button', { name: 'Start' }).click()
    await at.page.locator('.toolbar .badge.status-succeeded').waitFor()
  })

  test('what can be clicked stays where it is when the gallery arrives late', async () => {
    const arrive: (() => void)[] = []
    await at.page.route('**/api/templates', (route) => void new Promise<void>((go) => arrive.push(go)).then(() => route.continue()))
    await at.page.reload()
    const file = at.page.getByRole('button', { name: PEOPLE })
    await file.waitFor()
    await expect.poll(() => at.page.locator('.templates li').count()).toBe(0)
    const before = await file.boundingBox()
    await expect.poll(() => arrive.length).toBe(1)
    arrive[0]?.()
    await at.page.locator('.templates li').first().waitFor()
    expect(await file.boundingBox()).toEqual(before)
  })

  test('"New" offers it too, never writes over what is there, and proposes a free name', async () => {
    await at.opened()
    await at.page.getByRole('button', { name: 'New', exact: true }).click()
    await at.page.getByRole('button', { name: /Minimal/ }).click()
    await at.page.getByRole('button', { name: 'Begin with: Minimal' }).click()
    await node(at.page, 'summarise').waitFor()
    await at.studio.write('minimal/pipeline.yaml', 'mine')
    await at.page.getByRole('button', { name: 'New', exact: true }).click()
    await at.page.getByRole('button', { name: /Minimal/ }).click()
    await expect.poll(() => at.page.getByLabel('Into the folder').inputValue()).toBe('minimal-2')
    await at.page.getByLabel('Into the folder').fill('minimal')
    await at.page.getByRole('button', { name: 'Begin with: Minimal' }).click()
    await at.page.locator('.templates .failure', { hasText: 'already' }).waitFor()
    expect(await at.studio.file('minimal/pipeline.yaml')).toBe('mine')
    expect(await faultsOf(at.page)).toEqual([])
  })
})
