import './layers.css'

import type { CaseMap } from '@assay/api'
import { useState, type ReactNode } from 'react'

import { HeatLayer } from './HeatLayer.tsx'
import { words } from './words.ts'

/** A heat map that can lie over a picture. */
export interface Layer {
  readonly name: string
  readonly address: string
  /** The label that red speaks for. */
  readonly positive: string
  /** What measuring the method found; `null`: this map was not part of any measurement. */
  readonly standing: Pick<CaseMap, 'state' | 'reason'> | null
}

interface Facts {
  readonly picture: string
  readonly alt: string
  readonly mask: string | null
  readonly maps: readonly Layer[]
  readonly children?: ReactNode
}

/** A picture with a heat map over it, as strong as a slider says, and the mask of the lesion. */
export function LayeredImage({ picture, alt, mask, maps, children }: Facts) {
  const [chosen, setChosen] = useState(0)
  const [opacity, setOpacity] = useState(50)
  const [masked, setMasked] = useState(true)
  const at = Math.min(chosen, maps.length - 1)
  const map = maps[at]
  return (
    <div className="layers">
      <HeatLayer picture={picture} mask={masked ? mask : null} heat={map?.address ?? null} opacity={opacity} alt={alt} positive={map?.positive ?? ''} />
      {maps.length > 0 && (
        <>
          <label>
            {words.heat}
            <select value={at} onChange={(event) => setChosen(Number(event.target.value))}>
              {maps.map((one, place) => (
                <option key={one.address} value={place}>
                  {one.name}
                </option>
              ))}
              <option value={-1}>{words.noHeat}</option>
            </select>
          </label>
          <label>
            {words.opacity}
            <input type="range" min={0} max={100} value={opacity} onChange={(event) => setOpacity(event.target.valueAsNumber)} disabled={!map} />
          </label>
          {map?.standing && <Standing {...map.standing} />}
        </>
      )}
      {children}
      {mask && (
        <div>
          <label className="layers-tick">
            <input type="checkbox" checked={masked} onChange={(event) => setMasked(event.target.checked)} /> {words.mask}
          </label>{' '}
          <small className="help">{words.legendMask}</small>
        </div>
      )}
    </div>
  )
}

/** Whether the method may be believed. */
function Standing({ state, reason }: Pick<CaseMap, 'state' | 'reason'>) {
  if (state === 'pass') return null
  return (
    <p className={state === 'fail' ? 'failure' : 'help'} role={state === 'fail' ? 'alert' : undefined}>
      <b>{state === 'fail' ? words.failed : words.insufficient}</b> {reason}
    </p>
  )
}
