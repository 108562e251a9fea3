// @vitest-environment jsdom
import type { ColumnsKnown, FolderEntry, Param } from '@assay/api'
import { PipelineDocument } from '@assay/document'
import { act } from 'react'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { ParamField } from '../../src/inspector/ParamField.tsx'
import { beginning, written } from '../../src/inspector/places.ts'
import { useEditor } from '../../src/state/editor.ts'
import { clean, key, page, pressed, served, shown, type, until, withDialogs, type Answers } from '../rendered.tsx'

const TEXT = 'assay: 1\nname: toy\nsteps:\n  tell: {use: ./steps.py:tell, with: {least: 3}}   # kept\n'
const BARE: Param = {
  name: 'least', type: 'int', items: null, required: false, default: 5, nullable: false, min: null, max: null, choices: [], unit: '', help: '', secret: false, path: 'any', column_of: '',
}

beforeEach(() => {
  withDialogs()
  const document = new PipelineDocument(TEXT)
  document.subscribe(() => useEditor.setState({ text: document.text, graph: document.graph }))
  useEditor.setState({ path: 'flows/toy.yaml', document, text: document.text, graph: document.graph, broken: false, components: {} })
})
afterEach(clean)

/** The step's line of the file after what was done. */
function line(): string {
  return useEditor.getState().text.split('\n')[3]?.trim() ?? ''
}

function Form({ param }: { readonly param: Param }) {
  const value = useEditor((state) => state.graph?.steps[0]?.values[param.name])
  return <ParamField step="tell" param={param} value={value} />
}

const field = () => page().querySelector<HTMLInputElement>('input, select') ?? new HTMLInputElement()

describe('the form of a parameter', () => {
  test('a number is written when the field is left, as one change that Undo takes back; Escape writes nothing', () => {
    shown(<Form param={{ ...BARE, min: 1, max: 9, unit: 'years', help: 'How old.' }} />)
    expect(field().value).toBe('3')
    expect(page().querySelector('.help')?.textContent).toBe('How old. from 1 to 9 years')
    type(field(), '4')
    expect(line()).toContain('least: 3')
    key(field(), 'Escape')
    expect(field().value).toBe('3')
    type(field(), '4')
    key(field(), 'Enter')
    expect(line()).toBe('tell: {use: ./steps.py:tell, with: {least: 4}}   # kept')
    act(() => void useEditor.getState().document?.undo())
    expect(useEditor.getState().text).toBe(TEXT)
  })

  test('what is no number is kept for the problems to tell, an empty field is the default again', () => {
    shown(<Form param={BARE} />)
    type(field(), 'many')
    key(field(), 'Enter')
    expect(line()).toContain('least: many')
    type(field(), '')
    key(field(), 'Enter')
    expect(line()).not.toContain('least')
    expect(field().value).toBe('5')
    expect(page().querySelector('.field-set')).toBeNull()
  })

  test('the way back to the default is there for a value that is set only', () => {
    shown(<Form param={BARE} />)
    pressed('Reset to the default: least')
    expect(line()).not.toContain('least')
    expect(page().querySelector('button')).toBeNull()
  })

  test('choices, truth values, lists and computed values have fields of their own', () => {
    shown(<Form param={{ ...BARE, name: 'way', type: 'str', choices: ['a', 'b'], default: 'a' }} />)
    expect([...page().querySelectorAll('option')].map((option) => option.textContent)).toEqual(['a', 'b'])
    type(field(), '"b"')
    expect(line()).toContain('way: b')
    shown(<Form param={{ ...BARE, name: 'really', type: 'bool', default: false }} />)
    pressed(field())
    expect(line()).toContain('really: true')
    shown(<Form param={{ ...BARE, name: 'cuts', type: 'list', default: null }} />)
    type(field(), '[40, 60]')
    key(field(), 'Enter')
    expect(line()).toContain('cuts: [40, 60]')
    type(field(), '$params.cuts')
    key(field(), 'Enter')
    expect(page().querySelector('.help')?.textContent).toContain('computed when the pipeline runs')
  })

  test('a secret is asked for by name, a parameter without a default says that it needs a value', () => {
    shown(<Form param={{ ...BARE, name: 'token', type: 'str', secret: true, required: true, default: null }} />)
    expect(page().textContent).toContain('The name of a secret')
    expect(page().querySelector('label')?.textContent).toBe('token needs a value')
  })
})

