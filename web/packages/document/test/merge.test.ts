import { expect, test } from 'vitest'

import { fits, merged } from '../src/index.ts'

const BASE = 'a\nb\nc\nd\n'

test.each([
  ['mine alone', 'a\nB\nc\nd\n', BASE, 'a\nB\nc\nd\n', true],
  ['theirs alone', BASE, 'a\nb\nc\nD\n', 'a\nb\nc\nD\n', true],
  ['both, apart', 'A\nb\nc\nd\n', 'a\nb\nc\nD\n', 'A\nb\nc\nD\n', true],
  ['both the same', 'a\nX\nc\nd\n', 'a\nX\nc\nd\n', 'a\nX\nc\nd\n', true],
  ['both, one line', 'a\nX\nc\nd\n', 'a\nY\nc\nd\n', 'a\nX\nc\nd\n', false],
  ['mine cut a line, theirs added one', 'b\nc\nd\n', 'a\nb\nc\nd\ne\n', 'b\nc\nd\ne\n', true],
  ['both added at the end', `${BASE}x\n`, `${BASE}y\n`, `${BASE}x\n`, false],
])('%s', (_, mine, theirs, text, clean) => {
  expect(merged(BASE, mine, theirs)).toEqual({ text, clean })
})

const TABLE = { File: null, Dataset: 'File', Predictions: 'Dataset', Folder: null, Images: 'Folder', Value: null }

test.each([
  ['Predictions', 'Predictions', null],
  ['Predictions', 'File', null],
  ['File', 'Predictions', 'File is not Predictions'],
  ['Images', 'list[Images]', null],
  ['list[Images]', 'Images', 'list[Images] is a list, Images takes one'],
  ['Value', 'File', 'a Value feeds a parameter, not a port'],
])('%s to %s', (source, target, why) => {
  expect(fits(source, target, TABLE)).toBe(why)
})
