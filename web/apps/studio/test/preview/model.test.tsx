// @vitest-environment jsdom
import type { Preview } from '@assay/api'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { ModelView } from '../../src/preview/ModelView.tsx'
import { clean, page, shown, until } from '../rendered.tsx'

const EVIL = '<img src=x onerror=alert(1)>'
const IMAGES = {
  format: 1,
  labels: ['other', 'covid'],
  positive: 'covid',
  threshold: { value: 0.4321, rule: 'youden', chosen_on: 'validation' },
  synthetic: true,
  preprocessing: { intensity: 'hounsfield', modality: 'CT', window: [-600, 1500], size: 128, mean: [0.5], std: [0.25], later: EVIL },
  training: {
    network: 'small-resnet', pretrained: '', weights: 174_000, epochs_run: 8, best_epoch: 6, learning_rate: 1e-5, flip: false, validation_auroc: 0.875,
    versions: { torch: '2.13.0' },
    data: { train: { images: 40, patients: 20, labels: { covid: 18, other: 22 }, sha256: 'a'.repeat(64) } },
    federated: { rounds: 3, sites: { north: { train: { images: 4 } } } },
  },
  onnx: { opset: 18, largest_difference: 2.5e-7, images_checked: 64 },
}
const CURVE = `<svg xmlns="http://www.w3.org/2000/svg"><metadata class="vega-lite">${JSON.stringify({ title: 'Learning curve', data: { values: [{ line: 'loss', x: 1, y: 0.5 }, { line: 'loss', x: 2, y: 0.25 }] } })}</metadata></svg>`

beforeEach(() => vi.stubGlobal('fetch', () => Promise.resolve(new Response(CURVE))))
afterEach(() => {
  clean()
  vi.unstubAllGlobals()
})

function told(body: unknown, curves: Extract<Preview, { kind: 'model' }>['curves'] = []): Record<string, string> {
  shown(<ModelView run="r1" shape={{ kind: 'model', body, curves }} />)
  return Object.fromEntries([...page().querySelectorAll('.facts tr')].map((row) => [row.querySelector('th')?.textContent ?? '', row.querySelector('td')?.textContent ?? '']))
}

test('a model of images says its classes, what is done to a picture before, and how it was fitted, in words', () => {
  const rows = told(IMAGES)
  expect(rows).toMatchObject({
    'Classes, in order': 'other, covid',
    'Positive class': 'covid',
    'Called positive': 'at a score of at least 0.432 (youden, chosen on validation)',
    Size: '128 × 128 pixels',
    Greys: 'Hounsfield units',
    Window: 'level -600, width 1500: from -1350 HU to 150 HU',
    Normalised: 'minus 0.500, divided by 0.250',
    Network: 'small-resnet',
    'Epochs run': '8',
    'Learning rate': '1.00e-5',
    Mirrored: 'no',
    'Validation AUROC': '0.875',
    'federated, rounds': '3',
    'federated, sites, north, train, images': '4',
    'Largest difference': '2.50e-7',
    torch: '2.13.0',
    later: EVIL,
  })
  expect(rows).not.toHaveProperty('Pretrained on') // nothing was
  expect([...page().querySelectorAll('.cells td')].map((cell) => cell.textContent)).toEqual(['train', '40', '20', 'covid 18, other 22', 'a'.repeat(64)])
  expect(page().querySelector('.caution')?.textContent).toContain('no patient was imaged')
  expect(page().querySelector('img')).toBeNull()
  expect(page().querySelector<HTMLDetailsElement>('details')?.open).toBe(false)
})

test('a model over tables lists its columns with the values that training knew', () => {
  const columns = [{ name: 'age', kind: 'number', low: 17, high: 90, deviation: 13.7 }, { name: 'ward', kind: 'category', categories: ['', 'a'] }]
  told({ format: 1, kind: 'table', labels: ['no', 'yes'], positive: 'yes', columns, training: { rows: { train: 8 } } })
  expect(page().querySelector('h3')?.textContent).toBe('Columns that it takes (2)')
  expect([...page().querySelectorAll('.cells tbody tr')].map((row) => row.textContent)).toEqual(['agenumber17 … 90', 'wardcategory(missing), a'])
})

test('the learning curve of its step stands there, with its numbers', async () => {
  told(IMAGES, [{ step: 'train', port: 'curve', item: 0 }])
  await until(() => page().querySelector('.chart details tbody'))
  expect(page().querySelector('.chart figcaption')?.textContent).toBe('Learning curve')
  expect([...page().querySelectorAll('.chart tbody td')].map((cell) => cell.textContent)).toEqual(['loss', '1', '0.500', 'loss', '2', '0.250'])
})

test.each([null, [], 'text', { labels: 'covid' }, {}])('what is no model.json of ours is shown as it is: %j', (body) => {
  told(body)
  expect(page().querySelector('pre')?.textContent).toBe(JSON.stringify(body, null, 2))
})
