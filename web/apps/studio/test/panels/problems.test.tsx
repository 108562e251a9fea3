// @vitest-environment jsdom
import type { Fault } from '@assay/api'
import { PipelineDocument } from '@assay/document'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { Problems } from '../../src/panels/Problems.tsx'
import { useEditor } from '../../src/state/editor.ts'
import { clean, page, pressed, served, shown, until } from '../rendered.tsx'

const TEXT = 'assay: 1\nname: toy\nsteps:\n  read: {use: ./steps.py:people}\n  tell: {use: ./steps.py:tel, in: {table: read.dataset}}\n'
const AT = TEXT.indexOf('tel,')
const FIX = { title: "write 'tell'", start: AT, end: AT + 3, text: 'tell' }

function fault(more: Partial<Fault>): Fault {
  return { code: 'unknown', severity: 'error', message: 'wrong', culprit: '', hint: '', location: { file: 'toy.yaml', line: 5, column: 20 }, fixable: false, fix: null, ...more }
}

beforeEach(() => {
  const document = new PipelineDocument(TEXT)
  document.subscribe(() => useEditor.setState({ text: document.text, graph: document.graph }))
  useEditor.setState({ path: 'toy.yaml', document, text: TEXT, savedText: TEXT, graph: document.graph, selected: [], notice: '' })
})
afterEach(clean)

const list = () => [...page().querySelectorAll('li')].map((one) => one.textContent)

test('each problem has its place, its code and its hint; errors and warnings are told apart', () => {
  useEditor.setState({ faults: [fault({ hint: "did you mean 'tell'?" }), fault({ severity: 'warning', location: null, code: 'spare' })] })
  shown(<Problems />)
  expect(list()).toEqual(["5:20 unknown wrong did you mean 'tell'?", ' spare wrong '])
  expect([...page().querySelectorAll('li')].map((one) => one.className)).toEqual(['problem problem-error', 'problem problem-warning'])
})

test('Fix changes what is wrong and nothing else, under a name that Undo shows', () => {
  useEditor.setState({ faults: [fault({ fixable: true, fix: FIX })] })
  shown(<Problems />)
  expect(page().textContent).not.toContain('Fix all')
  pressed('Fix')
  expect(useEditor.getState().text).toBe(TEXT.replace('tel,', 'tell,'))
  expect(useEditor.getState().document?.undoLabel).toBe("write 'tell'")
  expect(useEditor.getState().notice).toBe("write 'tell'")
})

test('Fix all has the server mend the text as it stands, in one change', async () => {
  const asked = served({ 'POST /api/fix': () => ({ text: TEXT.replace('tel,', 'tell,'), fixed: 2 }) })
  useEditor.setState({ faults: [fault({ fixable: true, fix: FIX }), fault({ fixable: true, fix: FIX })] })
  shown(<Problems />)
  pressed('Fix all (2)')
  await until(() => useEditor.getState().text.includes('tell,'))
  expect(asked[0]?.body).toEqual({ path: 'toy.yaml', text: TEXT })
  useEditor.getState().document?.undo()
  expect(useEditor.getState().text).toBe(TEXT)
})

test('a problem leads to its step; one of another pipeline names that file and opens it', async () => {
  const asked = served({ 'GET /api/documents/{path}': () => ({ path: 'inner.yaml', text: TEXT, etag: 'e' }), 'POST /api/check': () => ({ ok: true, faults: [], components: {} }) })
  useEditor.setState({ faults: [fault({ location: { file: 'toy.yaml', line: 4, column: 3 } }), fault({ location: { file: 'inner.yaml', line: 2, column: 1 } })] })
  shown(<Problems />)
  const [here, elsewhere] = [...page().querySelectorAll<HTMLElement>('.problem button')]
  if (!here || !elsewhere) throw new Error('no problems')
  pressed(here)
  expect(useEditor.getState().selected).toEqual(['read'])
  expect(elsewhere.textContent).toContain('inner.yaml:2:1')
  pressed(elsewhere)
  await until(() => useEditor.getState().path === 'inner.yaml')
  expect(asked[0]?.path).toBe('/api/documents/inner.yaml')
})
