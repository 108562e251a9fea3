import { api, ask, Refused, type FolderEntry, type Param } from '@assay/api'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState, type KeyboardEvent } from 'react'

import { Dialog } from '../parts/Dialog.tsx'
import { useEditor } from '../state/editor.ts'
import { found, moved, Picks, SHOWN } from './Picks.tsx'
import { beginning, parent, written } from './places.ts'
import { PICK } from './words.ts'

interface Facts {
  readonly kind: Param['path']
  readonly title: string
  readonly value: string
  readonly onChoose: (path: string) => void
  readonly onClose: () => void
}

/** The folders and files of the workspace, one folder at a time; what is chosen is written from the pipeline's own folder. */
export default function Browser({ kind, title, value, onChoose, onClose }: Facts) {
  const pipeline = useEditor((state) => state.path) ?? ''
  const [folder, setFolder] = useState(() => beginning(pipeline, value, kind === 'folder'))
  const [text, setText] = useState('')
  const [active, setActive] = useState(0)
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.focus(), []) // after the dialog has given the focus to its first button
  const list = useQuery({ queryKey: ['folder', folder], staleTime: 0, retry: false, queryFn: () => ask(api.GET('/api/folder', { params: { query: { path: folder } } })) })
  const entries = list.data?.entries.filter((entry) => entry.folder || kind !== 'folder') ?? []
  const offered = found(entries, text)
  const go = (path: string) => {
    setFolder(path)
    setText('')
    setActive(0)
  }
  const take = (entry: FolderEntry | undefined) => {
    if (!entry) return
    const path = folder ? `${folder}/${entry.name}` : entry.name
    if (entry.folder) go(path)
    else onChoose(written(pipeline, path))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const next = moved(event, active, offered.length)
    if (next !== undefined) setActive(next)
    else if (event.key === 'Enter') take(offered[active])
    else if (event.key === 'Backspace' && !text && folder) go(parent(folder))
    else return
    event.preventDefault()
  }
  const left = (list.data?.total ?? 0) - (list.data?.entries.length ?? 0)
  const hidden = Math.max(0, offered.length - SHOWN) + left
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="browse">
        <Trail folder={folder} onGo={go} />
        <label>
          {PICK.find}
          <input
            role="combobox"
            aria-expanded="true"
            aria-controls="browse-list"
            aria-autocomplete="list"
            aria-activedescendant={offered[active] ? `browse-list-${active}` : undefined}
            aria-describedby="browse-keys"
            autoComplete="off"
            ref={field}
            value={text}
            onChange={(event) => {
              setText(event.target.value)
              setActive(0)
            }}
            onKeyDown={onKeyDown}
          />
        </label>
        <Picks id="browse-list" label={PICK.entries} picks={offered.map((entry) => ({ name: entry.name, about: entry.folder ? PICK.folder : sized(entry.size) }))} active={active} onChoose={(place) => take(offered[place])} />
        <p className="help" role="status">
          {list.error instanceof Refused ? `${list.error.problem.message}. ${list.error.problem.hint}` : list.data ? !offered.length && PICK.nothing : PICK.looking}
          {hidden > 0 && ` ${hidden} ${PICK.more}.`}
        </p>
        <p className="help" id="browse-keys">
          {PICK.keys}
        </p>
        <div className="row">
          {kind !== 'file' && (
            <button type="button" className="primary" disabled={!list.data} onClick={() => onChoose(written(pipeline, folder))}>
              {PICK.choose}: {folder || PICK.workspace}
            </button>
          )}
          <button type="button" className="last" onClick={onClose}>
            {PICK.cancel}
          </button>
        </div>
      </div>
    </Dialog>
  )
}

/** The folders that lead here, each a way back. */
function Trail({ folder, onGo }: { readonly folder: string; readonly onGo: (path: string) => void }) {
  const parts = folder ? folder.split('/') : []
  return (
    <nav className="row" aria-label={PICK.where}>
      {['', ...parts].map((part, place) => (
        <button key={place} type="button" aria-current={place === parts.length ? 'location' : undefined} onClick={() => onGo(parts.slice(0, place).join('/'))}>
          <bdi>{part || PICK.workspace}</bdi>
        </button>
      ))}
    </nav>
  )
}

/** Bytes as people say them. */
function sized(bytes: number): string {
  const [unit, by] = bytes < 1e3 ? ['B', 1] : bytes < 1e6 ? ['kB', 1e3] : bytes < 1e9 ? ['MB', 1e6] : ['GB', 1e9]
  return `${(bytes / by).toFixed(by === 1 || bytes / by >= 100 ? 0 : 1)} ${unit}`
}
