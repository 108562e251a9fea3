import { api, ask, type Preview as Shape } from '@assay/api'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { strings } from '../strings.ts'
import { EvidenceView } from './EvidenceView.tsx'
import { JsonView } from './JsonView.tsx'

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
  const root = `/api/runs/${encodeURIComponent(place.run)}/outputs/${encodeURIComponent(place.step)}/${encodeURIComponent(place.port)}`
  switch (shape.kind) {
    case 'table':
      return <Table shape={shape} />
    case 'images':
      return <Images shape={shape} root={root} page={page} onPage={onPage} />
    case 'json':
      return shape.about === 'evidence' ? <EvidenceView body={shape.body} /> : <JsonView body={shape.body} />
    case 'value':
      return <JsonView body={shape.body} />
    case 'file':
      return shape.media_type.startsWith('image/') ? (
        <img className="picture" src={`${root}/content`} alt={`${place.step} ${place.port}`} />
      ) : (
        <iframe className="page" sandbox="" src={`${root}/content`} title={`${place.step} ${place.port}`} />
      )
    case 'text':
      return <pre className="log">{shape.text}</pre>
    case 'folder':
      return (
        <ul>
          {shape.files.map((name) => (
            <li key={name}>
              <a href={`${root}/files/${name}`} target="_blank" rel="noreferrer">
                {name}
              </a>
            </li>
          ))}
        </ul>
      )
  }
}

function Table({ shape }: { readonly shape: Extract<Shape, { kind: 'table' }> }) {
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={strings.result}>
      <table>
        <thead>
          <tr>
            {shape.columns.map((column) => (
              <th scope="col" key={column.name}>
                {column.name}
                <small>
                  {column.type}
                  {column.missing > 0 && `, ${(column.missing * 100).toFixed(0)} % ${strings.missing}`}
                </small>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shape.rows.map((row, number) => (
            <tr key={number}>
              {row.map((cell, place) => (
                <td key={place}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {shape.total !== null && (
        <p className="help">
          {shape.rows.length} {strings.of} {shape.total}
        </p>
      )}
    </div>
  )
}

const PAGE = 200

function Images({
  shape,
  root,
  page,
  onPage,
}: {
  shape: Extract<Shape, { kind: 'images' }>
  root: string
  page: number
  onPage: (page: number) => void
}) {
  return (
    <>
      <p className="help">
        {page * PAGE + 1}–{page * PAGE + shape.rows.length} {strings.of} {shape.total} {strings.images}
        {shape.facts.synthetic === true && ' (synthetic)'}
      </p>
      <div className="gallery">
        {shape.rows.map((row) => (
          <figure key={row.file}>
            <img loading="lazy" src={`${root}/files/${row.file}`} alt={row.file ?? ''} />
            <figcaption>{[row.label, row.age, row.sex].filter(Boolean).join(' ')}</figcaption>
          </figure>
        ))}
      </div>
      <div className="row">
        <button type="button" disabled={page === 0} onClick={() => onPage(page - 1)}>
          ◀
        </button>
        <button type="button" disabled={(page + 1) * PAGE >= shape.total} onClick={() => onPage(page + 1)}>
          ▶
        </button>
      </div>
    </>
  )
}
