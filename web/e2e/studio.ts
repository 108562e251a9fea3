import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

import { chromium, type Browser, type Page } from 'playwright-core'

const ROOT = resolve(import.meta.dirname, '../..')
const ASSAY = join(ROOT, '.venv/bin/assay')
const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

export interface Studio {
  readonly folder: string
  readonly page: Page
  readonly address: string
  readonly foreign: string[]
  readonly errors: string[]
  readonly requests: string[]
  server: ChildProcess
  file: (name: string) => Promise<string>
  write: (name: string, text: string) => Promise<void>
  open: (name: string) => Promise<void>
  close: () => Promise<void>
}

export async function launchBrowser(): Promise<Browser> {
  const executablePath = BROWSERS.find((path) => existsSync(path))
  if (!executablePath) throw new Error(`no Chromium at ${BROWSERS.join(', ')} (Debian: apt-get install chromium)`)
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
  return chromium.launch({ executablePath, args })
}

/** Start the real server on a fresh project, and open it in a page; a newcomer is offered the tour. */
export async function openStudio(browser: Browser, files: Record<string, string>, newcomer = false): Promise<Studio> {
  const folder = await mkdtemp(join(tmpdir(), 'assay-e2e-'))
  await cp(join(import.meta.dirname, 'project'), folder, { recursive: true })
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  const { server, facts } = await serve(folder, 0)
  const page = await browser.newPage({ viewport: { width: 1400, height: 850 } })
  page.setDefaultTimeout(90_000)
  if (!newcomer) {
    await page.addInitScript(() => {
      if (self.origin !== 'null') localStorage.setItem('assay-tour', 'seen') // a sandboxed frame has no storage
    })
  }
  const foreign: string[] = []
  const errors: string[] = []
  const requests: string[] = []
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (url.hostname !== '127.0.0.1' && !['data:', 'blob:'].includes(url.protocol)) foreign.push(request.url())
  })
  page.on('requestfinished', (request) => void request.response().then((response) => requests.push(`${request.method()} ${new URL(request.url()).pathname} ${response?.status() ?? ''}`), () => undefined))
  page.on('requestfailed', (request) => requests.push(`${request.method()} ${new URL(request.url()).pathname} ${request.failure()?.errorText ?? ''}`))
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => message.type() === 'error' && !/net::ERR|status of/.test(message.text()) && errors.push(message.text()))
  await page.goto(facts.address)
  await page.waitForSelector('.files')
  const studio: Studio = {
    folder,
    page,
    foreign,
    errors,
    requests,
    server,
    address: facts.address,
    file: (name) => readFile(join(folder, name), 'utf8'),
    write: (name, text) => writeFile(join(folder, name), text),
    open: async (name) => {
      await page.getByRole('button', { name }).click()
      await page.waitForSelector('.canvas')
    },
    close: async () => {
      await page.close()
      studio.server.kill('SIGKILL')
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
  return studio
}

export async function serve(folder: string, port: number): Promise<{ server: ChildProcess; facts: { address: string; port: number; token: string } }> {
  const server = spawn(ASSAY, ['studio', folder, '--no-browser', '--json', '--port', String(port)])
  const said: string[] = []
  server.stderr.on('data', (data: Buffer) => said.push(data.toString()))
  const line = await new Promise<string>((done, failed) => {
    server.stdout.once('data', (data: Buffer) => done(data.toString()))
    server.once('exit', (status, signal) => failed(new Error(`the server ended (${String(status ?? signal)}): ${said.join('')}`)))
  })
  return { server, facts: JSON.parse(line) as { address: string; port: number; token: string } }
}

/** Wait until the canvas is fitted to what was opened, and nothing on it moves: frames are counted, not time, which a busy machine has no use for. */
export async function still(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const places = () => [...document.querySelectorAll('.react-flow__viewport, .react-flow__node')].map((one) => JSON.stringify(one.getBoundingClientRect())).join()
    const fitted = () => !/^(translate\(0px, ?0px\) scale\(1\))?$/.test(document.querySelector<HTMLElement>('.react-flow__viewport')?.style.transform ?? '')
    for (let quiet = 0, before = ''; quiet < 20; ) {
      await new Promise(requestAnimationFrame)
      const now = places()
      quiet = fitted() && now === before ? quiet + 1 : 0
      before = now
    }
  })
}

/** A place on the canvas as a step: its node. */
export function node(page: Page, name: string) {
  return page.locator(`.react-flow__node[data-id="${name}"]`)
}
