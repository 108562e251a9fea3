import type { Case, CaseMap, CaseTable } from '@assay/api'
import { useState } from 'react'

import { HeatLayer } from './HeatLayer.tsx'
import { outputRoot, type PredictionsPlace } from './state.ts'
import { WORDS } from './words.ts'

/** The image of a case with its heat maps and mask over it. */
export function Layers({ place, table, found }: { readonly place: PredictionsPlace; readonly table: CaseTable; readonly found: Case }) {
  const [chosen, setChosen] = useState(0)
  const [opacity, setOpacity] = useState(50)
  const [masked, setMasked] = useState(true)
  const map = chosen < 0 ? undefined : found.maps[chosen]
  const root = `${outputRoot(place.run, place.step, place.port)}/cases/${found.row.number}`
  const alt = `${WORDS.picture} ${found.row.name}`
  return (
    <div className="explore-layers">
      <HeatLayer
        picture={`${root}/picture?edge=1024&item=${place.item}`}
        mask={found.mask && masked ? `${root}/mask?item=${place.item}` : null}
        heat={map ? heatAddress(place.run, map) : null}
        opacity={opacity}
        alt={alt}
        positive={table.positive}
      />
      {found.maps.length > 0 ? (
        <>
          <label className="explore-line">
            {WORDS.heat}
            <select value={chosen} onChange={(event) => setChosen(Number(event.target.value))}>
              {found.maps.map((one, place) => (
                <option key={place} value={place}>
                  {one.step}: {one.title}
                </option>
              ))}
              <option value={-1}>{WORDS.noHeat}</option>
            </select>
          </label>
          <label className="explore-line">
            {WORDS.opacity}
            <input type="range" min={0} max={100} value={opacity} onChange={(event) => setOpacity(event.target.valueAsNumber)} disabled={!map} />
          </label>
          {map && <Standing map={map} />}
        </>
      ) : (
        <p className="help">{WORDS.noMap}</p>
      )}
      {found.mask && (
        <label>
          <input type="checkbox" checked={masked} onChange={(event) => setMasked(event.target.checked)} /> {WORDS.mask}{' '}
          <small className="help">{WORDS.legendMask}</small>
        </label>
      )}
    </div>
  )
}

/** Whether the method may be believed. */
export function Standing({ map }: { readonly map: Pick<CaseMap, 'state' | 'reason'> }) {
  if (map.state === 'pass') return null
  return (
    <p className={map.state === 'fail' ? 'failure' : 'help'} role={map.state === 'fail' ? 'alert' : undefined}>
      <b>{map.state === 'fail' ? WORDS.failed : WORDS.insufficient}</b> {map.reason}
    </p>
  )
}

export function heatAddress(run: string, map: Pick<CaseMap, 'step' | 'port' | 'item' | 'row'>): string {
  return `${outputRoot(run, map.step, map.port)}/heat/${map.row}?item=${map.item}`
}
