import { useState } from 'react'

import { LayeredImage, type Layer } from '../layers/LayeredImage.tsx'
import { encoded } from '../parts/addresses.ts'
import { inWords, useShown, WindowChoice, type Window } from './Rendered.tsx'

/** An Images folder: where the server answers about it, and which of a list it is. */
export interface Images {
  readonly root: string
  readonly item: number
}

interface Facts {
  readonly images: Images
  readonly file: string
  readonly mask: string
  readonly maps: readonly Layer[]
}

/** One image of a folder in a window of choice, with its layers. */
export function OpenPicture({ images: { root, item }, file, mask, maps }: Facts) {
  const [window, setWindow] = useState<Window>('auto')
  const picture = `${root}/picture/${encoded(file)}?edge=1024&window=${window}&item=${item}`
  const { shown, fault } = useShown(picture)
  if (fault) return <p className="failure" role="alert">{fault}</p>
  return (
    <LayeredImage picture={picture} alt={file} mask={mask ? `${root}/mask/${encoded(mask)}?item=${item}` : null} maps={maps}>
      <WindowChoice value={window} hounsfield={shown?.unit === 'HU'} onChange={setWindow} />
      <p className="help">{shown && inWords(shown)}</p>
    </LayeredImage>
  )
}
