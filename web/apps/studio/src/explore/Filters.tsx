import type { CaseColumn, CaseFilter, CaseTable, Outcome } from '@assay/api'

import { figure } from '../strings.ts'
import { ALL, empty, filterOf, FIRST, sortable, toggled, withFilter, type Asked } from './question.ts'
import { OUTCOMES, WORDS } from './words.ts'

interface Facts {
  readonly table: CaseTable
  readonly asked: Asked
  readonly onChange: (asked: Asked) => void
}

/** The form that says which cases are shown, and in what order. */
export function Filters({ table, asked, onChange }: Facts) {
  const first = FIRST.map((name) => table.columns.find((column) => column.name === name)).filter((column) => column !== undefined)
  const added = asked.filters.map((one) => one.column).filter((name) => !FIRST.includes(name))
  const columns = [...first, ...added.map((name) => table.columns.find((column) => column.name === name)).filter((column) => column !== undefined)]
  const rest = table.columns.filter((column) => !columns.includes(column))
  return (
    <aside className="explore-filters" aria-label={WORDS.filters}>
      <fieldset>
        <legend>{WORDS.outcome}</legend>
        {table.everybody.outcomes.map(({ outcome }) => (
          <label key={outcome}>
            <input type="checkbox" checked={asked.outcomes.includes(outcome)} onChange={() => onChange({ ...asked, outcomes: switched(asked.outcomes, outcome) })} />{' '}
            {OUTCOMES[outcome].many}
          </label>
        ))}
      </fieldset>
      {columns.map((column) => (
        <ColumnFilter
          key={column.name}
          column={column}
          filter={filterOf(asked, column.name)}
          onChange={(filter) => onChange(withFilter(asked, filter))}
          onRemove={FIRST.includes(column.name) ? undefined : () => onChange({ ...asked, filters: asked.filters.filter((one) => one.column !== column.name) })}
        />
      ))}
      <label className="explore-line">
        {WORDS.more}
        <select value="" onChange={(event) => onChange(withFilter(asked, empty(event.target.value)))}>
          <option value="" disabled>
            {WORDS.choose}
          </option>
          {rest.map((column) => (
            <option key={column.name}>{column.name}</option>
          ))}
        </select>
      </label>
      <label className="explore-line">
        {WORDS.sort}
        <select value={asked.sort} onChange={(event) => onChange({ ...asked, sort: event.target.value })}>
          {sortable(table.columns).map(([value, title]) => (
            <option key={value} value={value}>
              {title}
            </option>
          ))}
        </select>
      </label>
      <label className="explore-line">
        {WORDS.order}
        <select value={asked.descending ? 'down' : 'up'} onChange={(event) => onChange({ ...asked, descending: event.target.value === 'down' })}>
          <option value="down">{WORDS.descending}</option>
          <option value="up">{WORDS.ascending}</option>
        </select>
      </label>
      <button type="button" onClick={() => onChange(ALL)}>
        {WORDS.clear}
      </button>
    </aside>
  )
}

function switched(outcomes: readonly Outcome[], outcome: Outcome): readonly Outcome[] {
  return outcomes.includes(outcome) ? outcomes.filter((one) => one !== outcome) : [...outcomes, outcome]
}

interface One {
  readonly column: CaseColumn
  readonly filter: CaseFilter
  readonly onChange: (filter: CaseFilter) => void
  readonly onRemove?: (() => void) | undefined
}

function ColumnFilter({ column, filter, onChange, onRemove }: One) {
  return (
    <fieldset>
      <legend>
        {column.name}
        {onRemove && (
          <button type="button" className="quiet" aria-label={`${WORDS.removeFilter} ${column.name}`} onClick={onRemove}>
            ×
          </button>
        )}
      </legend>
      {column.kind === 'number' && <Range column={column} filter={filter} onChange={onChange} />}
      {column.kind === 'category' && <Choice column={column} filter={filter} onChange={onChange} />}
      {column.kind === 'text' && (
        <label className="explore-line">
          {WORDS.contains} <input defaultValue={filter.contains} onChange={(event) => onChange({ ...filter, contains: event.target.value })} />
        </label>
      )}
    </fieldset>
  )
}

function Range({ column, filter, onChange }: One) {
  const ends = [
    ['low', WORDS.from, column.low],
    ['high', WORDS.to, column.high],
  ] as const
  return (
    <div className="row">
      {ends.map(([end, word, limit]) => (
        <label key={end}>
          {word}{' '}
          <input
            type="number"
            step="any"
            aria-label={`${column.name} ${word}`}
            placeholder={typeof limit === 'number' ? figure(limit) : ''}
            value={filter[end] ?? ''}
            onChange={(event) => onChange({ ...filter, [end]: event.target.value === '' ? null : event.target.valueAsNumber })}
          />
        </label>
      ))}
    </div>
  )
}

function Choice({ column, filter, onChange }: One) {
  const values = [...column.values.map((one) => [one.value, one.cases] as const), ...(column.missing ? [['', column.missing] as const] : [])]
  return (
    <div className="explore-choice">
      {values.map(([value, cases]) => (
        <label key={value}>
          <input type="checkbox" checked={filter.values?.includes(value) ?? false} onChange={() => onChange(toggled(filter, value))} /> <bdi>{value || WORDS.unknown}</bdi>{' '}
          <small>{cases}</small>
        </label>
      ))}
    </div>
  )
}
