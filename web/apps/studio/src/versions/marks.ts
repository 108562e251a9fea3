import type { VersionDifference } from '@assay/api'

import { strings } from '../strings.ts'

export type Mark = VersionDifference['steps'][number]['change'] | 'same'
type Change = VersionDifference['pipeline'][number]

/** A sign as well as a colour. */
export const SIGNS: Readonly<Record<Mark, string>> = { added: '+', removed: '−', changed: '~', renamed: '→', same: '' }

export const MARKS = ['added', 'removed', 'changed', 'renamed'] as const

/** `epochs: 8 → 12`, `+ epochs: 12`, `− epochs: 8`. */
export function changeText(change: Change): string {
  const path = change.path.replace(/^with\./, '')
  if (change.change === 'added') return `+ ${path}: ${valueText(change.to)}`
  if (change.change === 'removed') return `− ${path}: ${valueText(change.from)}`
  return `${path}: ${valueText(change.from)} → ${valueText(change.to)}`
}

/** One line a difference, in the order of the picture. */
export function linesOf(found: VersionDifference): { mark: Mark; step: string | null; text: string }[] {
  return [
    ...found.pipeline.map((change) => ({ mark: change.change, step: null, text: changeText(change) })),
    ...found.steps.map((step) => ({
      mark: step.change,
      step: step.step,
      text: [`${step.step} (${step.use})`, step.was && `${strings.versions.was} ${step.was}`, ...step.changes.map(changeText)].filter(Boolean).join('; '),
    })),
    ...found.wires.map((wire) => ({
      mark: wire.change,
      step: null,
      text: `${strings.versions.wire} ${wire.source}${wire.port && `.${wire.port}`} → ${wire.target}.${wire.into}`,
    })),
    ...found.annotations.map((one) => ({
      mark: one.change,
      step: null,
      text: [`${strings.versions[one.kind]} ${one.name}${one.title && one.title !== one.name ? ` (${one.title})` : ''}`, ...one.changes.map(changeText)].join('; '),
    })),
  ]
}

function valueText(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}
