import type { CaseColumn, CaseFilter, CaseQuestion, Outcome } from '@assay/api'

import { figure } from '../strings.ts'
import { OUTCOMES, WORDS } from './words.ts'

export const PAGE = 60

/** Which cases are asked for. Columns in `filters` that ask nothing are shown, and change nothing. */
export interface Asked {
  readonly filters: readonly CaseFilter[]
  readonly outcomes: readonly Outcome[]
  readonly sort: string
  readonly descending: boolean
}

export const ALL: Asked = { filters: [], outcomes: [], sort: 'margin', descending: true }

/** Columns that are offered first, where the table has them. */
export const FIRST = ['sex', 'age', 'score']

export function empty(column: string): CaseFilter {
  return { column, values: null, low: null, high: null, contains: '' }
}

export function filterOf(asked: Asked, column: string): CaseFilter {
  return asked.filters.find((one) => one.column === column) ?? empty(column)
}

export function asksNothing(filter: CaseFilter): boolean {
  return !filter.values && filter.low === null && filter.high === null && !filter.contains
}

/** Put a filter in the place of the one of its column. */
export function withFilter(asked: Asked, filter: CaseFilter): Asked {
  const there = asked.filters.some((one) => one.column === filter.column)
  return { ...asked, filters: there ? asked.filters.map((one) => (one.column === filter.column ? filter : one)) : [...asked.filters, filter] }
}

/** Choose a value of a column, or no longer; of none left the column asks nothing. */
export function toggled(filter: CaseFilter, value: string): CaseFilter {
  const chosen = filter.values ?? []
  const next = chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value]
  return { ...filter, values: next.length ? next : null }
}

export function questionOf(asked: Asked, page: number): CaseQuestion {
  return {
    filters: asked.filters.filter((one) => !asksNothing(one)),
    outcomes: [...asked.outcomes],
    sort: asked.sort,
    descending: asked.descending,
    page,
    size: PAGE,
  }
}

/** The filters in words: `sex F, age from 60`; empty when everybody is meant. */
export function inWords(asked: Asked): string {
  return asked.filters
    .filter((one) => !asksNothing(one))
    .map((one) => {
      const values = (one.values ?? []).map((value) => value || WORDS.unknown).join(' or ')
      const low = typeof one.low === 'number' ? `${WORDS.from} ${figure(one.low)}` : ''
      const high = typeof one.high === 'number' ? `${WORDS.to} ${figure(one.high)}` : ''
      const part = one.contains ? `${WORDS.contains} ${one.contains}` : ''
      return [one.column, values, low, high, part].filter(Boolean).join(' ')
    })
    .join(', ')
}

export function outcomesInWords(outcomes: readonly Outcome[]): string {
  return outcomes.map((one) => OUTCOMES[one].many.toLowerCase()).join(' and ')
}

/** What cases can be sorted by. */
export function sortable(columns: readonly CaseColumn[]): readonly (readonly [string, string])[] {
  const own = columns.map((column) => [column.name, column.name] as const)
  return [['margin', WORDS.margin], ['outcome', WORDS.outcome], ['', WORDS.file], ...own]
}

/** A number as it is read: `60` for `60.0`; other text stays. */
export function readable(cell: string): string {
  const number = cell.trim() === '' ? NaN : Number(cell)
  return Number.isFinite(number) && !/^[+-]?0\d/.test(cell) ? figure(number) : cell
}
