import type { Component } from '@assay/api'
import { connect, disconnect, fits, removeSteps, renameStep, type Graph, type Json, type Source, type Step } from '@assay/document'
import { lazy, Suspense, useEffect, useState } from 'react'

import { places } from '../canvas/geometry.ts'
import { portsOf, type PortView } from '../canvas/ports.ts'
import { insert } from '../canvas/QuickAdd.tsx'
import { Paragraphs } from '../parts/Paragraphs.tsx'
import { StepResult } from '../preview/StepResult.tsx'
import { RunPart } from '../runs/RunPart.tsx'
import { converting, useOffers, useTypes } from '../state/catalog.ts'
import { run, select, useEditor } from '../state/editor.ts'
import { useRunName } from '../state/trail.ts'
import { sorted } from '../state/things.ts'
import { strings } from '../strings.ts'
import { Nested } from './Nested.tsx'
import { ParamField } from './ParamField.tsx'

const NoteForm = lazy(() => import('./Annotation.tsx').then((found) => ({ default: found.NoteForm })))
const GroupForm = lazy(() => import('./Annotation.tsx').then((found) => ({ default: found.GroupForm })))

export function Inspector() {
  const graph = useEditor((state) => state.graph)
  const name = useEditor((state) => (state.selected.length === 1 ? state.selected[0] : undefined))
  const component = useEditor((state) => {
    const step = state.graph?.steps.find((one) => one.name === name)
    return step && state.components[step.use]
  })
  const step = graph?.steps.find((one) => one.name === name)
  return (
    <aside className="inspector" aria-label={strings.inspector}>
      {graph && step ? <Details key={step.name} graph={graph} step={step} component={component} /> : <Annotation graph={graph} id={name} />}
    </aside>
  )
}

function Annotation({ graph, id }: { readonly graph: Graph | null; readonly id: string | undefined }) {
  const { notes, groups } = sorted(id === undefined ? [] : [id])
  const note = graph?.notes.find((one) => notes.includes(one.name))
  const group = graph?.groups.find((one) => groups.includes(one.name))
  return (
    <Suspense>
      {note && <NoteForm key={id} note={note} />}
      {group && <GroupForm key={id} group={group} />}
      {!note && !group && <p>{strings.nothingSelected}</p>}
    </Suspense>
  )
}

function Details({ graph, step, component }: { readonly graph: Graph; readonly step: Step; readonly component: Component | undefined }) {
  const name = useRunName(step.name)
  return (
    <>
      <Name step={step} />
      <p className="help">{component ? component.title : strings.missingComponent}</p>
      <code>{step.use}</code>
      {component?.description && component.description !== component.title && (
        <details className="about">
          <summary>{strings.aboutComponent}</summary>
          <Paragraphs text={component.description} />
        </details>
      )}
      {component?.pipeline && <Nested step={step.name} use={step.use} />}
      <RunPart step={step.name} />
      <StepResult step={name} />
      <Inputs graph={graph} step={step} component={component} />
      {component && component.params.length > 0 && (
        <section>
          <h3>{strings.parameters}</h3>
          {component.params.map((param) => (
            <ParamField key={param.name} step={step.name} param={param} value={param.secret ? secretOf(step, param.name) : step.values[param.name]} />
          ))}
        </section>
      )}
      <button type="button" className="danger" onClick={() => run(removeSteps([step.name]))}>
        {strings.remove} {step.name}
      </button>
    </>
  )
}

/** The name of the secret that a step binds a parameter to. */
function secretOf(step: Step, param: string): Json | undefined {
  const bound = step.others.secrets
  return bound !== null && typeof bound === 'object' && !Array.isArray(bound) && Object.hasOwn(bound, param) ? (bound as Record<string, Json>)[param] : undefined
}

