import { api, ask, type CaseRow, type CaseTable, type NearImage, type Nearest as Found } from '@assay/api'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { encoded, outputRoot } from '../parts/addresses.ts'
import { figure, filled } from '../strings.ts'
import { useRoving } from '../parts/roving.ts'
import type { PredictionsPlace } from './state.ts'
import { WORDS } from './words.ts'

interface Facts {
  readonly place: PredictionsPlace
  readonly table: CaseTable
  readonly row: CaseRow
}

const SOON = 100

/** The training images that the model sees as most like that of a case. */
export function Nearest({ place, table, row }: Facts) {
  const known = table.training !== null && table.model !== null
  const path = { run: place.run, step: place.step, port: place.port, number: row.number }
  const { data: found, error } = useQuery({
    queryKey: ['nearest', place, row.number],
    queryFn: ({ signal }) => ask(api.GET('/api/runs/{run}/outputs/{step}/{port}/cases/{number}/nearest', { params: { path, query: { item: place.item } }, signal })),
    enabled: known,
    staleTime: Infinity,
    refetchInterval: (query) => (query.state.data && isGoing(query.state.data) ? SOON : false),
  })
  return (
    <section aria-label={WORDS.nearest}>
      <h3>{WORDS.nearest}</h3>
      {!known && <p className="help">{WORDS.nearestNone}</p>}
      {error && <p className="failure" role="alert">{error.message}</p>}
      {found && (isGoing(found) ? <Going found={found} /> : <Row root={`${outputRoot(place.run, place.step, place.port)}/cases/${row.number}/nearest`} item={place.item} found={found} />)}
    </section>
  )
}

function isGoing(found: Found): boolean {
  return found.done < found.among
}

function Going({ found }: { readonly found: Found }) {
  const said = filled(WORDS.nearestGoes, { done: found.done, among: found.among })
  return (
    <p className="help">
      <progress value={found.done} max={found.among} aria-label={said} /> {said}
    </p>
  )
}

function Row({ root, item, found }: { readonly root: string; readonly item: number; readonly found: Found }) {
  const [large, setLarge] = useState<NearImage | null>(null)
  const roving = useRoving(found.nearest.length)
  const address = (one: NearImage, edge: number) => `${root}/${encoded(one.file)}?edge=${edge}&item=${item}`
  return (
    <>
      <Leaks found={found} />
      <ul className="explore-near" onKeyDown={roving.onKeyDown}>
        {found.nearest.map((one, index) => (
          <li key={one.file}>
            <button type="button" tabIndex={index === roving.at ? 0 : -1} aria-pressed={one === large} onFocus={() => roving.onFocus(index)} onClick={() => setLarge(one === large ? null : one)}>
              <img alt="" src={address(one, 128)} />
              <Caption one={one} />
            </button>
          </li>
        ))}
      </ul>
      {large && (
        <figure className="explore-large">
          <img src={address(large, 1024)} alt={`${WORDS.trainingImage} ${large.file}`} />
          <figcaption className="help">
            <bdi>{[WORDS.trainingImage, large.file, large.label, `${WORDS.patient.toLowerCase()} ${large.patient}`, large.split].filter(Boolean).join(', ')}</bdi>
          </figcaption>
        </figure>
      )}
      <p className="help">{said(found)}</p>
    </>
  )
}

function Caption({ one }: { readonly one: NearImage }) {
  const leaks = [one.same_patient ? WORDS.samePatient : '', one.same_file ? WORDS.sameFile : ''].filter(Boolean)
  return (
    <span>
      <b>
        <bdi>{one.label}</bdi>
      </b>
      <small>
        <bdi>{one.patient}</bdi>
      </small>
      <small>
        {WORDS.distance} {figure(one.distance)}
      </small>
      {leaks.length > 0 && <small className="explore-leak">{leaks.join(', ')}</small>}
    </span>
  )
}

/** What the split should have kept apart. */
function Leaks({ found }: { readonly found: Found }) {
  const copies = found.nearest.filter((one) => one.same_file).length
  const told = [
    found.of_patient ? filled(WORDS.leakPatient, { count: found.of_patient, total: found.total }) : '',
    copies ? filled(WORDS.leakFile, { count: copies }) : '',
  ].filter(Boolean)
  if (!told.length) return null
  return (
    <p className="failure" role="alert">
      <b>{WORDS.leak}</b> {told.join(' ')}
    </p>
  )
}

function said(found: Found): string {
  const values = { among: found.among, total: found.total, why: found.why, median: figure(found.median ?? 0) }
  const drawn = found.among < found.total ? WORDS.nearestDrawn : ''
  return [found.kind === 'features' ? WORDS.nearestBy : WORDS.nearestByPixels, drawn, WORDS.nearestKeys].map((text) => filled(text, values)).filter(Boolean).join(' ')
}
