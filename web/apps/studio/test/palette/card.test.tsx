// @vitest-environment jsdom
import type { Component, Param } from '@assay/api'
import { PipelineDocument } from '@assay/document'
import { act } from 'react'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { Palette } from '../../src/palette/Palette.tsx'
import { useEditor } from '../../src/state/editor.ts'
import { clean, key, page, pressed, served, shown, until } from '../rendered.tsx'

const EVIL = '<img src=x onerror=alert(1)>'
const PARAM: Param = {
  name: 'epochs', type: 'int', items: null, required: false, default: 8, nullable: false, min: 1, max: 1000, choices: [], unit: 'epochs', help: `Passes. ${EVIL}`, secret: false, path: 'any', column_of: '',
}

function component(name: string, more: Partial<Component> = {}): Component {
  return {
    name, version: '1.0.0', title: `Title of ${name}`, description: `Title of ${name}\n\nSecond paragraph.`, category: 'train', tags: [], licence: 'Apache-2.0', authors: [], requirements: [],
    resources: { cpu: 1, memory: null, gpu: 0, gpu_kind: null } as unknown as Component['resources'], cache: true, isolation: 'fork', params: [], inputs: [], outputs: [], pipeline: false, ...more,
  }
}

const FIT = component('train/fit', {
  inputs: [{ name: 'train', type: 'Images', optional: false, help: 'Images to fit on.' }, { name: 'weights', type: 'Dataset', optional: true, help: '' }],
  outputs: [{ name: 'model', type: 'Model', optional: false, help: 'What was fitted.' }],
  params: [PARAM, { ...PARAM, name: 'key', type: 'str', secret: true, default: null, min: null, max: null, unit: '', help: '' }, { ...PARAM, name: 'network', type: 'str', default: 'small', choices: ['small', 'large'], min: null, max: null, unit: '', help: '' }],
})

beforeEach(async () => {
  served({ 'GET /api/components': () => ({ components: [FIT, component('train/other')], faults: [] }), 'GET /api/session': () => ({ version: '1', workspace: 'w', types: [], targets: [] }) })
  const document = new PipelineDocument('assay: 1\nname: toy\nsteps: {}\n')
  document.subscribe(() => useEditor.setState({ text: document.text, graph: document.graph }))
  useEditor.setState({ path: 'toy.yaml', document, text: document.text, graph: document.graph, components: {}, faults: [] })
  shown(<Palette />)
  await until(() => asker())
})
afterEach(clean)

const asker = (name = 'fit') => page().querySelector<HTMLButtonElement>(`[aria-label="What it does: ${name}"]`)
const card = () => page().querySelector<HTMLElement>('[role=dialog]')

async function opened(name = 'fit'): Promise<HTMLElement> {
  act(() => asker(name)?.focus())
  pressed(asker(name) ?? '')
  return until(card)
}

test('the card says what a component does, takes, gives and can be told, and a reader hears its name', async () => {
  const shownCard = await opened()
  expect(document.activeElement).toBe(shownCard)
  expect(page().ownerDocument.getElementById(shownCard.getAttribute('aria-labelledby') ?? '')?.textContent).toBe('Title of train/fit')
  expect(asker()?.getAttribute('aria-expanded')).toBe('true')
  expect([...shownCard.querySelectorAll('h3')].map((one) => one.textContent)).toEqual(['Takes', 'Gives', 'Parameters'])
  expect([...shownCard.querySelectorAll('dl > div')].map((one) => one.textContent)).toEqual([
    'train ImagesImages to fit on.',
    'weights Dataset, optional',
    'model ModelWhat was fitted.',
    `epochs int, default 8, from 1 to 1000 epochsPasses. ${EVIL}`,
    'key str, a secret, by its name',
    'network str, default small, one of small, large',
  ])
  expect(shownCard.textContent).toContain('Second paragraph.')
  expect(shownCard.querySelector('img')).toBeNull()
})

test('Escape and Close lead back to where it was opened; keys in it do nothing to the canvas', async () => {
  const heard: string[] = []
  const listen = (event: KeyboardEvent) => heard.push(event.key)
  window.addEventListener('keydown', listen)
  const first = await opened()
  key(first, 'a')
  key(first, 'Escape')
  window.removeEventListener('keydown', listen)
  expect(heard).toEqual([])
  expect(card()).toBeNull()
  expect(document.activeElement).toBe(asker())
  expect(asker()?.getAttribute('aria-expanded')).toBe('false')
  await opened()
  pressed('Close')
  expect(card()).toBeNull()
  expect(document.activeElement).toBe(asker())
})

test('it closes when something else is pressed or focused, and its own button closes it again', async () => {
  await opened()
  act(() => {
    document.body.dispatchEvent(new Event('pointerdown', { bubbles: true }))
  })
  expect(card()).toBeNull()
  await opened()
  act(() => page().querySelector<HTMLInputElement>('input[type=search]')?.focus())
  expect(card()).toBeNull()
  await opened()
  act(() => {
    asker()?.dispatchEvent(new Event('pointerdown', { bubbles: true }))
    asker()?.focus()
  })
  pressed(asker() ?? '')
  expect(card()).toBeNull()
})

test('of two components one is explained at a time, and a step is added from the card', async () => {
  await opened()
  const other = await opened('other')
  expect(page().querySelectorAll('[role=dialog]').length).toBe(1)
  expect(other.textContent).toContain('Title of train/other')
  expect(other.querySelector('h3')).toBeNull()
  pressed('Add a step with it')
  expect(card()).toBeNull()
  expect(useEditor.getState().text).toContain('use: train/other')
})
