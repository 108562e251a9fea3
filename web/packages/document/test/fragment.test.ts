import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { fragment, pasted, stepsIn } from '../src/fragment.ts'
import { outline, PipelineDocument } from '../src/index.ts'
import { SAMPLE } from './sample.ts'

const namesOf = (text: string) => stepsIn(text)?.graph?.steps.map((step) => step.name)

function paste(text: string, target = SAMPLE, at: readonly [number, number] | null = null): PipelineDocument {
  const document = new PipelineDocument(target)
  const found = pasted(document.graph, text, at)
  if (found) document.run(found.command)
  expect(document.outline.problem, document.text).toBeNull()
  return document
}

const stepOf = (document: PipelineDocument, name: string) => document.graph?.steps.find((step) => step.name === name)

test('steps are copied in the words of the file, comments inside included', () => {
  expect(fragment(outline(SAMPLE), ['train', 'scans'], { train: [2, 0.333] })).toBe(`steps:
  train:
    use: train/image-classifier
    in: {train: split.train, validation: split.validation}
    with:
      epochs: $params.epochs   # passes
      rate: 1e-3

    # what it may hold
    resources: {cpu: 2, memory: 4Gi}
  scans:   {use: input/ct-phantom,            with: {patients: 240, seed: 7}}
layout:
  train: [2, 0.33]
`)
})

test('nothing selected is nothing copied', () => {
  expect(fragment(outline(SAMPLE), ['gone'])).toBe('')
})

describe('what a text holds', () => {
  const README = 'Use it like this:\n\n```yaml\nsteps:\n  a: {use: i/a}\n  b: {use: t/b, in: {p: a.o}}\n```\n\nEnjoy.\n'
  test.each([
    ['a pipeline', SAMPLE, ['scans', 'split', 'train', 'judge']],
    ['steps alone', 'a: {use: i/a}\nb:\n  use: t/b\n', ['a', 'b']],
    ['a fenced block of a page', README, ['a', 'b']],
    ['the same with line ends of Windows', README.replaceAll('\n', '\r\n'), ['a', 'b']],
    ['an indented block of a page', 'Text.\n\n    steps:\n      a: {use: i/a}\n\nMore.\n', ['a']],
    ['indented as in a file', '  a: {use: i/a}\n  b: {use: i/b}\n', ['a', 'b']],
    ['a sentence', 'Dear all, please find attached', undefined],
    ['other YAML', 'services:\n  web: {image: x}\n', undefined],
    ['broken YAML', 'steps: [', undefined],
    ['nothing', '', undefined],
  ])('%s', (_, text, names) => {
    expect(namesOf(text)).toEqual(names)
  })
})

test('pasting renames on a clash, keeps wires among what is pasted, and is one undo', () => {
  const text = fragment(outline(SAMPLE), ['split', 'train'], { split: [1, 0], train: [2, 1] })
  const document = paste(text, SAMPLE, [5, 5])
  expect(stepOf(document, 'train-2')?.inputs).toEqual({ train: [{ step: 'split-2', port: 'train' }], validation: [{ step: 'split-2', port: 'validation' }] })
  expect(stepOf(document, 'split-2')?.inputs).toEqual({ images: [{ step: 'scans', port: 'images' }] })
  expect([stepOf(document, 'split-2')?.at, stepOf(document, 'train-2')?.at]).toEqual([[5, 5], [6, 6]])
  expect(document.text).toContain('      epochs: $params.epochs   # passes\n      rate: 1e-3\n\n    # what it may hold\n')
  expect(document.undoLabel).toBe('Paste 2 steps')
  document.undo()
  expect(document.text).toBe(SAMPLE)
})

test('in another file, wires to what is not there are cut and the others stay', () => {
  const document = paste(fragment(outline(SAMPLE), ['split', 'judge']), 'assay: 1\nname: other\nsteps:\n  train: {use: x/y}\n')
  expect(stepOf(document, 'split')?.inputs).toEqual({})
  expect(stepOf(document, 'judge')?.inputs).toEqual({ many: [{ step: 'train', port: 'model' }, { step: 'split', port: 'test' }] })
})

test.each([['assay: 1\nname: x\nsteps: {}\n'], ['assay: 1\nname: x\n'], ['assay: 1\nname: x\nsteps: {a: {use: i/a}}\n'], ['assay: 1\r\nname: x\r\nsteps:\r\n    a: {use: i/a}\r\n']])(
  'any pipeline takes them: %j',
  (target) => {
    const document = paste(SAMPLE, target)
    expect(document.graph?.steps.map((step) => step.name)).toEqual(expect.arrayContaining(['scans', 'split', 'train', 'judge']))
    expect(stepOf(document, 'train')?.values).toEqual({ epochs: '$params.epochs', rate: 0.001 })
  },
)

test('a name with a number gets the next one', () => {
  const document = paste('a-2: {use: i/a}\n', 'assay: 1\nname: x\nsteps:\n  a-2: {use: i/a}\n')
  expect(document.graph?.steps.map((step) => step.name)).toEqual(['a-2', 'a-3'])
})

test('what is copied and pasted is the same but for names, whatever is chosen', () => {
  fc.assert(
    fc.property(fc.subarray(['scans', 'split', 'train', 'judge'], { minLength: 1 }), (names) => {
      const document = paste(fragment(outline(SAMPLE), names))
      expect(document.graph?.steps).toHaveLength(4 + names.length)
      for (const name of names) {
        const [before, after] = [stepOf(document, name), stepOf(document, `${name}-2`)]
        const spoken = (step: typeof before) => JSON.stringify([step?.use, step?.values, step?.inputs]).replaceAll('-2', '')
        expect(spoken(after)).toBe(spoken(before))
      }
    }),
    { seed: 5 },
  )
})

test('a step whose name is none is not pasted', () => {
  expect(paste('steps:\n  "<img src=x onerror=alert(1)>": {use: i/a}\n').text).toBe(SAMPLE)
  expect(paste('steps:\n  "a: b": {use: i/a}\n  ok: {use: i/a}\n').graph?.steps.map((step) => step.name).at(-1)).toBe('ok')
})

const piece = fc.constantFrom('steps:', '\n', '  ', 'a:', ' {use: i/a}', 'b: {use: x/y, in: {p: a.o}}', '- ', '```yaml\n', '```', '#c', '"', '[', '}', 'scans: {use: a/b}', '\t', ': ', '|', '? ', 'layout: {a: [0, 1]}', '$a.o')

test('whatever is pasted, the text parses and one undo gives the same bytes', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ maxLength: 200 }), fc.array(piece, { maxLength: 14 }).map((parts) => parts.join(''))), (text) => {
      const document = paste(text, SAMPLE, [1, 2])
      document.undo()
      expect(document.text).toBe(SAMPLE)
    }),
    { numRuns: 300, seed: 5 },
  )
})
