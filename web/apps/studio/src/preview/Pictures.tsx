import { api, ask, type ImageMaps, type Preview } from '@assay/api'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'

import type { Layer } from '../layers/LayeredImage.tsx'
import { layerOf } from '../layers/maps.ts'
import { encoded, outputRoot } from '../parts/addresses.ts'
import { useRoving } from '../parts/roving.ts'
import { figure, filled, strings } from '../strings.ts'
import { OpenPicture, type Images } from './OpenPicture.tsx'
import { words } from './words.ts'

interface Place {
  readonly run: string
  readonly step: string
  readonly port: string
}

interface Paged {
  readonly start: number
  readonly total: number
  readonly page: number
  readonly onPage: (page: number) => void
}

interface Tile {
  readonly file: string
  readonly caption: string
  readonly small: string
  /** Where the picture can be had in a window of choice; `null`: only the small one is there. */
  readonly images: Images | null
  readonly mask: string
  readonly maps: readonly Layer[]
}

type Of<Kind extends Preview['kind']> = Extract<Preview, { kind: Kind }>

/** Images with what the index says of each, and the heat maps of the run over them. */
export function ImagesView({ place, shape, page, onPage }: { readonly place: Place; readonly shape: Of<'images'>; readonly page: number; readonly onPage: (page: number) => void }) {
  const path = { run: place.run, step: place.step, port: place.port }
  const maps = useQuery({
    queryKey: ['image-maps', path],
    queryFn: () => ask(api.GET('/api/runs/{run}/outputs/{step}/{port}/maps', { params: { path } })),
  }).data
  const root = outputRoot(place.run, place.step, place.port)
  const tiles = shape.rows.map((row): Tile => {
    const file = row.file ?? ''
    const over = maps?.flatMap((one) => mapOver(place.run, one, file)) ?? []
    const known = [row.label, row.age, row.sex].filter(Boolean).join(' ')
    return { file, caption: over.length ? `${known} · ${words.heatOver}` : known, small: `${root}/picture/${encoded(file)}?edge=128`, images: { root, item: 0 }, mask: row.mask ?? '', maps: over }
  })
  return (
    <>
      {shape.facts.synthetic === true && <p className="help">{words.synthetic}</p>}
      {maps && maps.length > 0 && <p className="help">{filled(words.mapsHere, { steps: [...new Set(maps.map((one) => one.step))].join(', ') })}</p>}
      <Gallery tiles={tiles} start={shape.start} total={shape.total} page={page} onPage={onPage} />
    </>
  )
}

/** Heat maps by one method over the pictures that they are of. */
export function HeatmapsView({ place, shape, page, onPage }: { readonly place: Place; readonly shape: Of<'heatmaps'>; readonly page: number; readonly onPage: (page: number) => void }) {
  const root = outputRoot(place.run, place.step, place.port)
  const { images } = shape
  const under = images && { root: outputRoot(place.run, images.step, images.port), item: images.item }
  const tiles = shape.rows.map((row): Tile => ({
    file: row.file,
    caption: [row.label, row.outcome, Number.isFinite(parseFloat(row.score)) ? figure(Number(row.score)) : ''].filter(Boolean).join(', '),
    small: `${root}/files/${encoded(row.overlay)}`,
    images: under,
    mask: row.mask,
    maps: [layerOf(place.run, { ...shape, step: place.step, port: place.port, item: 0, row: row.row })],
  }))
  return (
    <>
      <p className="help">{filled(words.mapsBy, { title: shape.title, positive: shape.positive })}</p>
      {!under && <p className="help">{words.noImages}</p>}
      <Gallery tiles={tiles} start={shape.start} total={shape.total} page={page} onPage={onPage} />
    </>
  )
}

/** Small pictures, one of which is shown large; arrow keys move between them. */
function Gallery({ tiles, ...paged }: { readonly tiles: readonly Tile[] } & Paged) {
  const [open, setOpen] = useState<number | null>(null)
  const list = useRef<HTMLUListElement>(null)
  const roving = useRoving(tiles.length)
  const shown = open === null ? undefined : tiles[open]
  const back = () => {
    if (open !== null) list.current?.querySelectorAll('button')[open]?.focus()
    setOpen(null)
  }
  return (
    <>
      {shown && open !== null && <Opened tile={shown} position={open} total={tiles.length} onMove={setOpen} onBack={back} />}
      <ul ref={list} className="gallery" aria-label={strings.images} onKeyDown={roving.onKeyDown}>
        {tiles.map((tile, index) => (
          <li key={`${tile.file} ${index}`}>
            <button type="button" tabIndex={index === roving.at ? 0 : -1} aria-pressed={index === open} onFocus={() => roving.onFocus(index)} onClick={() => setOpen(index)}>
              <img loading="lazy" src={tile.small} alt={tile.file} />
              <small>{tile.caption}</small>
            </button>
          </li>
        ))}
      </ul>
      <Pager
        {...paged}
        shown={tiles.length}
        onPage={(page) => {
          setOpen(null)
          paged.onPage(page)
        }}
      />
    </>
  )
}

interface OpenedFacts {
  readonly tile: Tile
  readonly position: number
  readonly total: number
  readonly onMove: (position: number) => void
  readonly onBack: () => void
}

function Opened({ tile, position, total, onMove, onBack }: OpenedFacts) {
  const section = useRef<HTMLElement>(null)
  useEffect(() => section.current?.focus(), [])
  return (
    <section ref={section} className="opened" tabIndex={-1} aria-label={`${tile.file} ${tile.caption}`}>
      <div className="row">
        <button type="button" onClick={onBack}>
          {words.backToAll}
        </button>
        <button type="button" disabled={position === 0} onClick={() => onMove(position - 1)}>
          ← {words.previous}
        </button>
        <button type="button" disabled={position + 1 >= total} onClick={() => onMove(position + 1)}>
          {words.next} →
        </button>
        <bdi>
          {tile.file} {tile.caption && `(${tile.caption})`}
        </bdi>
      </div>
      {tile.images === null ? <img className="picture" src={tile.small} alt={tile.file} /> : <OpenPicture images={tile.images} file={tile.file} mask={tile.mask} maps={tile.maps} />}
    </section>
  )
}

function Pager({ start, total, page, onPage, shown }: Paged & { readonly shown: number }) {
  return (
    <div className="row">
      <button type="button" disabled={page === 0} aria-label={words.before} onClick={() => onPage(page - 1)}>
        ◀
      </button>
      <span className="help" role="status">
        {shown ? start + 1 : start}–{start + shown} {strings.of} {total} {strings.images}
      </span>
      <button type="button" disabled={start + shown >= total} aria-label={words.after} onClick={() => onPage(page + 1)}>
        ▶
      </button>
    </div>
  )
}

function mapOver(run: string, maps: ImageMaps, file: string): Layer[] {
  const row = Object.hasOwn(maps.files, file) ? maps.files[file] : undefined
  return row === undefined ? [] : [layerOf(run, { ...maps, row })]
}
