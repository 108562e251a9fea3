// @vitest-environment jsdom
import type { ImageMaps, Preview } from '@assay/api'
import { act } from 'react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { HeatmapsView, ImagesView } from '../../src/preview/Pictures.tsx'
import { clean, key, page, pressed, served, shown, type, until } from '../rendered.tsx'

const PLACE = { run: 'r1', step: 'scans', port: 'images' }
const IMAGES: Extract<Preview, { kind: 'images' }> = {
  kind: 'images', facts: { synthetic: true }, columns: ['file', 'label', 'mask'], start: 0, total: 3,
  rows: [{ file: 'images/a b.png', label: 'covid', mask: 'masks/a b.png' }, { file: 'images/c.png', label: 'other', mask: '' }, { file: 'constructor', label: '', mask: '' }],
}
const METHODS: ImageMaps[] = [
  { step: 'lime', port: 'heatmaps', item: 0, method: 'lime', title: 'LIME', positive: 'covid', state: 'fail', reason: 'no better than edges', files: { 'images/a b.png': 4 } },
  { step: 'cam', port: 'heatmaps', item: 1, method: 'grad-cam', title: 'Grad-CAM', positive: 'covid', state: 'pass', reason: '', files: { 'images/a b.png': 0, 'images/c.png': 1 } },
]
const HEAT: Extract<Preview, { kind: 'heatmaps' }> = {
  kind: 'heatmaps', method: 'lime', title: 'LIME', positive: 'covid', state: null, reason: 'too few images', images: { step: 'scans', port: 'images', item: 2 }, start: 0, total: 1,
  rows: [{ row: 0, file: 'images/a b.png', patient: 'p', label: 'covid', outcome: 'false negative', score: '0.25', overlay: 'overlays/0000.png', mask: '' }],
}

beforeEach(() => {
  vi.stubGlobal('fetch', (address: string) =>
    Promise.resolve(new Response('', { headers: address.includes('/heat/') ? { 'x-strongest': '1.5' } : { 'x-shown': '{"window":"percentiles","low":0,"high":1,"unit":""}' } })),
  )
  served({ 'GET /api/runs/{run}/outputs/{step}/{port}/maps': () => METHODS })
})
afterEach(() => {
  clean()
  vi.unstubAllGlobals()
})

const tiles = () => [...page().querySelectorAll<HTMLButtonElement>('.gallery button')]
const heat = () => page().querySelector<HTMLImageElement>('.layers-heat')
const address = (selector: string) => page().querySelector(selector)?.getAttribute('src')

test('a heat map lies over an opened image as strongly as the slider says, by the method that is chosen', async () => {
  shown(<ImagesView place={PLACE} shape={IMAGES} page={0} onPage={() => undefined} />)
  await until(() => page().textContent.includes('lay a heat map of lime, cam over it'))
  expect(tiles().map((tile) => tile.textContent)).toEqual(['covid · heat map', 'other · heat map', ''])
  pressed(tiles()[0] ?? '')
  await until(() => page().textContent.includes('The strongest place of this map carries 1.50 log-odds'))
  expect(address('.layers img')).toBe('/api/runs/r1/outputs/scans/images/picture/images/a%20b.png?edge=1024&window=auto&item=0')
  expect(address('.layers-mask')).toBe('/api/runs/r1/outputs/scans/images/mask/masks/a%20b.png?item=0')
  expect(heat()?.getAttribute('src')).toBe('/api/runs/r1/outputs/lime/heatmaps/heat/4?item=0')
  expect(heat()?.style.opacity).toBe('0.5')
  expect(page().querySelector('[role=alert]')?.textContent).toContain('no better than edges')
  const [method, slider] = [page().querySelector<HTMLSelectElement>('.layers select'), page().querySelector<HTMLInputElement>('.layers input[type=range]')]
  if (!method || !slider) throw new Error('nothing to choose with')
  type(slider, '80')
  expect(heat()?.style.opacity).toBe('0.8')
  type(method, '1')
  expect(heat()?.getAttribute('src')).toBe('/api/runs/r1/outputs/cam/heatmaps/heat/0?item=1')
  expect(page().querySelector('[role=alert]')).toBeNull()
  type(method, '-1')
  expect(heat()).toBeNull()
  pressed(page().querySelector<HTMLInputElement>('.layers input[type=checkbox]') ?? '')
  expect(page().querySelector('.layers-mask')).toBeNull()
})

test('an image without a map has no slider; pictures are walked through, and closing leads back to the one that was open', async () => {
  shown(<ImagesView place={PLACE} shape={IMAGES} page={0} onPage={() => undefined} />)
  await until(() => tiles()[0]?.textContent.includes('heat map'))
  pressed(tiles()[1] ?? '')
  expect(document.activeElement?.getAttribute('aria-label')).toBe('images/c.png other · heat map')
  pressed('Next →')
  expect(page().querySelector('.opened')?.getAttribute('aria-label')).toBe('constructor ')
  expect(page().querySelector('.layers input[type=range]')).toBeNull()
  pressed('Close the picture')
  expect(page().querySelector('.opened')).toBeNull()
  expect(document.activeElement).toBe(tiles()[2])
  key(tiles()[2] ?? page(), 'Home')
  expect(document.activeElement).toBe(tiles()[0])
})

test('heat maps stand over the images that they are of; what the method is worth is said', async () => {
  shown(<HeatmapsView place={{ run: 'r1', step: 'lime', port: 'heatmaps' }} shape={HEAT} page={0} onPage={() => undefined} />)
  expect(tiles()[0]?.textContent).toBe('covid, false negative, 0.250')
  expect(address('.gallery img')).toBe('/api/runs/r1/outputs/lime/heatmaps/files/overlays/0000.png')
  pressed(tiles()[0] ?? '')
  await until(heat)
  expect(address('.layers img')).toBe('/api/runs/r1/outputs/scans/images/picture/images/a%20b.png?edge=1024&window=auto&item=2')
  expect(heat()?.getAttribute('src')).toBe('/api/runs/r1/outputs/lime/heatmaps/heat/0?item=0')
  expect(page().querySelector('.layers')?.textContent).toContain('is not known. too few images')
})

test('without the images, the picture that the step drew is shown, and it is said', () => {
  shown(<HeatmapsView place={{ run: 'r1', step: 'lime', port: 'heatmaps' }} shape={{ ...HEAT, images: null }} page={0} onPage={() => undefined} />)
  expect(page().textContent).toContain('The images are not among the outputs of this run')
  pressed(tiles()[0] ?? '')
  expect(address('.opened img')).toBe('/api/runs/r1/outputs/lime/heatmaps/files/overlays/0000.png')
  expect(page().querySelector('input[type=range]')).toBeNull()
})

test('a page that is left takes the opened picture with it', () => {
  const pages: number[] = []
  shown(<ImagesView place={PLACE} shape={{ ...IMAGES, start: 200, total: 500 }} page={1} onPage={(page) => pages.push(page)} />)
  expect(page().querySelector('[role=status]')?.textContent).toBe('201–203 of 500 images')
  pressed(tiles()[0] ?? '')
  act(() => page().querySelector<HTMLButtonElement>('[aria-label="Rows after"]')?.click())
  expect(pages).toEqual([2])
  expect(page().querySelector('.opened')).toBeNull()
})
