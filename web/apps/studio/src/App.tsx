import { lazy, Suspense, useEffect, useState } from 'react'

import { useExplore } from './explore/state.ts'
import { Files } from './Files.tsx'
import { Palette } from './palette/Palette.tsx'
import { Problems } from './panels/Problems.tsx'
import { Dialog } from './parts/Dialog.tsx'
import { Toolbar } from './Toolbar.tsx'
import { refresh, settle, useEditor } from './state/editor.ts'
import { useAsking } from './state/alive.ts'
import { useReach } from './state/reach.ts'
import { useTheme } from './state/theme.ts'
import { restart, strings } from './strings.ts'
import { useVersions } from './versions/state.ts'

const Canvas = lazy(() => import('./canvas/Canvas.tsx').then((found) => ({ default: found.Canvas })))
const DifferenceView = lazy(() => import('./versions/DifferenceView.tsx'))
const Explore = lazy(() => import('./explore/Explore.tsx'))
const Inspector = lazy(() => import('./inspector/Inspector.tsx').then((found) => ({ default: found.Inspector })))
const OutlineTable = lazy(() => import('./panels/OutlineTable.tsx').then((found) => ({ default: found.OutlineTable })))
const Runs = lazy(() => import('./runs/Runs.tsx').then((found) => ({ default: found.Runs })))
const PipelineForm = lazy(() => import('./inspector/PipelineForm.tsx'))
const RunPage = lazy(() => import('./runs/RunPage.tsx'))
const TextPane = lazy(() => import('./panels/TextPane.tsx'))
const PANELS = ['problems', 'outline', 'runs', 'text'] as const
type Panel = (typeof PANELS)[number]

export function App() {
  const path = useEditor((state) => state.path)
  const theme = useTheme((state) => state.theme)
  useAsking()
  const alone = new URLSearchParams(location.search).get('run')
  const comparing = useVersions((state) => state.open)
  const exploring = useExplore((state) => state.place)
  useEffect(() => {
    const look = () => void refresh().catch(() => undefined) // a server that is gone has its own banner
    window.addEventListener('focus', look)
    return () => window.removeEventListener('focus', look)
  }, [])
  useEffect(() => {
    document.documentElement.dataset.theme = theme
  }, [theme])
  return (
    <div className="app">
      <Toolbar />
      <Away />
      {path === null && alone !== null ? (
        <Suspense>
          <RunPage run={alone} />
        </Suspense>
      ) : path === null ? (
        <Files />
      ) : exploring ? (
        <Suspense fallback={<main className="explore" aria-busy="true" />}>
          <Explore key={JSON.stringify(exploring)} place={exploring} />
        </Suspense>
      ) : (
        <main className="work">
          <Palette />
          <div className="middle">
            <Suspense fallback={<section className="canvas" aria-busy="true" />}>{comparing ? <DifferenceView /> : <Canvas />}</Suspense>
            <Panels />
          </div>
          <Side />
        </main>
      )}
      <Conflict />
      <Notice />
    </div>
  )
}

/** What to do when the server does not answer, or was started anew: what is not saved is still here. */
function Away() {
  const reach = useReach((state) => state.reach)
  if (reach === 'here') return null
  return (
    <p className="banner" role="alert">
      {reach === 'gone' ? `${strings.gone} ${restart(location.port)}` : strings.stranger}
    </p>
  )
}

/** The form of what is selected, or, when nothing is, of the pipeline. */
function Side() {
  const count = useEditor((state) => state.selected.length)
  const empty = (
    <aside className="inspector" aria-label={strings.inspector}>
      <p>{strings.nothingSelected}</p>
    </aside>
  )
  if (count > 1) return empty
  return <Suspense fallback={empty}>{count === 1 ? <Inspector /> : <PipelineForm />}</Suspense>
}

function Panels() {
  const [panel, setPanel] = useState<Panel>('problems')
  const count = useEditor((state) => state.faults.length)
  const titles: Record<Panel, string> = {
    problems: count ? `${strings.problems} (${count})` : strings.problems,
    outline: strings.outline,
    runs: strings.runs,
    text: strings.text,
  }
  return (
    <section className={`panels panels-${panel}`}>
      <div role="tablist" aria-label={strings.app}>
        {PANELS.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-selected={panel === name}
            aria-controls="panel"
            tabIndex={panel === name ? 0 : -1}
            onClick={() => setPanel(name)}
            onKeyDown={(event) => {
              const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
              const next = PANELS[(PANELS.indexOf(panel) + step + PANELS.length) % PANELS.length]
              if (step && next) {
                setPanel(next)
                document.getElementById(`tab-${next}`)?.focus()
              }
            }}
          >
            {titles[name]}
          </button>
        ))}
      </div>
      <div id="panel" role="tabpanel" aria-labelledby={`tab-${panel}`} tabIndex={0}>
        {panel === 'problems' && <Problems />}
        <Suspense>
          {panel === 'outline' && <OutlineTable />}
          {panel === 'runs' && <Runs />}
          {panel === 'text' && <TextPane />}
        </Suspense>
      </div>
    </section>
  )
}

function Conflict() {
  const conflict = useEditor((state) => state.conflict)
  if (!conflict) return null
  return (
    <Dialog title={strings.conflict} onClose={() => undefined}>
      <pre className="log">{conflict.text}</pre>
      <div className="row">
        <button type="button" onClick={() => settle('mine')}>
          {strings.keepMine}
        </button>
        <button type="button" onClick={() => settle('theirs')}>
          {strings.takeTheirs}
        </button>
      </div>
    </Dialog>
  )
}

function Notice() {
  const notice = useEditor((state) => state.notice)
  return (
    <p className="notice" role="status" aria-live="polite">
      {notice}
    </p>
  )
}
