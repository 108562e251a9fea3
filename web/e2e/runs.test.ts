import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'

import { faultsOf } from './axe.ts'
import { launchBrowser, node, openStudio, type Studio } from './studio.ts'

let browser: Browser
let studio: Studio
const FILE = 'work.pipeline.yaml'
const STEPS = `
from pathlib import Path
import time

from assay import Dataset, component, step


@component("transform/flaky", version="1.0.0")
def flaky(table: Dataset, *, mended: str) -> Dataset:
    """Fail until a file is there.

    Args:
        mended: The file.
    """
    print("looking for it", flush=True)
    if not Path(mended).exists():
        raise ValueError("it is not mended")
    copy = step.output("dataset", Dataset)
    copy.path.write_text(table.path.read_text())
    return copy


@component("transform/until", version="1.0.0", cache=False)
def until(table: Dataset, *, there: str) -> Dataset:
    """Wait for a file.

    Args:
        there: The file.
    """
    for tick in range(20000):
        if Path(there).exists():
            break
        step.progress(min(tick, 9), 10, "waiting")
        print("tick", tick, flush=True)
        time.sleep(0.05)
    copy = step.output("dataset", Dataset)
    copy.path.write_text(table.path.read_text())
    return copy
`

beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())
beforeEach(async () => {
  studio = await openStudio(browser, { 'odd.py': STEPS })
})
afterEach(async () => {
  expect(studio.foreign).toEqual([])
  expect(studio.errors).toEqual([])
  await studio.close()
})

async function opened(middle: string): Promise<void> {
  const text = `assay: 1
name: work
steps:
  read: {use: ./steps.py:people}
  odd: {use: ./odd.py:${middle}, in: {table: read.dataset}}
  grown: {use: ./steps.py:adults, in: {table: odd.dataset}}
layout: {read: [0, 0], odd: [1, 0], grown: [2, 0]}
`
  await studio.write(FILE, text)
  await studio.page.reload()
  await studio.open(FILE)
  await node(studio.page, 'grown').waitFor()
}

async function start(): Promise<void> {
  await studio.page.getByRole('button', { name: '▶ Run' }).click()
  await studio.page.getByRole('button', { name: 'Start' }).click()
}

function marker(name: string): string {
  return join(studio.folder, name)
}

function status(name: string, wanted: string) {
  return node(studio.page, name).locator(`.step-status.status-${wanted}`)
}

test('a step at work shows how far it is, what it prints and for how long; done, how long it took; again, that it is reused', async () => {
  await opened(`until, with: {there: ${marker('go')}}`)
  await start()
  const odd = node(studio.page, 'odd')
  await odd.locator('progress').waitFor()
  await odd.locator('.step-tail', { hasText: /tick \d+/ }).waitFor()
  await status('odd', 'running').getByText(/[1-9]\.\d s/).waitFor() // the clock goes on by itself
  const before = await odd.locator('.step-tail').textContent()
  await studio.page.waitForFunction(([said]) => document.querySelector('.react-flow__node[data-id="odd"] .step-tail')?.textContent !== said, [before])
  await mkdir(marker('go'))
  await status('odd', 'succeeded').getByText(/\d s/).waitFor()
  await expect.poll(() => odd.locator('progress, .step-tail').count()).toBe(0)
  await status('grown', 'succeeded').waitFor()
  await start()
  await status('read', 'reused').waitFor()
})

test('a page that is opened while a run goes on shows how far its steps are', async () => {
  await opened(`until, with: {there: ${marker('go')}}`)
  await start()
  await node(studio.page, 'odd').locator('progress').waitFor()
  await studio.page.reload()
  await studio.open(FILE)
  await studio.page.getByRole('tab', { name: 'Runs' }).click()
  await studio.page.locator('.runs th button').first().click()
  await node(studio.page, 'odd').locator('progress').waitFor()
  await node(studio.page, 'odd').locator('.step-tail', { hasText: /tick \d+/ }).waitFor()
  await mkdir(marker('go'))
  await status('grown', 'succeeded').waitFor()
})

test('a failed step says why, and is tried again on the canvas, alone and with what follows', async () => {
  await opened(`flaky, with: {mended: ${marker('mended')}}`)
  await start()
  const odd = node(studio.page, 'odd')
  await status('odd', 'failed').waitFor()
  await odd.getByText('looking for it').waitFor()
  await odd.getByText('ValueError: it is not mended').waitFor()
  await expect.poll(() => status('grown', 'skipped').count()).toBe(1)
  expect(await faultsOf(studio.page)).toEqual([])
  await mkdir(marker('mended'))
  await odd.getByRole('button', { name: 'Retry this: odd' }).click()
  await status('odd', 'succeeded').waitFor()
  await expect.poll(() => status('grown', 'succeeded').count()).toBe(0) // it alone was asked for
  await expect.poll(() => odd.getByRole('button').count()).toBe(0)
})

test('a failed step is tried again with all that follow, from the form', async () => {
  await opened(`flaky, with: {mended: ${marker('mended')}}`)
  await start()
  await status('odd', 'failed').waitFor()
  await mkdir(marker('mended'))
  await node(studio.page, 'odd').locator('.step-name').click()
  await studio.page.locator('.inspector').getByRole('button', { name: 'Retry from here' }).click()
  await status('odd', 'succeeded').waitFor()
  await status('grown', 'succeeded').waitFor()
})

test('a run that was stopped goes on: what had finished is not done again', async () => {
  await opened(`until, with: {there: ${marker('go')}}`)
  await start()
  await node(studio.page, 'odd').locator('progress').waitFor()
  await studio.page.getByRole('button', { name: 'Cancel' }).click()
  await studio.page.locator('.toolbar .badge.status-cancelled').waitFor()
  await mkdir(marker('go'))
  await studio.page.getByRole('button', { name: 'Resume' }).click()
  await studio.page.locator('.toolbar .badge.status-succeeded').waitFor()
  await status('grown', 'succeeded').waitFor()
  await studio.page.getByRole('tab', { name: 'Runs' }).click()
  await studio.page.locator('.runs tbody tr').first().waitFor()
  await expect.poll(() => studio.page.locator('.runs tbody tr').count()).toBe(1)
})

test('where a run goes is chosen among what the server offers, and is sent with the plan and the run', async () => {
  await opened(`flaky, with: {mended: ${studio.folder}}`)
  const asked: unknown[] = []
  studio.page.on('request', (request) => request.method() === 'POST' && /\/api\/(plan|runs)$/.test(request.url()) && asked.push((request.postDataJSON() as { target: string }).target))
  const where = studio.page.getByLabel('Where')
  await expect.poll(() => where.locator('option').allTextContents()).toEqual(['This computer'])
  await expect.poll(() => where.getAttribute('title')).toMatch(/^\d+(\.\d+)? cpu, \d+ GB/)
  await start()
  await status('grown', 'succeeded').waitFor()
  expect(asked).toEqual(['local', 'local'])
})
