import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { launchBrowser, openStudio, type Studio } from './studio.ts'

const ASSAY = resolve(import.meta.dirname, '../../.venv/bin/assay')
const FILE = 'showcase.pipeline.yaml'
/** The CT showcase, small, under rules that so few synthetic patients can meet. */
const SHOWCASE = `assay: 1
name: showcase
steps:
  scans:   {use: input/ct-phantom,           with: {patients: 60, slices: 2, size: 64, difficulty: 0.0, seed: 3}}
  split:   {use: transform/split-by-patient, in: {images: scans.images}}
  train:   {use: train/image-classifier,     in: {train: split.train, validation: split.validation}, with: {epochs: 2, image_size: 64}}
  predict: {use: transform/predict,          in: {model: train.model, images: split.test}}
  evaluate: {use: evaluate/classification,   in: {predictions: predict.predictions}, with: {draws: 100}}
  judge:
    use: gate/judge
    in: {model: train.model, evidence: [evaluate.evidence], images: split.test, predictions: predict.predictions}
    with: {policy_file: demonstration.policy.yaml}
`
const POLICY = `assay-policy: 1
name: demonstration
description: Lets a small model of synthetic pictures through, so that the way can be walked.
expires: 30d
signer: any
rules:
  - id: measured
    title: It was measured.
    statement: discrimination.auroc
    bound: point >= 0
    why: What was not measured is not served.
`

let browser: Browser
let studio: Studio
let keys: string
let server: ChildProcess | undefined

beforeAll(async () => {
  keys = await mkdtemp(join(tmpdir(), 'assay-keys-'))
  process.env.ASSAY_KEYS = keys
  process.env.OMP_NUM_THREADS = '1'
  browser = await launchBrowser()
  studio = await openStudio(browser, { [FILE]: SHOWCASE, 'demonstration.policy.yaml': POLICY })
})
afterAll(async () => {
  server?.kill()
  await studio.close()
  await browser.close()
  await rm(keys, { recursive: true, force: true })
})

async function assay(...words: string[]): Promise<string> {
  return (await promisify(execFile)(ASSAY, words, { cwd: studio.folder })).stdout
}

async function served(bundle: string): Promise<string> {
  const started = spawn(ASSAY, ['serve', bundle, '--port', '0', '--json', '--no-log'], { cwd: studio.folder })
  server = started
  const line = await new Promise<string>((done, failed) => {
    started.stdout.once('data', (data: Buffer) => done(data.toString()))
    started.once('exit', () => failed(new Error('the predictor ended')))
  })
  return (JSON.parse(line) as { address: string }).address
}

test('from the canvas through the gate to a model that answers and explains on this computer', async () => {
  await studio.open(FILE)
  await studio.page.getByRole('button', { name: '▶ Run' }).click()
  await studio.page.getByRole('button', { name: 'Start' }).click()
  await studio.page.locator('.toolbar .status-succeeded').waitFor({ timeout: 500_000 })

  await assay('keys', 'new', 'clinic')
  await assay('bundle', 'make', 'last', '--name', 'showcase', '--version', '1.0.0', '--key', 'clinic', '--out', 'bundle')
  const page = await browser.newPage({ viewport: { width: 1100, height: 1000 } })
  const foreign: string[] = []
  page.on('request', (request) => !/^(data|blob):/.test(request.url()) && new URL(request.url()).hostname !== '127.0.0.1' && foreign.push(request.url()))
  await page.goto(await served('bundle'))
  await page.getByText('Verdict: pass').waitFor()
  await page.getByText('Synthetic data').first().waitFor()
  await page.locator('#file').setInputFiles(join(studio.folder, 'bundle', 'example', 'input.png'))
  const heat = page.getByRole('img', { name: /red speaks for covid/ })
  await heat.waitFor({ timeout: 90_000 })
  expect(await heat.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0)
  const wanted = JSON.parse(await studio.file('bundle/example/answer.json')) as { labels: string[]; probabilities: number[] }
  for (const label of wanted.labels) await page.locator('#result').getByRole('row', { name: new RegExp(`^${label} 0\\.\\d{3}|^${label} 1\\.000`) }).waitFor()
  await page.getByText('Heat by occlusion').waitFor()
  await page.getByText('What the evidence says about patients like this one').waitFor()
  if (process.env.ASSAY_SHOTS) await page.screenshot({ path: `${process.env.ASSAY_SHOTS}/served.png`, fullPage: true })
  expect(foreign).toEqual([])
  expect(studio.foreign).toEqual([])
  expect(studio.errors).toEqual([])
}, 600_000)
