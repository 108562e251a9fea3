import { expect, test } from 'vitest'

import { duration } from '../src/strings.ts'

test.each([
  [0.04, '0.0 s'],
  [9.94, '9.9 s'],
  [9.96, '10 s'],
  [59.4, '59 s'],
  [59.6, '1 min 00 s'],
  [119.6, '2 min 00 s'],
  [61.2, '1 min 01 s'],
])('%d seconds are told as %s', (seconds, told) => {
  expect(duration(seconds)).toBe(told)
})
