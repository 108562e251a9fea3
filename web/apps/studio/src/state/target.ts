import { create } from 'zustand'

/** Where the next run goes: the name of one of the session's targets; `null` takes the first. */
export const useTarget = create<{ readonly name: string | null }>(() => ({ name: null }))

export function chooseTarget(name: string): void {
  useTarget.setState({ name })
}
