import { create } from 'zustand'

/** `stranger`: a server answers that was started anew, and does not know this browser yet. */
export type Reach = 'here' | 'gone' | 'stranger'

/** Whether the server answers, as far as anybody has noticed. */
export const useReach = create<{ readonly reach: Reach }>(() => ({ reach: 'here' }))

/** What a refusal says about the server: one that is gone, or that was started anew, is no fault of what was asked. */
export function noticed(code: string): boolean {
  const reach = code === 'unreachable' ? 'gone' : code === 'token' ? 'stranger' : null
  if (reach) useReach.setState({ reach })
  return reach !== null
}
