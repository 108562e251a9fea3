// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { outline } from '@assay/document'
import { ReactFlowProvider, type NodeProps } from '@xyflow/react'
import { act, Profiler } from 'react'
import { createRoot } from 'react-dom/client'
import { expect, test } from 'vitest'

import type { StepNodeType } from '../../src/canvas/elements.ts'
import { StepNode } from '../../src/canvas/StepNode.tsx'
import { take, useRun } from '../../src/state/run.ts'

Object.assign(globalThis, {
  IS_REACT_ACT_ENVIRONMENT: true,
  ResizeObserver: class {
    observe = () => undefined
    unobserve = () => undefined
    disconnect = () => undefined
  },
})

const COUNT = 100
const text = ['assay: 1', 'name: many', 'steps:', ...Array.from({ length: COUNT }, (_, n) => `  s${n}: {use: ./steps.py:x}`), ''].join('\n')
const steps = outline(text).graph?.steps ?? []

test('one event of a run renders one step anew, of a hundred', () => {
  const rendered: string[] = []
  const place = document.body.appendChild(document.createElement('div'))
  const root = createRoot(place)
  const queries = new QueryClient({ defaultOptions: { queries: { enabled: false } } })
  const nodes = steps.map((step) => ({ id: step.name, selected: false, data: { step, component: undefined, inputs: [], outputs: [] } }) as unknown as NodeProps<StepNodeType>)
  act(() => {
    root.render(
      <QueryClientProvider client={queries}>
        <ReactFlowProvider>
          {nodes.map((node) => (
            <Profiler key={node.id} id={node.id} onRender={(id) => rendered.push(id)}>
              <StepNode {...node} />
            </Profiler>
          ))}
        </ReactFlowProvider>
      </QueryClientProvider>,
    )
  })
  expect(new Set(rendered).size).toBe(COUNT)
  useRun.setState({ run: 'r', status: 'running' })
  rendered.length = 0
  const at = (name: string) => ({ step: name, item: null })
  act(() => {
    take({ sequence: 1, time: 1, type: 'step.started', key: at('s7'), reasons: [] })
  })
  expect(rendered).toEqual(['s7'])
  act(() => {
    take({ sequence: 2, time: 2, type: 'step.progress', key: at('s7'), done: 1, total: 4, message: 'epoch' })
  })
  expect(rendered).toEqual(['s7', 's7'])
  expect(place.querySelector('progress')?.value).toBe(0.25)
  act(() => {
    take({ sequence: 2, time: 2, type: 'step.progress', key: at('s9'), done: 1, total: 4, message: 'seen before' })
  })
  expect(rendered).toHaveLength(2)
  act(() => {
    root.unmount()
  })
})
