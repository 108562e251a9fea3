// @vitest-environment jsdom
import { interpolateZoom as arc } from 'd3-interpolate'
import { select } from 'd3-selection'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { interpolateZoom } from '../../src/canvas/d3/interpolate.ts'
import { interrupt, Transition } from '../../src/canvas/d3/transition.ts'

let still = false
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['requestAnimationFrame', 'cancelAnimationFrame', 'performance'] })
  Object.assign(window, { matchMedia: () => ({ matches: still }) })
})
afterEach(() => {
  still = false
  vi.useRealTimers()
})

/** What a movement tells, in order: `start`, places between 0 and 1, and `end` or `interrupt`. */
function watched(transition: Transition, told: (string | number)[]): Transition {
  return transition
    .on('start.zoom', () => told.push('start'))
    .on('interrupt.zoom end.zoom', () => told.push('over'))
    .on('interrupt', () => told.push('interrupt'))
    .tween('zoom', () => (at) => told.push(at))
}

describe('an eased movement', () => {
  test('starts, moves on without a step back, and ends at 1', () => {
    const told: (string | number)[] = []
    watched(new Transition(document.createElement('div')), told).duration(100)
    expect(told).toEqual([]) // what it does is told after it was made
    vi.advanceTimersByTime(200)
    const [first, ...rest] = told
    expect(first).toBe('start')
    expect(rest.pop()).toBe('over')
    const places = rest as number[]
    expect(places.at(-1)).toBe(1)
    expect(places.length).toBeGreaterThan(4)
    expect([...places].sort((one, other) => one - other)).toEqual(places)
  })

  test('is interrupted by the next of the same element, and by a hand; then nothing moves any more', () => {
    const element = document.createElement('div')
    const [one, other]: (string | number)[][] = [[], []]
    watched(new Transition(element), one ?? []).duration(100)
    vi.advanceTimersByTime(50)
    watched(new Transition(element), other ?? []).duration(100)
    expect(one?.slice(-2)).toEqual(['over', 'interrupt'])
    const before = one?.length
    vi.advanceTimersByTime(50)
    interrupt(element)
    expect(other?.slice(-2)).toEqual(['over', 'interrupt'])
    const after = other?.length
    vi.advanceTimersByTime(500)
    expect([one?.length, other?.length]).toEqual([before, after])
  })

  test('is over at once for who wants less motion', () => {
    still = true
    const told: (string | number)[] = []
    watched(new Transition(document.createElement('div')), told).duration(100)
    vi.advanceTimersToNextFrame()
    expect(told).toEqual(['start', 1, 'over'])
  })

  test('is what a selection gives, and a selection interrupts it', () => {
    const element = document.createElement('div')
    const told: (string | number)[] = []
    const made = (select(element) as unknown as { transition: () => Transition }).transition()
    expect(made.selection().node()).toBe(element)
    watched(made, told).duration(100).call((transition, ms: number) => transition.duration(ms), 50)
    vi.advanceTimersByTime(20)
    ;(select(element) as unknown as { interrupt: () => void }).interrupt()
    expect(told.slice(-2)).toEqual(['over', 'interrupt'])
  })
})

test('where the middle rests, a view goes the way of d3; else its middle goes straight', () => {
  const number = fc.double({ min: -1e4, max: 1e4, noNaN: true })
  const width = fc.double({ min: 1, max: 1e4, noNaN: true })
  fc.assert(
    fc.property(number, number, width, width, fc.double({ min: 0, max: 1, noNaN: true }), (x, y, from, to, at) => {
      const [theirs, ours] = [arc([x, y, from], [x, y, to])(at), interpolateZoom([x, y, from], [x, y, to])(at)]
      theirs.forEach((value, place) => expect(ours[place]).toBeCloseTo(value, 6))
      expect(interpolateZoom([x, y, from], [y, x, to])(0.5).slice(0, 2)).toEqual([x + (y - x) / 2, y + (x - y) / 2])
    }),
  )
})
