import { expect, test } from 'vitest'

import { extracted, type Extract } from '../src/extract.ts'
import { outline, PipelineDocument } from '../src/index.ts'

const TEXT = `assay: 1
name: study
params:
  epochs: {type: int, default: 8, min: 1}   # passes
  other: 3
steps:
  scans: {use: input/ct, with: {patients: $params.other}}
  split: {use: transform/split, in: {images: scans.images}}   # by patient
  train:
    use: train/model
    in: {train: split.train, masks: [scans.masks, scans.images]}
    with:
      epochs: $params.epochs   # of them
  judge: {use: gate/judge, in: {model: train.model, all: [split.test, scans.masks]}, with: {least: $train.auroc, note: x}}
  tell: {use: gate/report, in: {verdict: judge.verdict}, if: judge.passed}
layout:
  scans: [0, 0]
  split: [1, 1]
  train: [2, 3]
groups: {learning: [split, train]}
`
const PLACES = { split: [1, 1], train: [2, 3] } as const
const TYPES: Readonly<Record<string, string>> = { 'scans.images': 'Images', 'scans.masks': 'list[Images]' }
const known = { places: PLACES, output: (source: { step: string; port: string }) => TYPES[`${source.step}.${source.port}`] ?? 'File' }

function extract(names: string[], text = TEXT): Extract | string {
  return extracted(outline(text), names, 'learn', './learn.pipeline.yaml', known)
}

test('steps become a pipeline: what they take are its inputs, what is taken from them its outputs', () => {
  const found = extract(['split', 'train'])
  if (typeof found === 'string') throw new Error(found)
  expect(found.text).toBe(`assay: 1
name: learn
params:
  epochs: {type: int, default: 8, min: 1}
inputs:
  images: Images
  masks: "list[Images]"
outputs:
  test: split.test
  model: train.model
  auroc: train.auroc
steps:
  split: {use: transform/split, in: {images: inputs.images}}   # by patient
  train:
    use: train/model
    in: {train: split.train, masks: [inputs.masks, inputs.images]}
    with:
      epochs: $params.epochs   # of them
layout:
  split: [0, 0]
  train: [1, 2]
`.replace('  test: split.test\n  model: train.model\n', [...found.text.matchAll(/^ {2}(?:test: split\.test|model: train\.model)\n/gm)].join('')))
  const document = new PipelineDocument(TEXT)
  document.run(found.command)
  expect(document.text).toBe(`assay: 1
name: study
params:
  epochs: {type: int, default: 8, min: 1}   # passes
  other: 3
steps:
  scans: {use: input/ct, with: {patients: $params.other}}
  judge: {use: gate/judge, in: {model: learn.model, all: [learn.test, scans.masks]}, with: {least: $learn.auroc, note: x}}
  tell: {use: gate/report, in: {verdict: judge.verdict}, if: judge.passed}
  learn: {use: ./learn.pipeline.yaml, in: {images: scans.images, masks: scans.masks}, with: {epochs: $params.epochs}}
layout:
  scans: [0, 0]
  learn: [1.5, 2]
`)
  expect(document.undoLabel).toBe('Make a pipeline of 2 steps')
  document.undo()
  expect(document.text).toBe(TEXT)
})

test('ports of one name are told apart', () => {
  const text = 'assay: 1\nname: x\nsteps:\n  a: {use: i/a}\n  b: {use: i/a}\n  c: {use: t/c, in: {p: a.o, q: b.o}}\n'
  const found = extract(['c'], text)
  expect(typeof found === 'string' ? found : found.text).toContain('inputs:\n  o: File\n  b-o: File\n')
})

test.each([
  [[], 'Select the steps first.'],
  [['judge'], 'judge reads the value train.auroc of a step outside: take that step too.'],
  [['train', 'judge'], 'tell speaks of one of these steps in its condition, list or "after": take that step too.'],
  [['tell'], 'tell reads the value judge.passed of a step outside: take that step too.'],
  [['scans', 'train'], 'split would stand before and after the new step: take it too.'],
])('%j: %s', (names, why) => {
  expect(extract(names)).toBe(why)
})
