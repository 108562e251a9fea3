import type { Component } from '@assay/api'
import { expect, test } from 'vitest'

import { converting, type Offer } from '../../src/state/catalog.ts'
import { beside } from '../../src/state/trail.ts'
import { worst } from '../../src/state/whole.ts'

const TABLE = { File: null, Dataset: 'File', Predictions: 'Dataset', Folder: null, Images: 'Folder', Model: 'Folder', Metrics: 'File' }

function offer(use: string, inputs: Readonly<Record<string, string>>, outputs: Readonly<Record<string, string>>): Offer {
  const ports = (map: Readonly<Record<string, string>>) =>
    Object.entries(map).map(([name, type]) => ({ name: name.replace('?', ''), type, optional: name.endsWith('?'), help: '' }))
  return { use, component: { name: use, inputs: ports(inputs), outputs: ports(outputs) } as unknown as Component }
}

const OFFERS = [
  offer('any/file', { file: 'File' }, { dataset: 'Dataset' }),
  offer('transform/predict', { model: 'Model', images: 'Images' }, { predictions: 'Predictions' }),
  offer('transform/guess', { images: 'Images', 'more?': 'File' }, { text: 'File', predictions: 'Predictions' }),
  offer('evaluate/all', { tables: 'list[Dataset]' }, { metrics: 'Metrics' }),
]

test('what stands between is sorted by how little else it asks for', () => {
  expect(converting(OFFERS, 'Images', 'Predictions', TABLE).map(({ use, port, output }) => [use, port, output])).toEqual([
    ['transform/guess', 'images', 'predictions'],
    ['transform/predict', 'images', 'predictions'],
  ])
})

test('a list is joined by what takes lists; nothing is made of nothing', () => {
  expect(converting(OFFERS, 'list[Dataset]', 'Metrics', TABLE).map((one) => one.use)).toEqual(['evaluate/all'])
  expect(converting(OFFERS, 'Metrics', 'Images', TABLE)).toEqual([])
})

test.each([
  ['a/b.pipeline.yaml', './c.yaml', 'a/c.yaml'],
  ['a/b.pipeline.yaml', '../c/d.yaml', 'c/d.yaml'],
  ['b.pipeline.yaml', './c/d.yaml', 'c/d.yaml'],
])('%s uses %s: %s', (path, use, found) => {
  expect(beside(path, use)).toBe(found)
})

test.each([
  [['succeeded', 'failed', 'running'], 'failed'],
  [['succeeded', 'skipped'], 'succeeded'],
  [['reused', 'running'], 'running'],
  [['skipped'], 'skipped'],
  [[], ''],
])('%j is %s', (statuses, whole) => {
  expect(worst(statuses)).toBe(whole)
})
