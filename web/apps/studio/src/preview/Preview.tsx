import { api, ask, type Preview as Shape } from '@assay/api'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'

import { ExploreLinks } from '../explore/ExploreLinks.tsx'
import { encoded, outputRoot } from '../parts/addresses.ts'
import { EvidenceView } from './EvidenceView.tsx'
import { Guarded } from './Guarded.tsx'
import { JsonView } from './JsonView.tsx'
import { MetricsView } from './MetricsView.tsx'
import './preview.css'
import { Rendered } from './Rendered.tsx'
import { SvgFigure } from './SvgFigure.tsx'
import { TableView } from './TableView.tsx'
import { VerdictView } from './VerdictView.tsx'
import { words } from './words.ts'

const ImagesView = lazy(() => import('./Pictures.tsx').then((found) => ({ default: found.ImagesView })))
const HeatmapsView = lazy(() => import('./Pictures.tsx').then((found) => ({ default: found.HeatmapsView })))
const ModelView = lazy(() => import('./ModelView.tsx').then((found) => ({ default: found.ModelView })))
const NotebookView = lazy(() => import('./NotebookView.tsx').then((found) => ({ default: found.NotebookView })))

interface Place {
  readonly run: string
  readonly step: string
  readonly port: string
}

/** What a port carries, in place. */
export default function Preview(place: Place) {
  const [page, setPage] = useState(0)
  const path = { run: place.run, step: place.step, port: place.port }
  const { data, error } = useQuery({
    queryKey: ['preview', path, page],
    queryFn: () => ask(api.GET('/api/runs/{run}/outputs/{step}/{port}/preview', { params: { path, query: { page } } })),
    staleTime: Infinity,
  })
  if (error) return <p className="failure">{error.message}</p>
  return data ? <Shown place={place} shape={data} page={page} onPage={setPage} /> : null
}

function Shown({ place, shape, page, onPage }: { place: Place; shape: Shape; page: number; onPage: (page: number) => void }) {
  const root = outputRoot(place.run, place.step, place.port)
  switch (shape.kind) {
    case 'table':
      return (
        <>
          <ExploreLinks run={place.run} step={place.step} port={place.port} />
          <TableView shape={shape} page={page} onPage={onPage} />
        </>
      )
    case 'images':
      return (
        <Suspense>
          <ImagesView place={place} shape={shape} page={page} onPage={onPage} />
        </Suspense>
      )
    case 'heatmaps':
      return (
        <Suspense>
          <HeatmapsView place={place} shape={shape} page={page} onPage={onPage} />
        </Suspense>
      )
    case 'json':
      return <Document about={shape.about} body={shape.body} />
    case 'model':
      return (
        <Guarded instead={<JsonView body={shape.body} />}>
          <Suspense>
            <ModelView run={place.run} shape={shape} />
          </Suspense>
        </Guarded>
      )
    case 'verdict':
      return <VerdictView shape={shape} />
    case 'value':
      return <JsonView body={shape.body} />
    case 'file':
      return <File place={place} media={shape.media_type} address={`${root}/content`} />
    case 'picture':
      return <Rendered root={root} name="" title={`${place.step} ${place.port}`} />
    case 'text':
      return <pre className="log">{shape.text}</pre>
    case 'folder':
      return (
        <ul>
          {shape.files.map((name) => (
            <li key={name}>
              <a href={`${root}/files/${encoded(name)}`} target="_blank" rel="noreferrer">
                {name}
              </a>
            </li>
          ))}
        </ul>
      )
  }
}

function Document({ about, body }: { readonly about: string; readonly body: unknown }) {
  const View = { evidence: EvidenceView, metrics: MetricsView, notebook: NotebookView }[about] ?? JsonView
  return (
    <Guarded instead={<JsonView body={body} />}>
      <Suspense>
        <View body={body} />
      </Suspense>
    </Guarded>
  )
}

/** A picture, or a page in a frame that runs nothing and is a stranger to this one. */
function File({ place, media, address }: { readonly place: Place; readonly media: string; readonly address: string }) {
  const name = `${place.step} ${place.port}`
  if (media === 'image/svg+xml') return <SvgFigure address={address} name={name} />
  return (
    <>
      {media.startsWith('image/') ? <img className="picture" src={address} alt={name} /> : <iframe className="page" sandbox="" src={address} title={name} />}
      <p className="row">
        <a href={address} target="_blank" rel="noreferrer">
          {words.ownTab}
        </a>
        <a href={`${address}?download=true`} download>
          {words.download}
        </a>
      </p>
    </>
  )
}
