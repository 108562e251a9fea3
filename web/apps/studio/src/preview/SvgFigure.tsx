import { useQuery } from '@tanstack/react-query'

import { Figure } from './chart/Figure.tsx'
import { embedded } from './chart/embedded.ts'

/** A drawing: the chart that stands in it, with its numbers, or the picture alone. */
export function SvgFigure({ address, name }: { readonly address: string; readonly name: string }) {
  const text = useQuery({
    queryKey: ['drawing', address],
    queryFn: async () => (await fetch(address)).text(),
    staleTime: Infinity,
  }).data
  const specification = text === undefined ? undefined : embedded(text)
  const title = typeof specification?.title === 'string' ? specification.title : name
  return <Figure title={title} specification={specification} picture={address} />
}
