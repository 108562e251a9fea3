import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

import type { Page } from 'playwright-core'

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Result {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[] }[]
}

const LOOKS = 5

/** Every WCAG 2 A and AA fault that axe-core finds on a page, in words; one that goes away by itself was of a page on its way. */
export async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(SOURCE)
  let found = await faultsNow(page)
  for (let look = 1; look < LOOKS && found.length; look++) {
    await page.waitForTimeout(400)
    found = await faultsNow(page)
  }
  return found
}

async function faultsNow(page: Page): Promise<string[]> {
  const result = await page.evaluate<Result>(`axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})`)
  return result.violations.flatMap((fault) => fault.nodes.map((where) => `${fault.id}: ${where.html.slice(0, 160)} ${where.failureSummary.replaceAll('\n', ' ').slice(0, 200)}`))
}
