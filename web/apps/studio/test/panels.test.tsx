// @vitest-environment jsdom
import { outline } from '@assay/document'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, type ReactNode } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { Palette } from '../src/palette/Palette.tsx'
import { OutlineTable } from '../src/panels/OutlineTable.tsx'
import { Problems } from '../src/panels/Problems.tsx'
import { TrustFigures } from '../src/runs/TrustFigures.tsx'
import { useEditor } from '../src/state/editor.ts'
import { useRun } from '../src/state/run.ts'

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })

const TEXT = 'assay: 1\nname: toy\nsteps:\n  read: {use: ./steps.py:people}\n  tell: {use: evaluate/tell, in: {table: read.dataset}}\n'
let place: HTMLElement
let root: Root

beforeEach(() => {
  place = document.body.appendChild(document.createElement('div'))
  root = createRoot(place)
  useEditor.setState({ path: 'toy.yaml', text: TEXT, graph: outline(TEXT).graph, faults: [], selected: [], components: {} })
})
afterEach(() => {
  act(() => {
    root.unmount()
  })
  place.remove()
})

function shown(what: ReactNode): void {
  const queries = new QueryClient({ defaultOptions: { queries: { enabled: false } } })
  queries.setQueryData(['components'], { components: [component('input/ct-phantom', 'Make slices'), component('train/forest', 'Fit trees')], faults: [] })
  act(() => {
    root.render(<QueryClientProvider client={queries}>{what}</QueryClientProvider>)
  })
}

function component(name: string, title: string) {
  return { name, title, category: name.split('/')[0], description: '', tags: [], params: [], inputs: [], outputs: [] }
}

function click(text: string): void {
  const found = [...place.querySelectorAll('button')].find((button) => button.textContent.includes(text))
  if (!found) throw new Error(`no button ${text}`)
  act(() => {
    found.click()
  })
}

test('the outline tells each step, what feeds it and how its run went; a click selects it', () => {
  useRun.setState({ steps: { tell: { status: 'failed', seconds: 2, started: 1, progress: null, message: '', tail: [], outputs: [], reasons: [] } } })
  shown(<OutlineTable />)
  const rows = [...place.querySelectorAll('tbody tr')].map((row) => [...row.children].map((cell) => cell.textContent))
  expect(rows[0]?.slice(0, 2)).toEqual(['read', './steps.py:people'])
  expect(rows[1]).toEqual(['tell', 'evaluate/tell', 'table: read.dataset', 'failed 2.0 s'])
  click('tell')
  expect(useEditor.getState().selected).toEqual(['tell'])
})

test('a problem tells its place and leads to its step; none is said too', () => {
  shown(<Problems />)
  expect(place.textContent).toBe('No problem found.')
  const fault = { code: 'unknown-port', severity: 'error' as const, message: '<b>no port</b>', culprit: 'x', hint: 'did you mean', location: { file: 'toy.yaml', line: 5, column: 40 }, fixable: false, fix: null }
  act(() => {
    useEditor.setState({ faults: [fault] })
  })
  expect(place.querySelector('.problem')?.textContent).toContain('5:40 unknown-port <b>no port</b> did you mean')
  click('unknown-port')
  expect(useEditor.getState().selected).toEqual(['tell'])
})

test('the palette lists components by category', () => {
  shown(<Palette />)
  expect([...place.querySelectorAll('h3')].map((title) => title.textContent)).toEqual(['input', 'train'])
  expect(place.textContent).toContain('Fit trees')
})

test('trust figures whose intervals are apart are marked, and a verdict has a state alone', () => {
  const said = (value: number | null, state: string) => ({ value, low: value === null ? null : value - 0.1, high: value === null ? null : value + 0.1, n: 40, state })
  shown(
    <table>
      <tbody>
        <TrustFigures
          figures={{
            'fair: gap': { a: said(0.1, 'pass'), b: said(0.5, 'fail'), difference: 0.4 },
            'fair: near': { a: said(0.1, 'pass'), b: said(0.2, 'pass'), difference: 0.1 },
            'judge: verdict': { a: said(null, 'pass'), b: null, difference: null },
          }}
        />
      </tbody>
    </table>,
  )
  const rows = [...place.querySelectorAll('tr')].slice(1).map((row) => row.textContent)
  expect(rows).toEqual(['fair: gap0.100 [0, 0.200] pass0.500 [0.400, 0.600] fail0.400 intervals apart', 'fair: near0.100 [0, 0.200] pass0.200 [0.100, 0.300] pass0.100 ', 'judge: verdictpass '])
})
