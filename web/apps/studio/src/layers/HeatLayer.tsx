import { useQuery } from '@tanstack/react-query'

import { figure, filled } from '../strings.ts'
import { words } from './words.ts'

interface Facts {
  readonly picture: string
  readonly mask: string | null
  readonly heat: string | null
  readonly opacity: number
  readonly alt: string
  readonly positive: string
}

/** A picture, what lies over it, and what its colours mean. */
export function HeatLayer({ picture, mask, heat, opacity, alt, positive }: Facts) {
  const strongest = useStrongest(heat)
  return (
    <figure className="layers-picture">
      <div>
        <img src={picture} alt={alt} />
        {heat && <img className="layers-heat" src={heat} alt="" style={{ opacity: opacity / 100 }} />}
        {mask && <img className="layers-mask" src={mask} alt="" />}
      </div>
      {heat && strongest !== undefined && <figcaption className="help">{filled(words.legend, { positive, strongest: figure(Number(strongest)) })}</figcaption>}
    </figure>
  )
}

/** The largest heat of a map: the server says it beside the picture. */
function useStrongest(heat: string | null): string | undefined {
  const found = useQuery({
    queryKey: ['heat', heat],
    queryFn: async () => (await fetch(heat ?? '')).headers.get('x-strongest') ?? '',
    enabled: heat !== null,
    staleTime: Infinity,
  })
  return found.data === '' ? undefined : found.data
}
