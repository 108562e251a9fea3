import fc from 'fast-check'
import { expect, test } from 'vitest'

import {
  addGroup,
  addNote,
  freshAnnotation,
  moveThings,
  outline,
  PipelineDocument,
  removeSteps,
  removeThings,
  renameStep,
  resizeNote,
  setGroup,
  setNote,
  ungroup,
  type Command,
} from '../src/index.ts'
import { SAMPLE } from './sample.ts'

const ANNOTATED = `${SAMPLE}notes:
  why:   {text: "**Patients**, not images", at: [1, -1]}   # for the reader
groups:
  learning: {steps: [split, train], colour: blue, mood: x}
  short: [judge]
`

function after(command: Command, text = ANNOTATED): string {
  const document = new PipelineDocument(text)
  document.run(command)
  expect(document.outline.problem).toBeNull()
  const changed = document.text
  while (document.undoLabel) document.undo()
  expect(document.text).toBe(text)
  return changed
}

const graphOf = (text: string) => outline(text).graph

test('notes and groups are read, a step is in the first group that counts it', () => {
  const graph = graphOf(`${ANNOTATED}  third: {steps: [train, scans, gone], title: Third, collapsed: true, colour: pink}\n`)
  expect(graph?.notes).toEqual([{ name: 'why', text: '**Patients**, not images', at: [1, -1], size: null }])
  expect(graph?.groups).toEqual([
    { name: 'learning', title: 'learning', steps: ['split', 'train'], colour: 'blue', collapsed: false },
    { name: 'short', title: 'short', steps: ['judge'], colour: 'grey', collapsed: false },
    { name: 'third', title: 'Third', steps: ['scans'], colour: 'grey', collapsed: true },
  ])
})

test('a file without any has none', () => {
  expect(graphOf(SAMPLE)).toMatchObject({ notes: [], groups: [] })
})

const lines: [string, Command, string, string][] = [
  ['a note moves', moveThings({}, { why: [2, 3.456] }), 'at: [1, -1]', 'at: [2, 3.46]'],
  ['a note says something else', setNote('why', 'a\n# b: "c"'), '"**Patients**, not images"', '"a\\n# b: \\"c\\""'],
  ['a frame has a title', setGroup('learning', 'title', 'Fit: it', 'x'), 'mood: x}', 'mood: x, title: "Fit: it"}'],
  ['a frame is grey again', setGroup('learning', 'colour', 'grey', 'x'), 'colour: blue, ', ''],
  ['a short frame gets a colour', setGroup('short', 'colour', 'red', 'x'), 'short: [judge]', 'short: {steps: [judge], colour: red}'],
  ['a frame closes', setGroup('learning', 'collapsed', true, 'x'), 'mood: x}', 'mood: x, collapsed: true}'],
]
test.each(lines)('%s, and nothing else changes', (_, command, old, now) => {
  expect(after(command)).toBe(ANNOTATED.replace(old, now))
})

test('a first note and a first group make their part of the file, one entry a line', () => {
  expect(after(addNote('note-1', 'Look', [0, 1]), SAMPLE)).toBe(`${SAMPLE}notes:\n  note-1: {text: Look, at: [0, 1]}\n`)
  expect(after(addGroup('g', ['split', 'train']), SAMPLE)).toBe(`${SAMPLE}groups:\n  g: {steps: [split, train]}\n`)
})

test('a step that is grouped leaves its group; an empty group goes', () => {
  expect(graphOf(after(addGroup('new', ['train', 'judge'])))?.groups.map(({ name, steps }) => [name, steps])).toEqual([
    ['learning', ['split']],
    ['new', ['train', 'judge']],
  ])
})

test('a removed step leaves its group, a renamed one stays in it', () => {
  expect(graphOf(after(removeSteps(['judge', 'split'])))?.groups).toMatchObject([{ name: 'learning', steps: ['train'] }])
  expect(graphOf(after(renameStep('split', 'parts')))?.groups[0]?.steps).toEqual(['parts', 'train'])
})

test('steps, notes and frames go as one change; what was in a frame stays', () => {
  const graph = graphOf(after(removeThings({ steps: ['scans'], notes: ['why'], groups: ['learning'] })))
  expect(graph?.steps.map((step) => step.name)).toEqual(['split', 'train', 'judge'])
  expect(graph?.notes).toEqual([])
  expect(graph?.groups.map((group) => group.name)).toEqual(['short'])
  expect(graphOf(after(ungroup(['learning', 'short'])))?.groups).toEqual([])
})

test('what is not there is not made by changing it', () => {
  expect(after(setNote('gone', 'x'))).toBe(ANNOTATED)
  expect(after(resizeNote('gone', [0, 0], [1, 1]))).toBe(ANNOTATED)
  expect(after(setGroup('gone', 'title', 'x', 'x'))).toBe(ANNOTATED)
})

test('the last note takes its part of the file with it', () => {
  expect(after(removeThings({ steps: [], notes: ['why'], groups: ['learning', 'short'] }))).toBe(SAMPLE)
})

test('fresh names', () => {
  const graph = graphOf(after(addNote('note-1', '', [0, 0])))
  expect(freshAnnotation(graph, 'note')).toBe('note-2')
  expect(freshAnnotation(graph, 'group')).toBe('group-1')
})

const some = fc.constantFrom('why', 'note-1', 'gone')
const groups = fc.constantFrom('learning', 'short', 'g')
const steps = fc.uniqueArray(fc.constantFrom('scans', 'split', 'train', 'judge'), { minLength: 1, maxLength: 3 })
const words = fc.oneof(fc.string(), fc.constantFrom('a: b', '# c', '<img src=x onerror=alert(1)>', '\u202eabc', '- [ ] x\n\n```\ncode\n```'))
const commands: fc.Arbitrary<Command> = fc.oneof(
  fc.tuple(some, words).map(([name, text]) => addNote(name, text, [1, 2])),
  fc.tuple(some, words).map(([name, text]) => setNote(name, text)),
  fc.tuple(some, fc.integer()).map(([name, x]) => moveThings({ split: [x, 0] }, { [name]: [x, 1] })),
  some.map((name) => resizeNote(name, [0, 0], [2, 1])),
  fc.tuple(groups, steps).map(([name, list]) => addGroup(name, list)),
  fc.tuple(groups, words).map(([name, text]) => setGroup(name, 'title', text, 'x')),
  fc.tuple(groups, fc.boolean()).map(([name, shut]) => setGroup(name, 'collapsed', shut, 'x')),
  fc.tuple(steps, some, groups).map(([list, note, group]) => removeThings({ steps: list, notes: [note], groups: [group] })),
  groups.map((name) => ungroup([name])),
  fc.constantFrom('scans', 'new').map((name) => renameStep('split', name)),
)

test('random changes of notes and groups parse, keep each step in one group, and undo to the same bytes', () => {
  fc.assert(
    fc.property(fc.array(commands, { minLength: 1, maxLength: 30 }), (list) => {
      const document = new PipelineDocument(ANNOTATED)
      for (const command of list) {
        document.run(command)
        expect(document.outline.problem, `${command.label}\n${document.text}`).toBeNull()
        const members = document.graph?.groups.flatMap((group) => group.steps) ?? []
        expect(new Set(members).size).toBe(members.length)
      }
      while (document.undoLabel) document.undo()
      expect(document.text).toBe(ANNOTATED)
    }),
    { numRuns: 80, seed: 11 },
  )
})
