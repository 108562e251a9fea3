// @vitest-environment jsdom
import type { Preview } from '@assay/api'
import { act, type ReactNode } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { EvidenceView } from '../../src/preview/EvidenceView.tsx'
import { Guarded } from '../../src/preview/Guarded.tsx'
import { MetricsView } from '../../src/preview/MetricsView.tsx'
import { NotebookView } from '../../src/preview/NotebookView.tsx'
import { TableView } from '../../src/preview/TableView.tsx'
import { VerdictView } from '../../src/preview/VerdictView.tsx'

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })

const EVIL = '<img src=x onerror=alert(1)><script>alert(1)</script>'
let place: HTMLElement
let root: Root
beforeEach(() => {
  place = document.body.appendChild(document.createElement('div'))
  root = createRoot(place, { onCaughtError: () => undefined })
})
afterEach(() => {
  act(() => root.unmount())
  place.remove()
})

function shown(what: ReactNode): string {
  act(() => root.render(what))
  return place.textContent
}

test('a table tells its schema and where the page stands', () => {
  const column = { name: 'age', type: 'number' as const, missing: 0.001, distinct: 3, least: 30, most: 90, examples: [] }
  const pages: number[] = []
  const shape = { kind: 'table' as const, columns: [column], rows: [['30'], ['90']], start: 50, looked_at: 52, total: 52 }
  expect(shown(<TableView shape={shape} page={1} onPage={(page) => pages.push(page)} />)).toContain('agenumber, < 1 % empty3 different, 30 … 90')
  expect(place.querySelector('[role=status]')?.textContent).toBe('rows 51–52 of 52')
  const [before, after] = [...place.querySelectorAll('button')]
  expect(after?.disabled).toBe(true)
  act(() => before?.click())
  expect(pages).toEqual([0])
  shown(<TableView shape={{ ...shape, total: null, looked_at: 5000 }} page={1} onPage={() => undefined} />)
  expect(place.querySelectorAll('button')[1]?.disabled).toBe(false)
  expect(place.textContent).toContain('columns told by the first 5000')
})

test('a verdict tells every rule with its reason, the digest, and what weakens it', () => {
  const shape: Extract<Preview, { kind: 'verdict' }> = {
    kind: 'verdict', state: 'insufficient', reason: EVIL, by: '', model: { name: 'm', digest: 'a'.repeat(64) }, policy: { name: 'research', digest: 'b'.repeat(64) },
    evidence: [{ name: 'Groups', digest: 'c'.repeat(64) }], rules: [{ id: 'fair', title: 't', level: 'required', asks: 'low >= 1', state: 'insufficient', reason: 'too few women' }],
    judged: '2026-11-26T00:00:00Z', expires: '2026-11-27T00:00:00Z', expired: true, synthetic: true, signer: 'clinic', key: 'k'.repeat(64), digest: 'd'.repeat(64),
    signature: { holds: false, development: false, told: 'nobody here knows the key' },
  }
  const text = shown(<VerdictView shape={shape} />)
  for (const part of ['insufficient evidence', EVIL, 'fairrequiredlow >= 1insufficient evidencetoo few women', 'd'.repeat(64), 'Groups, ccc', 'nobody here knows the key', 'no patient was imaged', 'has expired']) expect(text).toContain(part)
  expect(place.querySelectorAll('.caution').length).toBe(3)
  expect(shown(<VerdictView shape={{ ...shape, state: 'overridden', by: 'A. Doe' }} />)).toContain('Overridden by A. Doe')
})

test('metrics are figures with intervals; another form is shown as it is', () => {
  expect(shown(<MetricsView body={{ figures: { auroc: { value: 0.91, low: 0.87, high: 0.94, n: 90, method: 'DeLong' }, bad: null, loss: { value: 2 } } }} />)).toContain('auroc0.910 [0.870, 0.940]90DeLongbad–loss2')
  expect(shown(<MetricsView body={{ figures: [] }} />)).toContain('"figures": []')
})

test('evidence shows its figures and tables; what has not the form does not take the page with it', () => {
  const table = { name: 't', title: EVIL, columns: ['a'], rows: [[1], [null]] }
  const body = { title: 'T', statements: [], figures: [{ name: 'f', title: 'F', png: 'AA' }], tables: [table] }
  expect(shown(<EvidenceView body={body} />)).toContain(`${EVIL} (2)`)
  expect(place.querySelector('img')?.getAttribute('src')).toBe('data:image/png;base64,AA')
  const odd = { title: 'T', statements: [], tables: [{ ...table, rows: [3] }] }
  const text = shown(
    <Guarded instead={<p>as it is</p>}>
      <EvidenceView body={odd} />
    </Guarded>,
  )
  expect(text).toBe('as it is')
})

test('a notebook is text, code and outputs; HTML stays in a frame that runs and loads nothing', () => {
  const outputs = [
    { output_type: 'stream', text: ['\u001b[31mred\u001b[0m\n', EVIL] },
    { output_type: 'execute_result', data: { 'text/html': [EVIL], 'text/plain': 'x' } },
    { output_type: 'display_data', data: { 'image/png': 'AA\n"onload=1' } },
    { output_type: 'display_data', data: { 'image/svg+xml': '<svg onload="alert(1)"/>' } },
    { output_type: 'error', traceback: ['\u001b[0;31mKeyError\u001b[0m', 'a'] },
    { output_type: 'display_data', data: { 'application/javascript': 'alert(1)' } },
    null,
  ]
  const text = shown(<NotebookView body={{ cells: [{ cell_type: 'code', source: ['a', '=1'], execution_count: 4, outputs }, { cell_type: 'markdown', source: `# Head\n${EVIL}` }, 3] }} />)
  for (const part of ['[4]', 'a=1', `red\n${EVIL}`, 'KeyError\na', 'Head']) expect(text).toContain(part)
  expect(text).not.toContain('\u001b')
  const frame = place.querySelector('iframe')
  expect(frame?.getAttribute('sandbox')).toBe('')
  expect(frame?.getAttribute('srcdoc')).toMatch(/^<meta http-equiv="Content-Security-Policy" content="default-src 'none';/)
  expect(place.querySelectorAll('script, [onerror], [onload]').length).toBe(0)
  expect([...place.querySelectorAll('img')].map((image) => image.getAttribute('src'))).toEqual(['data:image/png;base64,AAonload=1', 'data:image/svg+xml;utf8,%3Csvg%20onload%3D%22alert(1)%22%2F%3E'])
  expect(shown(<NotebookView body={{ worksheets: [] }} />)).toContain('"worksheets"')
})
