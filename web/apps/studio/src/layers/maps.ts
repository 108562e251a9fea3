import type { CaseMap } from '@assay/api'

import { outputRoot } from '../parts/addresses.ts'
import type { Layer } from './LayeredImage.tsx'

/** A map of a Heatmaps folder as a layer. */
export function layerOf(run: string, map: Pick<CaseMap, 'step' | 'port' | 'item' | 'row' | 'title' | 'positive' | 'state' | 'reason'>): Layer {
  return {
    name: `${map.step}: ${map.title}`,
    address: `${outputRoot(run, map.step, map.port)}/heat/${map.row}?item=${map.item}`,
    positive: map.positive,
    standing: { state: map.state, reason: map.reason },
  }
}
