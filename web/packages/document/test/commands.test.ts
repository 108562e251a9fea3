import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  addStep,
  bindSecret,
  clearValue,
  connect,
  disconnect,
  freshName,
  moveSteps,
  outline,
  PipelineDocument,
  removeSteps,
  renameStep,
  setParam,
  setValue,
  type Command,
  type Json,
} from '../src/index.ts'
import { SAMPLE } from './sample.ts'

function after(command: Command, text = SAMPLE): string {
  const document = new PipelineDocument(text)
  document.run(command)
  return document.text
}

function changedLines(text: string, before = SAMPLE): string[] {
  const old = new Set(before.split('\n'))
  return text.split('\n').filter((line) => !old.has(line))
}

describe('one change touches one line', () => {
  const table: [string, Command, string[]][] = [
    ['a value in a flow map', setValue('scans', 'patients', 12), [
      '  scans:   {use: input/ct-phantom,            with: {patients: 12, seed: 7}}',
    ]],
    ['a value in a block map', setValue('train', 'rate', 0.01), ['      rate: 0.01']],
    ['a value with a comment behind', setValue('train', 'epochs', 3), ['      epochs: 3   # passes']],
    ['a new value in a block map', setValue('train', 'seed', 1), ['      seed: 1']],
    ['a new value where nothing was set', setValue('split', 'seed', 1), [
      '  split:   {use: transform/split-by-patient,  in: {images: scans.images}, with: {seed: 1}}',
    ]],
    ['a text that needs quotes', setValue('scans', 'seed', 'a, b: {c}'), [
      '  scans:   {use: input/ct-phantom,            with: {patients: 240, seed: "a, b: {c}"}}',
    ]],
    ['a text that looks like a truth', setValue('train', 'rate', 'no'), ['      rate: "no"']],
    ['a wire', connect({ step: 'scans', port: 'images' }, { step: 'train', port: 'train', many: false }), [
      '    in: {train: scans.images, validation: split.validation}',
    ]],
    ['a place', moveSteps({ split: [2, 1.234] }), ['  split: [2, 1.23]']],
    ['a first place', moveSteps({ judge: [3, 0] }), ['  judge: [3, 0]']],
    ['a wire taken away', disconnect({ step: 'split', port: 'train' }, { step: 'train', port: 'train' }), [
      '    in: {validation: split.validation}',
    ]],
  ]
  test.each(table)('%s', (_, command, lines) => {
    const text = after(command)
    expect(changedLines(text)).toEqual(lines)
    expect(outline(text).problem).toBeNull()
  })
})

test('an input of many takes another', () => {
  const text = after(connect({ step: 'scans', port: 'images' }, { step: 'judge', port: 'many', many: true }))
  expect(outline(text).graph?.steps.at(-1)?.inputs.many).toEqual([
    { step: 'train', port: 'model' },
    { step: 'split', port: 'test' },
    { step: 'scans', port: 'images' },
  ])
})

test('the last wire of a step takes the empty map with it', () => {
  const text = after(disconnect({ step: 'scans', port: 'images' }, { step: 'split', port: 'images' }))
  expect(changedLines(text)).toEqual(['  split:   {use: transform/split-by-patient}'])
})

test('a value goes, the others and their comments stay', () => {
  const text = after(clearValue('train', 'rate'))
  expect(text).toBe(SAMPLE.replace('      rate: 1e-3\n', ''))
})

test('a step is added wired and placed, and one undo takes it away', () => {
  const document = new PipelineDocument(SAMPLE)
  const inputs = { model: { step: 'train', port: 'model' } }
  document.run(addStep({ name: 'predict', use: 'transform/predict', at: [3, 1], inputs }))
  expect(changedLines(document.text)).toEqual([
    '  predict: {use: transform/predict, in: {model: train.model}}',
    '  predict: [3, 1]',
  ])
  expect(document.undoLabel).toBe('Add predict')
  document.undo()
  expect(document.text).toBe(SAMPLE)
})

