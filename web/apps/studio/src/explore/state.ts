import { create } from 'zustand'

/** Predictions of a run: which port carries them. */
export interface PredictionsPlace {
  readonly run: string
  readonly step: string
  readonly port: string
  readonly item: number
}

interface Exploring {
  readonly place: PredictionsPlace | null
}

/** What is explored instead of the canvas. */
export const useExplore = create<Exploring>(() => ({ place: null }))

export function explore(place: PredictionsPlace): void {
  useExplore.setState({ place })
}

export function leaveExplore(): void {
  useExplore.setState({ place: null })
}
