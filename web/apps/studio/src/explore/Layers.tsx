import type { Case, CaseTable } from '@assay/api'

import { LayeredImage, type Layer } from '../layers/LayeredImage.tsx'
import { layerOf } from '../layers/maps.ts'
import { outputRoot } from '../parts/addresses.ts'
import { useExplanation } from './explanation.ts'
import { OnRequest } from './OnRequest.tsx'
import type { PredictionsPlace } from './state.ts'
import { WORDS } from './words.ts'

/** The image of a case with its heat maps and mask over it. */
export function Layers({ place, table, found }: { readonly place: PredictionsPlace; readonly table: CaseTable; readonly found: Case }) {
  const { explanation, fault, act } = useExplanation(place, found.row.number, found.maps.length === 0)
  const root = `${outputRoot(place.run, place.step, place.port)}/cases/${found.row.number}`
  const asked: Layer[] = explanation?.found ? [{ name: explanation.found.title, address: `${root}/explanation/heat?item=${place.item}`, positive: table.positive, standing: null }] : []
  return (
    <LayeredImage
      picture={`${root}/picture?edge=1024&item=${place.item}`}
      alt={`${WORDS.picture} ${found.row.name}`}
      mask={found.mask ? `${root}/mask?item=${place.item}` : null}
      maps={found.maps.length > 0 ? found.maps.map((map) => layerOf(place.run, map)) : asked}
    >
      {found.maps.length === 0 && <OnRequest explanation={explanation} fault={fault} positive={table.positive} able={table.model !== null} act={act} />}
    </LayeredImage>
  )
}
