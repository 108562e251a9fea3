import { api, ask, Refused } from '@assay/api'
import { useState } from 'react'

import { announce, openFile } from '../state/editor.ts'
import { watch } from '../state/run.ts'
import { strings } from '../strings.ts'
import { words } from './words.ts'

/** One run as a page of its own, by its link: the same page that is saved as one file, in a frame that runs nothing. */
export default function RunPage({ run }: { readonly run: string }) {
  const [made, setMade] = useState(0)
  const address = `/api/runs/${encodeURIComponent(run)}/page`
  return (
    <main className="run-page">
      <div className="row">
        <h1>
          {strings.runPage} {run}
        </h1>
        <button type="button" onClick={() => void copyLink()}>
          {words.copyLink}
        </button>
        <a href={`${address}?download=true`} download>
          {words.saveFile}
        </a>
        <button type="button" onClick={() => setMade(made + 1)}>
          {words.anew}
        </button>
        <button type="button" onClick={() => void openCanvas(run)}>
          {words.canvas}
        </button>
        <a href="/">{words.files}</a>
      </div>
      <iframe key={made} sandbox="" src={address} title={`${strings.runPage} ${run}`} />
    </main>
  )
}

async function copyLink(): Promise<void> {
  try {
    await navigator.clipboard.writeText(location.href)
    announce(words.copied)
  } catch {
    announce(location.href) // a browser that gives no clipboard: the link to copy by hand
  }
}

/** Open the pipeline of a run with the run shown on it. */
async function openCanvas(run: string): Promise<void> {
  try {
    const [found, files] = await Promise.all([ask(api.GET('/api/runs/{run}', { params: { path: { run } } })), ask(api.GET('/api/files'))])
    const path = files.map((file) => file.path).filter((one) => found.file === one || found.file.endsWith(`/${one}`)).sort((a, b) => b.length - a.length)[0]
    if (path === undefined) {
      announce(words.noFile)
      return
    }
    await openFile(path)
    await watch(run)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    announce(error.problem.message)
  }
}
