import { create } from 'zustand'

const KEY = 'assay-tour'

interface Help {
  /** Which stop of the tour is shown; `null` when none is. */
  readonly stop: number | null
  readonly keys: boolean
}

export const useHelp = create<Help>(() => ({ stop: null, keys: false }))

/** Begin the tour, unless somebody has seen or skipped it in this browser. */
export function offerTour(): void {
  if (localStorage.getItem(KEY) === null) useHelp.setState({ stop: 0 })
}

export function startTour(): void {
  useHelp.setState({ stop: 0, keys: false })
}

export function goTo(stop: number): void {
  useHelp.setState({ stop })
}

/** The tour has ended or was skipped: it does not come back by itself. */
export function endTour(): void {
  localStorage.setItem(KEY, 'seen')
  useHelp.setState({ stop: null })
}

export function showKeys(keys: boolean): void {
  useHelp.setState({ keys })
}