test('a removed step is spoken of no more', () => {
  const text = after(removeSteps(['split']))
  const graph = outline(text).graph
  expect(graph?.steps.map((step) => step.name)).toEqual(['scans', 'train', 'judge'])
  expect(graph?.steps.find((step) => step.name === 'train')?.inputs).toEqual({})
  expect(graph?.steps.find((step) => step.name === 'judge')?.inputs.many).toEqual([{ step: 'train', port: 'model' }])
  expect(text).toContain('# what it may hold')
  expect(text).toContain('mood: good')
})

test('a renamed step is renamed everywhere', () => {
  const text = after(renameStep('train', 'fit'))
  const graph = outline(text).graph
  expect(graph?.edges.filter((edge) => edge.source.step === 'fit').map((edge) => edge.kind)).toEqual(['port', 'value'])
  expect(text).toContain('if: $fit.auroc > 0.9')
  expect(text).toContain('- fit.model')
  expect(text).not.toMatch(/\btrain\./)
  expect(text).toContain('use: train/image-classifier')
})

test('two steps never share a name', () => {
  const graph = outline(SAMPLE).graph
  expect(freshName(graph, 'train/train@1')).toBe('train-2')
  expect(freshName(graph, './steps.py:clean')).toBe('clean')
  expect(freshName(graph, './explore.ipynb')).toBe('explore')
  expect(after(renameStep('train', 'split'))).toBe(SAMPLE)
})

test.each([
  ['assay: 1\nname: x\nsteps: {}\n'],
  ['assay: 1\nname: x\nsteps:\n'],
  ['assay: 1\nname: x\n'],
  ['assay: 1\nname: x'],
])('an empty pipeline takes its first step: %j', (text) => {
  const graph = outline(after(addStep({ name: 'a', use: 'input/a', at: [0, 0] }), text)).graph
  expect(graph?.steps).toMatchObject([{ name: 'a', use: 'input/a', at: [0, 0] }])
})