const COLUMNS: ColumnsKnown = {
  of: 'table', source: 'run', place: 'read.dataset', run: 'r', near: true, looked_at: 40, why: null,
  columns: ['sex', 'age', 'sexuality', '<img onerror=x>'].map((name, place) => ({ name, type: place === 1 ? 'number' : 'text', missing: place / 8, distinct: 2, least: null, most: null, examples: [] })),
}
const BY: Param = { ...BARE, name: 'by', type: 'str', default: 'sex', column_of: 'table' }

function options(): string[] {
  return [...page().querySelectorAll('[role=option]')].map((option) => option.textContent)
}
const box = () => until(() => page().querySelector<HTMLInputElement>('[role=combobox]'))
const columns = (answer: ColumnsKnown): Answers => ({ 'POST /api/columns': () => answer })

describe('a parameter that names a column', () => {
  test('offers the columns of the table with type and missing share, and takes one by the keyboard', async () => {
    const asked = served(columns(COLUMNS))
    shown(<Form param={BY} />)
    const input = await box()
    expect([input.value, input.getAttribute('aria-expanded')]).toEqual(['sex', 'false'])
    expect(asked).toHaveLength(0)
    key(input, 'ArrowDown')
    await until(() => options().length === 4)
    expect(options()).toEqual(['sex text, 0 % missing', 'age number, 13 % missing', 'sexuality text, 25 % missing', '<img onerror=x> text, 38 % missing'])
    expect(page().querySelector('img')).toBeNull()
    expect(page().querySelector('[role=status]')?.textContent).toContain('Columns of read.dataset, by the run')
    expect(asked[0]?.body).toMatchObject({ path: 'flows/toy.yaml', step: 'tell', param: 'by', text: TEXT })
    key(input, 'ArrowDown')
    key(input, 'ArrowDown')
    expect(page().querySelector(`[id="${input.getAttribute('aria-activedescendant') ?? ''}"]`)?.textContent).toContain('age')
    expect(page().querySelectorAll('[aria-selected=true]')).toHaveLength(1)
    key(input, 'Enter')
    expect(line()).toContain('by: age')
    expect(options()).toEqual([])
  })

  test('narrows the list by what is typed, and takes any other name', async () => {
    served(columns(COLUMNS))
    shown(<Form param={BY} />)
    const input = await box()
    type(input, 'sexu')
    await until(() => options().length === 1)
    key(input, 'Escape')
    expect(options()).toEqual([])
    type(input, 'age_group')
    await until(() => page().textContent.includes('No column is called so'))
    key(input, 'Enter')
    expect(line()).toContain('by: age_group')
  })

  test('says why none is known, and what to do; the field still takes a name', async () => {
    served(columns({ ...COLUMNS, source: 'none', columns: [], why: 'not-run' }))
    shown(<Form param={BY} />)
    const input = await box()
    pressed('Show the columns for by')
    await until(() => page().textContent.includes('Run the step before this one'))
    type(input, 'site')
    key(input, 'Enter')
    expect(line()).toContain('by: site')
  })

  test('says when the columns are those of a file further up', async () => {
    served(columns({ ...COLUMNS, source: 'file', place: 'data/people.csv', near: false }))
    shown(<Form param={BY} />)
    key(await box(), 'ArrowDown')
    await until(() => page().textContent.includes('Columns of data/people.csv, as the file has them'))
    expect(page().textContent).toContain('The steps between may add')
  })

  test('several columns are chips: one more is added, each can be taken away, the last gives the default back', async () => {
    served(columns(COLUMNS))
    shown(<Form param={{ ...BY, type: 'list', items: 'str', default: null }} />)
    const input = await box()
    for (const name of ['sex', 'age']) {
      type(input, name)
      await until(() => options().length > 0)
      key(input, 'ArrowDown')
      key(input, 'Enter')
    }
    expect(line()).toContain('by: [sex, age]')
    key(input, 'ArrowDown')
    await until(() => options().length === 2)
    expect(options().join()).not.toContain('age')
    pressed('Remove sex')
    expect(line()).toContain('by: [age]')
    pressed('Remove age')
    expect(line()).not.toContain('by')
  })
})

