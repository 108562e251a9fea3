import { api, ask, Refused } from '@assay/api'
import { useQuery } from '@tanstack/react-query'
import { Suspense, useEffect, useState } from 'react'

import { announce, createFile, openFile } from './state/editor.ts'
import { strings } from './strings.ts'
import { Gallery } from './templates/NewPipeline.tsx'

/** The first page: which pipeline? */
export function Files() {
  const files = useQuery({ queryKey: ['files'], queryFn: () => ask(api.GET('/api/files')) }).data
  const [name, setName] = useState('')
  const pipelines = files?.filter((file) => file.kind === 'pipeline') ?? []
  const asked = new URLSearchParams(location.search).get('file')
  useEffect(() => {
    if (asked) void open(asked)
  }, [asked])
  return (
    <main className="files">
      <h1>{strings.open}</h1>
      {files && !pipelines.length && <p>{strings.noPipelines}</p>}
      <ul>
        {pipelines.map((file) => (
          <li key={file.path}>
            <button type="button" onClick={() => void open(file.path)}>
              {file.path}
            </button>
          </li>
        ))}
      </ul>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void said(createFile(name.endsWith('.yaml') ? name : `${name}.pipeline.yaml`))
        }}
      >
        <label>
          {strings.newName} <input value={name} onChange={(event) => setName(event.target.value)} required pattern="[\w.\/-]+" />
        </label>
        <button type="submit">{strings.newPipeline}</button>
      </form>
      {asked === null && (
        <Suspense>
          <Gallery onMade={() => undefined} />
        </Suspense>
      )}
    </main>
  )
}

async function open(path: string): Promise<void> {
  await said(openFile(path))
}

async function said(work: Promise<void>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    announce([error.problem.message, error.problem.hint].filter(Boolean).join(' – '))
  }
}
