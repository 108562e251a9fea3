import './explore.css'

import { api, ask, type CasePage, type CaseTable } from '@assay/api'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { figure, filled } from '../strings.ts'
import { CaseList } from './CaseList.tsx'
import { CaseView } from './CaseView.tsx'
import { Counts } from './Counts.tsx'
import { Filters } from './Filters.tsx'
import { ALL, inWords, outcomesInWords, PAGE, questionOf, type Asked } from './question.ts'
import { leaveExplore, type PredictionsPlace } from './state.ts'
import { casesOf, WORDS } from './words.ts'

/** Predictions of a run as cases: asked for, counted, opened. */
export default function Explore({ place }: { readonly place: PredictionsPlace }) {
  const path = { run: place.run, step: place.step, port: place.port }
  const { data: table, error } = useQuery({
    queryKey: ['case-table', place],
    queryFn: () => ask(api.GET('/api/runs/{run}/outputs/{step}/{port}/cases', { params: { path, query: { item: place.item } } })),
    staleTime: Infinity,
  })
  return (
    <main className="explore">
      <header className="row">
        <h1>
          {WORDS.title} {place.step}.{place.port}
        </h1>
        <span className="help">
          {WORDS.of} {place.run}
        </span>
        {table?.synthetic && <span className="badge state-insufficient">{WORDS.synthetic}</span>}
        {table && <Threshold table={table} />}
        <button type="button" className="explore-leave" onClick={leaveExplore}>
          {WORDS.back}
        </button>
      </header>
      {error && <p className="failure" role="alert">{error.message}</p>}
      {table && <Cases place={place} table={table} />}
    </main>
  )
}

function Threshold({ table }: { readonly table: CaseTable }) {
  const { lowest_threshold: low, highest_threshold: high } = table
  const where = low === high ? `${WORDS.threshold} ${figure(low)}` : `${WORDS.thresholds} ${figure(low)} – ${figure(high)}`
  return (
    <span>
      {WORDS.called} <b>{table.positive}</b> {where}
    </span>
  )
}

function Cases({ place, table }: { readonly place: PredictionsPlace; readonly table: CaseTable }) {
  const [asked, setAsked] = useState<Asked>(ALL)
  const [page, setPage] = useState(0)
  const [open, setOpen] = useState<number | null>(null) // a position among all cases asked for
  const shownPage = open === null ? page : Math.floor(open / PAGE)
  const { data: answer, error, isPlaceholderData: waiting } = usePage(place, asked, shownPage)
  const change = (next: Asked) => {
    setAsked(next)
    setPage(0)
    setOpen(null)
  }
  const found = answer?.found
  const row = open === null || answer?.page !== shownPage ? undefined : found?.rows[open - shownPage * PAGE]
  return (
    <div className="explore-work">
      <Filters table={table} asked={asked} onChange={change} />
      <section className="explore-cases" aria-label={WORDS.list} aria-busy={waiting}>
        <p role="status" aria-live="polite" className="explore-said">
          {answer && told(answer.asked, answer.found, table)}
        </p>
        {error && <p className="failure" role="alert">{error.message}</p>}
        {answer && found && open === null && (
          <>
            <Counts group={found.group} everybody={table.everybody} shown={answer.asked.outcomes} narrowed={inWords(answer.asked) !== ''} />
            <CaseList place={place} table={table} found={found} page={page} onPage={setPage} onOpen={(index) => setOpen(page * PAGE + index)} />
          </>
        )}
        {found && open !== null && row && (
          <CaseView
            key={row.number}
            place={place}
            table={table}
            row={row}
            position={open}
            total={found.total}
            onMove={setOpen}
            onClose={() => {
              setPage(shownPage)
              setOpen(null)
            }}
          />
        )}
      </section>
    </div>
  )
}

/** What was asked last and answered, with its question: counts never stand beside the words of another filter. */
function usePage(place: PredictionsPlace, asked: Asked, page: number) {
  const path = { run: place.run, step: place.step, port: place.port }
  const question = questionOf(asked, page)
  return useQuery({
    queryKey: ['cases', place, question],
    queryFn: async () => {
      const found = await ask(api.POST('/api/runs/{run}/outputs/{step}/{port}/cases', { params: { path, query: { item: place.item } }, body: question }))
      return { asked, page, found }
    },
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  })
}

/** `False negatives, sex F, age from 60: 11 cases of 4 patients. All with sex F, age from 60: 20 of 5; everybody: 120 of 30.` */
function told(asked: Asked, found: CasePage, table: CaseTable): string {
  const group = inWords(asked)
  const outcomes = outcomesInWords(asked.outcomes)
  const who = [outcomes, group].filter(Boolean).join(', ') || WORDS.all
  const shown = `${who}: ${casesOf(found.total, found.patients ?? null)}.`
  const rest = [
    outcomes && group ? filled('All outcomes in {group}: {count}.', { group, count: casesOf(found.group.cases, found.group.patients ?? null) }) : '',
    outcomes || group ? filled('{everybody}: {count}.', { everybody: WORDS.everybody, count: casesOf(table.everybody.cases, table.everybody.patients ?? null) }) : '',
  ]
  const said = [shown, ...rest].filter(Boolean).join(' ')
  return said.charAt(0).toUpperCase() + said.slice(1)
}
