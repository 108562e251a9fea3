import type { Case, CaseMap, CaseTable } from '@assay/api'
import { useState } from 'react'

import { useExplanation } from './explanation.ts'
import { HeatLayer } from './HeatLayer.tsx'
import { OnRequest } from './OnRequest.tsx'
import { outputRoot, type PredictionsPlace } from './state.ts'
import { WORDS } from './words.ts'

/** The image of a case with its heat maps and mask over it. */
export function Layers({ place, table, found }: { readonly place: PredictionsPlace; readonly table: CaseTable; readonly found: Case }) {
  const [chosen, setChosen] = useState(0)
  const [opacity, setOpacity] = useState(50)
  const [masked, setMasked] = useState(true)
  const map = chosen < 0 ? undefined : found.maps[chosen]
  const { explanation, fault, act } = useExplanation(place, found.row.number, found.maps.length === 0)
  const root = `${outputRoot(place.run, place.step, place.port)}/cases/${found.row.number}`
  const alt = `${WORDS.picture} ${found.row.name}`
  return (
    <div className="explore-layers">
      <HeatLayer
        picture={`${root}/picture?edge=1024&item=${place.item}`}
        mask={found.mask && masked ? `${root}/mask?item=${place.item}` : null}
        heat={map ? heatAddress(place.run, map) : explanation?.found ? `${root}/explanation/heat?item=${place.item}` : null}
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
          <Opacity value={opacity} onChange={setOpacity} disabled={!map} />
          {map && <Standing map={map} />}
        </>
      ) : (
        <>
          {explanation?.found && <Opacity value={opacity} onChange={setOpacity} disabled={false} />}
          <OnRequest explanation={explanation} fault={fault} positive={table.positive} able={table.model !== null} act={act} />
        </>
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

export function Opacity({ value, onChange, disabled }: { readonly value: number; readonly onChange: (value: number) => void; readonly disabled: boolean }) {
  return (
    <label className="explore-line">
      {WORDS.opacity}
      <input type="range" min={0} max={100} value={value} onChange={(event) => onChange(event.target.valueAsNumber)} disabled={disabled} />
    </label>
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
