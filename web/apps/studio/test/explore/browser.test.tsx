// @vitest-environment jsdom
import type { Case, CaseGroup, CasePage, CaseQuestion, CaseRow, CaseTable, Outcome } from '@assay/api'
import { afterEach, beforeEach, expect, test } from 'vitest'

import Explore from '../../src/explore/Explore.tsx'
import { useExplore } from '../../src/explore/state.ts'
import { clean, key, page, pressed, served, shown, type, until } from '../rendered.tsx'

const PLACE = { run: 'r1', step: 'predict', port: 'predictions', item: 0 }
const OUTCOMES: Outcome[] = ['false negative', 'false positive', 'true negative', 'true positive']
const ROWS: CaseRow[] = Array.from({ length: 6 }, (_, number) => ({
  number, name: `images/${number}.png`, outcome: OUTCOMES[number % 4] ?? 'true positive', score: 0.1 * number, threshold: 0.5, label: 'covid', predicted: 'other', patient: `p${number}`, age: String(50 + number), sex: number % 2 ? 'M' : 'F',
}))
const TABLE: CaseTable = {
  key: 'file', positive: 'covid', lowest_threshold: 0.5, highest_threshold: 0.5, synthetic: true, everybody: group(ROWS), images: { step: 'scans', port: 'images', item: 0 }, model: null, training: null,
  columns: [
    { name: 'sex', kind: 'category', missing: 0, low: null, high: null, values: [{ value: 'F', cases: 3 }, { value: 'M', cases: 3 }] },
    { name: 'age', kind: 'number', missing: 0, low: 50, high: 55, values: [] },
    { name: 'site', kind: 'text', missing: 0, low: null, high: null, values: [] },
  ],
}

function group(rows: readonly CaseRow[]): CaseGroup {
  return { cases: rows.length, patients: rows.length, outcomes: OUTCOMES.map((outcome) => ({ outcome, cases: rows.filter((row) => row.outcome === outcome).length, patients: null })) }
}

function unknownRow(): never {
  throw new Error('no such case')
}

/** The answer of the server, for sex and outcome. */
function found(question: CaseQuestion): CasePage {
  const sexes = question.filters?.find((filter) => filter.column === 'sex')?.values
  const wanted = ROWS.filter((row) => !sexes || sexes.includes(row.sex))
  const rows = wanted.filter((row) => !question.outcomes?.length || question.outcomes.includes(row.outcome))
  return { group: group(wanted), total: rows.length, patients: rows.length, rows }
}

const CASES = '/api/runs/{run}/outputs/{step}/{port}/cases'
let asked: ReturnType<typeof served>

beforeEach(async () => {
  asked = served({
    [`GET ${CASES}`]: () => TABLE,
    [`POST ${CASES}`]: ({ body }) => found(body as CaseQuestion),
    [`GET ${CASES}/{number}`]: ({ path }): Case => ({ row: ROWS[Number(path.split('/').at(-1))] ?? unknownRow(), cells: { site: '<b>north</b>', note: '' }, picture: false, mask: false, maps: [] }),
  })
  useExplore.setState({ place: PLACE })
  shown(<Explore place={PLACE} />)
  await until(() => tiles().length === 6)
})
afterEach(clean)

const tiles = () => [...page().querySelectorAll<HTMLButtonElement>('.explore-grid button')]
const said = () => page().querySelector('.explore-said')?.textContent
const questions = () => asked.filter((one) => one.body).map((one) => one.body as CaseQuestion)

function box(label: string): HTMLInputElement {
  const found = [...page().querySelectorAll('label')].find((one) => `${one.textContent.trim()} `.startsWith(`${label} `))?.querySelector('input')
  if (!found) throw new Error(`no box ${label}`)
  return found
}

test('every case is a tile with its picture, and what the table is stands above', () => {
  expect(said()).toBe('All: 6 cases of 6 patients.')
  expect(page().querySelector('header')?.textContent).toContain('Synthetic: no patient was examined.')
  expect(page().querySelector('header')?.textContent).toContain('Called covid at a score of at least 0.500')
  expect(tiles()[3]?.querySelector('img')?.getAttribute('src')).toBe('/api/runs/r1/outputs/predict/predictions/cases/3/picture?edge=128&item=0')
})

test('false negatives of women: both filters are asked for, and the count names the group that it comes from', async () => {
  pressed(box('False negatives'))
  await until(() => tiles().length === 2)
  pressed(box('F'))
  await until(() => said()?.includes('sex F'))
  expect(questions().at(-1)).toMatchObject({ outcomes: ['false negative'], filters: [{ column: 'sex', values: ['F'] }], page: 0, sort: 'margin', descending: true })
  expect(said()).toBe('False negatives, sex F: 2 cases of 2 patients. All outcomes in sex F: 3 cases of 3 patients. Everybody: 6 cases of 6 patients.')
  pressed('Show all cases')
  await until(() => tiles().length === 6)
  expect(said()).toBe('All: 6 cases of 6 patients.')
})

test('ages have ends, another column is added and taken away, and the order is asked for', async () => {
  const from = page().querySelector<HTMLInputElement>('input[aria-label="age from"]')
  if (!from) throw new Error('no age')
  type(from, '52')
  await until(() => questions().at(-1)?.filters?.[0]?.low === 52)
  const [more, sort, order] = [...page().querySelectorAll<HTMLSelectElement>('.explore-filters select')]
  if (!more || !sort || !order) throw new Error('no lists')
  type(more, 'site')
  await until(() => [...page().querySelectorAll('legend')].some((legend) => legend.textContent.startsWith('site')))
  pressed('Do not ask for site')
  expect([...page().querySelectorAll('legend')].some((legend) => legend.textContent.startsWith('site'))).toBe(false)
  type(sort, 'age')
  type(order, 'up')
  await until(() => questions().at(-1)?.sort === 'age' && !questions().at(-1)?.descending)
})

test('one tile takes the Tab key and arrow keys move; in a case they go on, Escape goes back to the list', async () => {
  expect(tiles().filter((tile) => tile.tabIndex === 0)).toHaveLength(1)
  tiles()[0]?.focus()
  key(document.activeElement ?? document.body, 'ArrowRight')
  expect(document.activeElement).toBe(tiles()[1])
  pressed(tiles()[1] ?? page())
  const heading = await until(() => page().querySelector('.explore-case h2'))
  expect(heading.textContent).toBe('Case 2 / 6: false positive')
  expect(document.activeElement).toBe(heading)
  await until(() => page().textContent.includes('<b>north</b>'))
  expect(page().querySelector('.explore-facts')?.textContent).toContain('p1, M, 51')
  key(document.body, 'ArrowRight')
  await until(() => page().querySelector('.explore-case h2')?.textContent === 'Case 3 / 6: true negative')
  key(document.body, 'ArrowLeft')
  await until(() => page().querySelector('.explore-case h2')?.textContent === 'Case 2 / 6: false positive')
  key(document.body, 'Escape')
  await until(() => tiles().length === 6)
})

test('a way leads back to the canvas', () => {
  pressed('Back to the canvas')
  expect(useExplore.getState().place).toBeNull()
})