test('line ends of Windows stay', () => {
  const text = SAMPLE.replaceAll('\n', '\r\n')
  const changed = after(setValue('train', 'seed', 1), text)
  expect(changed.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
  expect(after(clearValue('train', 'rate'), text)).toBe(text.replace('      rate: 1e-3\r\n', ''))
})

test('a broken text is not changed by the canvas, and the last good graph stays', () => {
  const document = new PipelineDocument(SAMPLE)
  document.type(SAMPLE.replace('steps:', 'steps: ['))
  expect(document.outline.problem?.line).toBeGreaterThan(0)
  expect(document.graph?.steps).toHaveLength(4)
  expect(document.run(setValue('scans', 'seed', 1))).toBe(false)
})

test('what is typed in one go is undone in one go', () => {
  let now = 0
  const document = new PipelineDocument('assay: 1\n', () => now)
  for (const text of ['assay: 1\nn', 'assay: 1\nna', 'assay: 1\nnam']) {
    now += 100
    document.type(text)
  }
  now += 5000
  document.type('assay: 1\nname')
  document.undo()
  expect(document.text).toBe('assay: 1\nnam')
  document.undo()
  expect(document.text).toBe('assay: 1\n')
  document.redo()
  expect(document.text).toBe('assay: 1\nnam')
})

const names = fc.constantFrom('scans', 'split', 'train', 'judge', 'new', 'step-2', 'gone')
const json: fc.Arbitrary<Json> = fc.oneof(
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.string(),
  fc.constantFrom('$train.auroc', 'a: b', '# c', '"', "'", '\n', '  x ', '- y', '{', '😀', 'null', '1e3', '0x1'),
  fc.array(fc.string(), { maxLength: 3 }),
  fc.dictionary(fc.constantFrom('k', 'a b', 'x:'), fc.string(), { maxKeys: 2 }),
)
const commands: fc.Arbitrary<Command> = fc.oneof(
  fc.tuple(names, names).map(([name, use]) => addStep({ name, use: `input/${use}`, at: [1, 2] })),
  fc.array(names, { minLength: 1, maxLength: 2 }).map((list) => removeSteps(list)),
  fc.tuple(names, names).map(([a, b]) => renameStep(a, b)),
  fc.tuple(names, names, fc.boolean()).map(([a, b, many]) => connect({ step: a, port: 'p' }, { step: b, port: 'q', many })),
  fc.tuple(names, names).map(([a, b]) => disconnect({ step: a, port: 'p' }, { step: b, port: 'q' })),
  fc.tuple(names, json).map(([name, value]) => setValue(name, 'v', value)),
  names.map((name) => clearValue(name, 'v')),
  fc.tuple(names, fc.integer(), fc.integer()).map(([name, x, y]) => moveSteps({ [name]: [x, y] })),
)

test('to clear what is not set leaves the only other value alone', () => {
  const text = 'assay: 1\nsteps:\n  train: {use: train/image-classifier, with: {epochs: 3}}\n'
  expect(after(clearValue('train', 'seed'), text)).toBe(text)
})

test('a secret is bound by its name, and what was written as its value goes', () => {
  const document = new PipelineDocument('assay: 1\nsteps:\n  judge: {use: gate/judge, with: {key: abc, policy: research}}\n')
  document.run(bindSecret('judge', 'key', 'SIGNING_KEY'))
  expect(document.text).toBe('assay: 1\nsteps:\n  judge: {use: gate/judge, with: {policy: research}, secrets: {key: SIGNING_KEY}}\n')
  document.run(bindSecret('judge', 'key', 'OTHER'))
  expect(document.text).toContain('secrets: {key: OTHER}}')
  document.run(bindSecret('judge', 'key', ''))
  expect(document.text).toBe('assay: 1\nsteps:\n  judge: {use: gate/judge, with: {policy: research}}\n')
})

test('a parameter of the pipeline gets another default, in the form that it is written in', () => {
  const text = 'assay: 1\nparams:\n  epochs: {type: int, default: 8, min: 1}  # passes\n  size: 64\n  out:\n    type: str\nsteps: {}\n'
  const document = new PipelineDocument(text)
  document.run(setParam('epochs', 3))
  document.run(setParam('size', 32))
  document.run(setParam('out', 'there'))
  expect(document.text).toBe(text.replace('default: 8', 'default: 3').replace('size: 64', 'size: 32').replace('    type: str\n', '    type: str\n    default: there\n'))
  expect(document.undoLabel).toBe('Change out')
})

test('300 random commands undone give the same bytes, and the text parses after each', () => {
  fc.assert(
    fc.property(fc.array(commands, { minLength: 1, maxLength: 60 }), (list) => {
      const document = new PipelineDocument(SAMPLE)
      let done = 0
      for (const command of list) {
        if (document.run(command)) done++
        expect(document.outline.problem, `${command.label}\n${document.text}`).toBeNull()
      }
      const last = document.text
      for (let count = 0; count < done; count++) document.undo()
      expect(document.text).toBe(SAMPLE)
      for (let count = 0; count < done; count++) document.redo()
      expect(document.text).toBe(last)
    }),
    { numRuns: 60, seed: 7 },
  )
})

test('a value that is set is the value that is read', () => {
  fc.assert(
    fc.property(names, json, (name, value) => {
      const graph = outline(after(setValue(name, 'v', value))).graph
      const step = graph?.steps.find((one) => one.name === name)
      if (step?.use) expect(step.values.v).toEqual(value)
    }),
    { numRuns: 300, seed: 3 },
  )
})

test('a new part of the file is written one entry a line', () => {
  const text = after(moveSteps({ a: [0, 0], b: [1, 0] }), 'assay: 1\nname: x\nsteps:\n  a: {use: x/y}\n  b: {use: x/y}\n')
  expect(text).toBe('assay: 1\nname: x\nsteps:\n  a: {use: x/y}\n  b: {use: x/y}\nlayout:\n  a: [0, 0]\n  b: [1, 0]\n')
})
