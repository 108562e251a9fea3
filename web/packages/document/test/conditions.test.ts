import { expect, test } from 'vitest'

import { outline, PipelineDocument, renameStep } from '../src/index.ts'

const TEXT = `assay: 1
name: p
steps:
  train: {use: x/y}
  judge: {use: x/z, if: train.auroc > 0.5 and params.train.x != "train.csv", in: {m: train.model}, with: {in: train.csv, file: train.csv}}
`

test('a condition names steps without a sign: it is a wire, and follows a rename', () => {
  const value = outline(TEXT).graph?.edges.filter((edge) => edge.kind === 'value')
  expect(value).toEqual([{ source: { step: 'train', port: 'auroc' }, target: { step: 'judge', port: 'if' }, kind: 'value' }])
  const document = new PipelineDocument(TEXT)
  document.run(renameStep('train', 'fit'))
  expect(document.text).toBe(
    TEXT.replace('  train:', '  fit:').replace('train.auroc', 'fit.auroc').replace('m: train.model', 'm: fit.model'),
  )
})
