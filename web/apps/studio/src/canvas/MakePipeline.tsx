import { api, ask, Refused } from '@assay/api'
import { freshName, type Source } from '@assay/document'
import { extracted } from '@assay/document/extract'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { Dialog } from '../parts/Dialog.tsx'
import { run, select, useEditor } from '../state/editor.ts'
import { beside } from '../state/trail.ts'
import { strings } from '../strings.ts'
import { selectedSteps } from './clipboard.ts'
import { heightsOf, places } from './geometry.ts'
import { portsOf } from './ports.ts'

/** Ask for a name, and move the selected steps into a pipeline file of that name, which one step uses in their place. */
export default function MakePipeline({ onClose }: { readonly onClose: () => void }) {
  const queries = useQueryClient()
  const [name, setName] = useState('part')
  const [refused, setRefused] = useState('')
  const make = async () => {
    const why = await made(name)
    setRefused(why)
    if (why) return
    await queries.invalidateQueries({ queryKey: ['files'] })
    onClose()
  }
  return (
    <Dialog title={strings.makePipeline} onClose={onClose}>
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault()
          void make()
        }}
      >
        <label>
          {strings.name} <input autoFocus value={name} required pattern="[A-Za-z_][A-Za-z0-9_\-]*" onChange={(event) => setName(event.target.value)} />
        </label>
        <code>./{name}.pipeline.yaml</code>
        <button type="submit" className="primary">
          {strings.makePipeline}
        </button>
        <button type="button" onClick={onClose}>
          {strings.close}
        </button>
      </form>
      <p role="alert" className="failure">
        {refused}
      </p>
    </Dialog>
  )
}

/** Write the file, then change the pipeline: a file that is there already is never written over. */
async function made(name: string): Promise<string> {
  const { document, graph, components, path } = useEditor.getState()
  if (!document || !graph || path === null) return strings.broken
  const use = `./${name}.pipeline.yaml`
  const step = freshName(graph, name)
  const output = (source: Source) => {
    const maker = graph.steps.find((one) => one.name === source.step)
    return (maker && portsOf(maker, components[maker.use], graph).outputs.find((port) => port.name === source.port)?.type) ?? 'File'
  }
  const found = extracted(document.outline, selectedSteps(), step, use, { output, places: places(graph, heightsOf(graph, components)) })
  if (typeof found === 'string') return found
  try {
    await ask(api.PUT('/api/documents/{path}', { params: { path: { path: beside(path, use) } }, body: { text: found.text, etag: null } }))
  } catch (error) {
    if (error instanceof Refused) return error.problem.code === 'changed-on-disk' ? `${use} ${strings.thereAlready}` : error.problem.message
    throw error
  }
  if (run(found.command)) select([step])
  return ''
}
