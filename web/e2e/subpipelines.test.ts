import { describe, expect, test } from 'vitest'

import { faultsOf } from './axe.ts'
import { scene } from './scene.ts'
import { node } from './studio.ts'

const at = scene()

async function made(name: string): Promise<void> {
  await node(at.page, 'grown').click()
  await node(at.page, 'tell').click({ modifiers: ['Shift'] })
  await at.page.getByRole('button', { name: 'Make a pipeline of these' }).click()
  await at.page.getByRole('dialog').getByLabel('Name').fill(name)
  await at.page.getByRole('dialog').getByRole('button', { name: 'Make a pipeline of these' }).click()
}

describe('pipelines in pipelines', () => {
  test('the selection becomes a pipeline, runs in its place, and is opened with its results', async () => {
    await at.opened()
    await made('adults')
    await node(at.page, 'adults').waitFor()
    await at.page.getByText('No problem found.').waitFor()
    expect(await at.studio.file('adults.pipeline.yaml')).toBe(
      'assay: 1\nname: adults\ninputs:\n  dataset: Dataset\nsteps:\n' +
        '  grown:  {use: ./steps.py:adults,   in: {table: inputs.dataset}, with: {least: 32}}\n' +
        '  tell:   {use: ./steps.py:tell,     in: {table: grown.dataset}}\nlayout:\n  grown: [0, 0]\n  tell: [1, 0]\n',
    )
    expect(await at.saved()).toContain('  adults: {use: ./adults.pipeline.yaml, in: {dataset: read.dataset}}\n')
    await node(at.page, 'adults').locator('.ports-target', { hasText: 'dataset' }).waitFor()
    await at.page.getByRole('button', { name: '▶ Run' }).click()
    await at.page.getByRole('rowheader', { name: 'adults/grown' }).waitFor()
    await at.page.getByRole('button', { name: 'Start' }).click()
    await at.page.locator('.toolbar .badge.status-succeeded').waitFor()
    await node(at.page, 'adults').locator('.status-succeeded').waitFor()
    await node(at.page, 'adults').click()
    await at.page.getByText('grown: succeeded').waitFor()
    expect(await faultsOf(at.page)).toEqual([])
    await at.shot('subpipeline')
    await at.page.getByRole('button', { name: 'Open this pipeline' }).click()
    await node(at.page, 'grown').locator('.status-succeeded').waitFor()
    await node(at.page, 'grown').click()
    await at.page.getByRole('button', { name: 'dataset', exact: true }).click()
    await at.page.getByRole('cell', { name: 'p4' }).waitFor()
    await at.page.getByRole('button', { name: 'Close', exact: true }).click()
    await at.shot('subpipeline-inside')
    await at.page.getByRole('button', { name: 'Back to people.pipeline.yaml' }).click()
    await node(at.page, 'read').waitFor()
  })

  test('a file of that name is kept; a circle of files is drawn with arrows', async () => {
    await at.studio.write('adults.pipeline.yaml', 'assay: 1\nname: mine\nsteps:\n  again: {use: ./people.pipeline.yaml}\n')
    await at.opened()
    await made('adults')
    await at.page.locator('.failure', { hasText: 'is there already' }).waitFor()
    await at.page.getByRole('button', { name: 'Close', exact: true }).click()
    const text = (await at.studio.file('people.pipeline.yaml')).replace('layout:', '  round:  {use: ./adults.pipeline.yaml}\nlayout:')
    await at.studio.write('people.pipeline.yaml', text)
    await at.page.reload()
    await at.opened()
    await at.page.getByText('people.pipeline.yaml → adults.pipeline.yaml → people.pipeline.yaml').waitFor()
  })

  test('a fault inside has the name of its file, and leads there', async () => {
    await at.studio.write('adults.pipeline.yaml', 'assay: 1\nname: adults\nsteps:\n  grown: {use: ./steps.py:adults, with: {leest: 3}}\n')
    await at.studio.write('people.pipeline.yaml', (await at.studio.file('people.pipeline.yaml')).replace('layout:', '  more:  {use: ./adults.pipeline.yaml}\nlayout:'))
    await at.page.reload()
    await at.opened()
    await at.page.locator('.place', { hasText: 'adults.pipeline.yaml:4:' }).first().waitFor()
    await expect.poll(() => at.page.getByRole('button', { name: 'Fix', exact: true }).count()).toBe(0) // a repair counts in its own file
    await at.page.getByRole('button', { name: /adults\.pipeline\.yaml:4:\d+ unknown-parameter/ }).click()
    await at.page.getByRole('button', { name: 'Fix', exact: true }).click()
    await node(at.page, 'grown').waitFor()
    expect(await at.saved('adults.pipeline.yaml')).toContain('with: {least: 3}')
  })
})
