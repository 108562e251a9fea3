import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'

import { launchBrowser, node, openStudio, still, type Studio } from './studio.ts'

export const PEOPLE = 'people.pipeline.yaml'

/** A fresh project, server and page before each test; none may ask another machine, or print an error, by its end. */
export function scene(newcomer = false): { readonly studio: Studio; readonly page: Page; opened: (file?: string, step?: string) => Promise<void>; saved: (file?: string) => Promise<string>; shot: (name: string) => Promise<void> } {
  let browser: Browser
  let studio: Studio
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser.close())
  beforeEach(async () => {
    studio = await openStudio(browser, {}, newcomer)
  })
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') console.log(await remains(studio))
    expect(studio.foreign).toEqual([])
    expect(studio.errors).toEqual([])
    await studio.close()
  })
  return {
    get studio() {
      return studio
    },
    get page() {
      return studio.page
    },
    opened: async (file = PEOPLE, step = 'tell') => {
      await studio.open(file)
      await node(studio.page, step).waitFor()
      await studio.page.locator('.actions').waitFor() // what answers keys is loaded last
      await still(studio.page)
    },
    saved: async (file = PEOPLE) => {
      // The notice alone may be that of an earlier time.
      const written = studio.page.waitForResponse((answer) => answer.request().method() === 'PUT' && answer.url().includes('/api/documents/') && answer.ok())
      await studio.page.keyboard.press('Control+s')
      await written
      await studio.page.locator('.notice', { hasText: 'Saved' }).waitFor()
      return studio.file(file)
    },
    shot: async (name) => {
      const folder = process.env.ASSAY_SHOTS
      if (folder) await studio.page.screenshot({ path: `${folder}/${name}.png` })
    },
  }
}

/** What a failed test left: where the page is, what it says, and what its last requests came to. */
async function remains(studio: Studio): Promise<string> {
  const text = await studio.page.locator('body').innerText().catch(String)
  const { exitCode, signalCode } = studio.server
  const server = exitCode === null && signalCode === null ? [] : [`the server ended: ${String(exitCode ?? signalCode)}`]
  return [studio.page.url().replace(/token=[^&]*/, 'token=…'), ...server, ...studio.requests.slice(-15), ...studio.errors, text.slice(0, 2000)].join('\n')
}