const FOLDERS: Record<string, FolderEntry[]> = {
  flows: [entry('data', true), entry('toy.yaml')],
  'flows/data': [entry('people.csv', false, 2048), entry('plants.csv')],
  '': [entry('flows', true), entry('more', true)],
  more: [],
}
function entry(name: string, folder = false, size = 7): FolderEntry {
  return { name, folder, kind: 'other', size, modified: 0 }
}
const listing: Answers = {
  'GET /api/folder': ({ query }) => {
    const path = String(query.path)
    return { path, entries: FOLDERS[path] ?? [], total: FOLDERS[path]?.length ?? 0 }
  },
}
const FILE: Param = { ...BARE, name: 'file', type: 'path', default: null, path: 'file' }

async function browsing(param: Param): Promise<HTMLInputElement> {
  served(listing)
  shown(<Form param={param} />)
  await until(() => page().querySelector('button[aria-label^=Browse]'))
  pressed(`Browse for ${param.name}`)
  const input = await until(() => page().querySelector<HTMLInputElement>('dialog [role=combobox]'))
  await until(() => options().length > 0)
  expect(document.activeElement).toBe(input)
  return input
}

describe('a parameter that names a file or folder', () => {
  test('is found in the workspace by the keyboard, and written from the folder of the pipeline', async () => {
    const input = await browsing(FILE)
    expect(options()).toEqual(['data folder', 'toy.yaml 7 B'])
    key(input, 'Enter')
    await until(() => options()[0] === 'people.csv 2.0 kB')
    type(input, 'plan')
    expect(options()).toEqual(['plants.csv 7 B'])
    key(input, 'Enter')
    expect(line()).toContain('file: data/plants.csv')
    await until(() => !page().querySelector('dialog'))
    expect(document.activeElement?.getAttribute('aria-label')).toBe('Browse for file')
  })

  test('Backspace goes up, a folder is chosen as a folder, and files are not offered where only a folder fits', async () => {
    const input = await browsing({ ...FILE, path: 'folder' })
    expect(options()).toEqual(['data folder'])
    key(input, 'Backspace')
    await until(() => options()[1] === 'more folder')
    key(input, 'ArrowDown')
    key(input, 'Enter')
    await until(() => page().textContent.includes('Nothing here matches'))
    pressed('Choose this folder: more')
    expect(line()).toContain('file: ../more')
  })

  test('a path may still be written, and what the server refuses is said', async () => {
    served({})
    shown(<Form param={FILE} />)
    type(await until(() => page().querySelector<HTMLInputElement>('input')), '/data/x.csv')
    key(field(), 'Enter')
    expect(line()).toContain('file: /data/x.csv')
    pressed('Browse for file')
    await until(() => page().querySelector('dialog')?.textContent.includes('nobody answers GET /api/folder'))
  })

  test.each([
    ['flows/toy.yaml', 'flows/data/x.csv', 'data/x.csv'],
    ['flows/toy.yaml', 'more/x.csv', '../more/x.csv'],
    ['toy.yaml', 'x.csv', 'x.csv'],
    ['a/b/toy.yaml', 'a/c', '../c'],
    ['flows/toy.yaml', 'flows', '.'],
    ['flows/toy.yaml', '', '..'],
  ])('in %s the path %s is written %s', (pipeline, path, said) => {
    expect(written(pipeline, path)).toBe(said)
  })

  test.each([
    ['flows/toy.yaml', '', false, 'flows'],
    ['flows/toy.yaml', 'data/x.csv', false, 'flows/data'],
    ['flows/toy.yaml', '../more/', true, 'more'],
    ['flows/toy.yaml', '../../etc/x', false, 'flows'],
    ['flows/toy.yaml', '/etc/x', false, 'flows'],
    ['toy.yaml', '~/x', false, ''],
  ])('in %s with %s, browsing (for a folder: %s) begins in %s', (pipeline, value, folder, where) => {
    expect(beginning(pipeline, value, folder)).toBe(where)
  })
})