function Name({ step }: { readonly step: Step }) {
  const [text, setText] = useState(step.name)
  useEffect(() => setText(step.name), [step.name])
  const done = () => {
    const wanted = text.trim()
    if (wanted && wanted !== step.name && run(renameStep(step.name, wanted))) select([wanted])
    else setText(step.name)
  }
  return (
    <input
      className="title"
      aria-label={strings.name}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={done}
      onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
    />
  )
}

function Inputs({ graph, step, component }: { readonly graph: Graph; readonly step: Step; readonly component: Component | undefined }) {
  const { inputs } = portsOf(step, component, graph)
  if (!inputs.length) return null
  return (
    <section>
      <h3>{strings.inputs}</h3>
      {inputs.map((port) => (
        <Input key={port.name} graph={graph} step={step} port={port} />
      ))}
    </section>
  )
}

const MOST_WAYS = 6

/** Outputs that do not fit a port, each with the step that would stand between, the closest first. */
function useThrough(outputs: readonly (Source & { readonly type: string })[], type: string) {
  const table = useTypes()
  const known = useOffers()
  return outputs
    .filter((output) => output.type !== 'Value' && fits(output.type, type, table) !== null)
    .flatMap((output) => {
      const [by] = converting(known, output.type, type, table)
      return by ? [{ output, by }] : []
    })
    .slice(0, MOST_WAYS)
}

/** What feeds a port, and everything that could: the way to wire without a mouse. */
function Input({ graph, step, port }: { readonly graph: Graph; readonly step: Step; readonly port: PortView }) {
  const table = useTypes()
  const components = useEditor((state) => state.components)
  const fed = step.inputs[port.name] ?? []
  const many = port.type.startsWith('list[')
  const outputs = graph.steps
    .filter((other) => other.name !== step.name)
    .flatMap((other) => (components[other.use]?.outputs ?? []).map((output) => ({ step: other.name, port: output.name, type: output.type })))
  const offers = outputs.filter((output) => fits(output.type, port.type, table) === null)
  const through = useThrough(fed.length ? [] : outputs, port.type)
  const id = `input-${step.name}-${port.name}`
  const known = fed.map((source) => `${source.step}.${source.port}`)
  return (
    <div className="field">
      <label htmlFor={id}>
        {port.name} <small>{port.type}</small>
      </label>
      {fed.map((source) => (
        <span className="chip" key={`${source.step}.${source.port}`}>
          {source.step}.{source.port}
          <button type="button" aria-label={`${strings.remove} ${source.step}.${source.port}`} onClick={() => run(disconnect(source, { step: step.name, port: port.name }))}>
            ×
          </button>
        </span>
      ))}
      {(many || !fed.length) && (
        <select
          id={id}
          value=""
          onChange={(event) => {
            const way = event.target.value.startsWith('>') ? through[Number(event.target.value.slice(1))] : undefined
            if (way) {
              const [x, y] = places(graph)[step.name] ?? [0, 0]
              insert(way.by, { at: [x - 1, y + 0.5], from: way.output, to: { step: step.name, port: port.name, type: port.type } }, way.by.port)
              return
            }
            const [source = '', output = ''] = event.target.value.split('.')
            run(connect({ step: source, port: output }, { step: step.name, port: port.name, many }))
          }}
        >
          <option value="">{port.optional ? `${strings.notConnected} (${strings.optional})` : strings.notConnected}</option>
          {offers
            .filter((output) => !known.includes(`${output.step}.${output.port}`))
            .map((output) => (
              <option key={`${output.step}.${output.port}`} value={`${output.step}.${output.port}`}>
                {output.step}.{output.port}
              </option>
            ))}
          {through.length > 0 && (
            <optgroup label={strings.convert}>
              {through.map(({ output, by }, place) => (
                <option key={`${output.step}.${output.port}`} value={`>${place}`}>
                  {output.step}.{output.port} → {by.use}
                </option>
              ))}
            </optgroup>
          )}
        </select>
      )}
      {port.help && <p className="help">{port.help}</p>}
    </div>
  )
}
