import './templates.css'

import { api, ask, Refused, type Template } from '@assay/api'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useId, useState } from 'react'

import { announce, openFile, save } from '../state/editor.ts'
import { strings } from '../strings.ts'
import { Picture } from './Picture.tsx'

/** Whole pipelines to begin with, each drawn; the chosen one is written into a folder of the workspace and opened. */
export default function Gallery({ onMade }: { readonly onMade: () => void }) {
  const templates = useQuery({ queryKey: ['templates'], queryFn: () => ask(api.GET('/api/templates')), staleTime: Infinity }).data
  const [chosen, setChosen] = useState<Template | null>(null)
  return (
    <section className="templates" aria-label={strings.templates}>
      <h2>{strings.templates}</h2>
      <ul>
        {templates?.map((template) => (
          <li key={template.name}>
            <button type="button" aria-pressed={chosen?.name === template.name} onClick={() => setChosen(template)}>
              <Picture text={template.text} title={template.label} />
              <b>{template.label}</b>
              <span>{template.title}</span>
            </button>
          </li>
        ))}
      </ul>
      {chosen && <Place key={chosen.name} template={chosen} onMade={onMade} />}
    </section>
  )
}

function Place({ template, onMade }: { readonly template: Template; readonly onMade: () => void }) {
  const id = useId()
  const files = useQuery({ queryKey: ['files'], queryFn: () => ask(api.GET('/api/files')) }).data
  const queries = useQueryClient()
  const taken = new Set(files?.map((file) => file.path.split('/')[0]))
  const [written, setWritten] = useState<string | null>(null)
  const [refused, setRefused] = useState('')
  const folder = written ?? fresh(template.name, taken)
  const make = async () => {
    try {
      if (!(await save())) return
      const made = await ask(api.POST('/api/templates/{name}', { params: { path: { name: template.name } }, body: { folder } }))
      await queries.invalidateQueries({ queryKey: ['files'] })
      onMade()
      await openFile(made.pipeline)
      announce(`${strings.templateMade} ${made.new.join(', ')}`)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      setRefused([error.problem.message, error.problem.hint].filter(Boolean).join(' – '))
    }
  }
  return (
    <form
      className="row"
      onSubmit={(event) => {
        event.preventDefault()
        void make()
      }}
    >
      <label htmlFor={id}>{strings.templateFolder}</label>
      <input id={id} autoFocus value={folder} required onChange={(event) => setWritten(event.target.value)} />
      <button type="submit" className="primary">
        {strings.templateUse}: {template.label}
      </button>
      {template.needs.length > 0 && <code>pip install &apos;assay-ml[{template.needs.join(',')}]&apos;</code>}
      <p role="alert" className="failure">
        {refused}
      </p>
    </form>
  )
}

function fresh(name: string, taken: ReadonlySet<string | undefined>): string {
  let folder = name
  for (let count = 2; taken.has(folder); count++) folder = `${name}-${count}`
  return folder
}
