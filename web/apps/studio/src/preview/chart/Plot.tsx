import { parse, View, type Loader } from 'vega'
import { expressionInterpreter } from 'vega-interpreter'
import { compile, type TopLevelSpec } from 'vega-lite'
import { useEffect, useRef } from 'react'

import { useTheme } from '../../state/theme.ts'

const LIGHT = ['#0b5394', '#b45f06', '#38761d', '#741b47', '#45818e', '#7f6000']
const DARK = ['#7fb0ff', '#f0a85a', '#7fd08a', '#e58bc0', '#7fd0d8', '#e0c860']

/** Nothing is ever fetched, and no link is followed: every number stands in the specification. */
const refused = () => Promise.reject(new Error('a chart holds its own numbers'))
const NOTHING = { load: refused, sanitize: refused, http: refused, file: refused } as unknown as Loader

/** A chart that reacts, drawn by Vega without making code of text (the page's policy forbids that). */
export default function Plot({ specification, title, onFailure }: { readonly specification: Readonly<Record<string, unknown>>; readonly title: string; readonly onFailure: () => void }) {
  const place = useRef<HTMLDivElement>(null)
  const theme = useTheme((state) => state.theme)
  useEffect(() => {
    if (!place.current) return undefined
    let view: View | undefined
    try {
      const untitled = { ...specification, title: '' } // the caption says it
      const silent = { level: () => silent, error: () => silent, warn: () => silent, info: () => silent, debug: () => silent }
      const { spec } = compile(untitled as unknown as TopLevelSpec, { config: colours(place.current), logger: silent })
      const runtime = parse(spec, undefined, { ast: true })
      view = new View(runtime, { expr: expressionInterpreter, loader: NOTHING, renderer: 'svg', container: place.current, hover: true })
      view.runAsync().catch(onFailure)
    } catch {
      onFailure()
    }
    return () => {
      view?.finalize()
    }
  }, [specification, theme, onFailure])
  return (
    <div className="plot" role="img" aria-label={title}>
      <div ref={place} aria-hidden />
    </div>
  )
}

/** The page's own colours. */
function colours(place: Element): object {
  const style = getComputedStyle(place)
  const ink = style.getPropertyValue('--ink').trim()
  const [faint, line] = [style.getPropertyValue('--faint').trim(), style.getPropertyValue('--line').trim()]
  const dark = isDark(style.getPropertyValue('--paper').trim())
  return {
    background: 'transparent',
    font: 'system-ui, sans-serif',
    aria: false,
    axis: { labelColor: faint, titleColor: ink, gridColor: line, domainColor: faint, tickColor: faint, labelLimit: 360, titleFontWeight: 400 },
    legend: { labelColor: ink, titleColor: ink, labelLimit: 360, orient: 'bottom', columns: 2 },
    view: { stroke: line },
    mark: { tooltip: true },
    rule: { strokeWidth: 2 },
    text: { color: ink, fontSize: 14 },
    range: { category: dark ? DARK : LIGHT, heatmap: ['#e6eef7', '#0b5394'] },
  }
}

function isDark(paper: string): boolean {
  return /^#[0-4]/.test(paper)
}
