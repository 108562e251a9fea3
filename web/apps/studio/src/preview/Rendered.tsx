import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { figure, filled } from '../strings.ts'
import { words } from './words.ts'

export type Window = 'auto' | 'lung' | 'mediastinum' | 'percentiles' | 'full'

/** What the server says of a picture that it made: what is black and what is white, and which of how many it is. */
export interface Shown {
  readonly window: Exclude<Window, 'auto'>
  readonly low: number
  readonly high: number
  readonly unit: string
  readonly frame?: number
  readonly frames?: number
}

/** A picture that a browser cannot show as it is: a window is chosen, and slices of a volume are leafed through. */
export function Rendered({ root, name, title }: { readonly root: string; readonly name: string; readonly title: string }) {
  const [window, setWindow] = useState<Window>('auto')
  const [frame, setFrame] = useState<number | null>(null)
  const address = `${root}/rendered?name=${encodeURIComponent(name)}&window=${window}${frame === null ? '' : `&frame=${frame}`}`
  const { shown, fault } = useShown(address)
  const frames = shown?.frames ?? 1
  return (
    <figure className="rendered">
      {fault ? <p className="failure" role="alert">{fault}</p> : <img src={address} alt={title} />}
      <figcaption className="help">{shown && inWords(shown)}</figcaption>
      <WindowChoice value={window} hounsfield={shown ? shown.unit === 'HU' : window === 'lung' || window === 'mediastinum'} onChange={setWindow} />
      {frames > 1 && (
        <label>
          {words.slice} {(shown?.frame ?? 0) + 1} / {frames}
          <input type="range" min={0} max={frames - 1} value={shown?.frame ?? 0} onChange={(event) => setFrame(event.target.valueAsNumber)} />
        </label>
      )}
    </figure>
  )
}

/** Which window: those in Hounsfield units only where there are such. */
export function WindowChoice({ value, hounsfield, onChange }: { readonly value: Window; readonly hounsfield: boolean; readonly onChange: (window: Window) => void }) {
  const offered: readonly Window[] = hounsfield ? ['auto', 'lung', 'mediastinum', 'percentiles', 'full'] : ['auto', 'percentiles', 'full']
  return (
    <label>
      {words.window}{' '}
      <select value={value} onChange={(event) => onChange(offered.find((one) => one === event.target.value) ?? 'auto')}>
        {offered.map((one) => (
          <option key={one} value={one}>
            {words.windows[one]}
          </option>
        ))}
      </select>
    </label>
  )
}

/** What the server says of a picture beside its bytes; while another is awaited, what it said of the last. */
export function useShown(address: string): { readonly shown: Shown | undefined; readonly fault: string } {
  const found = useQuery({
    queryKey: ['shown', address],
    queryFn: async () => {
      const answer = await fetch(address)
      if (!answer.ok) throw new Error(((await answer.json()) as { message: string }).message)
      return JSON.parse(answer.headers.get('x-shown') ?? '{}') as Shown
    },
    placeholderData: (before: Shown | undefined) => before,
    staleTime: Infinity,
    retry: false,
  })
  return { shown: found.data, fault: found.error?.message ?? '' }
}

/** `Lung window: black is -1350 HU, white is 150 HU.` */
export function inWords(shown: Shown): string {
  const unit = shown.unit ? ` ${shown.unit}` : ''
  return filled(words.shownAs, { window: words.windows[shown.window], low: `${figure(shown.low)}${unit}`, high: `${figure(shown.high)}${unit}` })
}
