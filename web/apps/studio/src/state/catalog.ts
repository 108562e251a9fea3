import { api, ask, type Catalog, type Component, type Session } from '@assay/api'
import { fits, type TypeTable } from '@assay/document'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'

import { useEditor } from './editor.ts'

export function useCatalog(): Catalog | undefined {
  return useQuery({ queryKey: ['components'], queryFn: () => ask(api.GET('/api/components')), staleTime: 60_000 }).data
}

export function useSession(): Session | undefined {
  return useQuery({ queryKey: ['session'], queryFn: () => ask(api.GET('/api/session')), staleTime: Infinity }).data
}

export function useTypes(): TypeTable {
  const session = useSession()
  return useMemo(() => Object.fromEntries(session?.types.map((type) => [type.name, type.parent ?? null]) ?? []), [session])
}

/** A component and what a step writes under `use:` to get it. */
export interface Offer {
  readonly use: string
  readonly component: Component
}

/** What can be added: the catalog, and the components of files that this pipeline uses already. */
export function useOffers(): readonly Offer[] {
  const catalog = useCatalog()
  const used = useEditor((state) => state.components)
  return useMemo(() => {
    const own = Object.entries(used).filter(([use]) => use.startsWith('./') || use.startsWith('../'))
    const known = (catalog?.components ?? []).map((component) => ({ use: component.name, component }))
    return [...known, ...own.map(([use, component]) => ({ use, component }))]
  }, [catalog, used])
}

/** The components whose first fitting input takes `type`, each with that input. */
export function taking(offers: readonly Offer[], type: string, table: TypeTable): (Offer & { readonly port: string })[] {
  return offers.flatMap((offer) => {
    const port = offer.component.inputs.find((input) => fits(type, input.type, table) === null)
    return port ? [{ ...offer, port: port.name }] : []
  })
}

/** A component that makes of one type another: the input that takes it, the output that gives it, and what else it must have. */
export interface Converter extends Offer {
  readonly port: string
  readonly output: string
}

/** What makes something that fits `to` of `from`, the closest first: which asks for the least beside it, and gives the very type. */
export function converting(offers: readonly Offer[], from: string, to: string, table: TypeTable): Converter[] {
  const found = offers.flatMap((offer) => {
    const { inputs, outputs } = offer.component
    const port = inputs.find((input) => fits(from, input.type, table) === null)
    const output = outputs.find((one) => one.type === to) ?? outputs.find((one) => fits(one.type, to, table) === null)
    if (!port || !output) return []
    const others = inputs.filter((input) => !input.optional && input.name !== port.name).length
    const distance = others * 4 + (output.type === to ? 0 : 1) + (port.type === from ? 0 : 2)
    return [{ converter: { ...offer, port: port.name, output: output.name }, distance }]
  })
  return found.sort((a, b) => a.distance - b.distance || a.converter.use.localeCompare(b.converter.use)).map((one) => one.converter)
}

/** Offers that have every word in name, title, tags or description, the best first; or in the order that they have. */
export function matching<T extends Offer>(offers: readonly T[], words: string, best = true): T[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  const scored = offers.flatMap((offer) => {
    const { component } = offer
    const name = offer.use.toLowerCase()
    const all = [name, component.title, ...component.tags, component.description].join(' ').toLowerCase()
    if (!wanted.every((word) => all.includes(word))) return []
    return [{ offer, score: wanted.reduce((sum, word) => sum + (name.includes(word) ? 2 : 0), 0) }]
  })
  if (!best) return scored.map((one) => one.offer)
  return scored.sort((a, b) => b.score - a.score || a.offer.use.localeCompare(b.offer.use)).map((one) => one.offer)
}
