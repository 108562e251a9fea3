/** The Vega-Lite specification that Assay keeps inside a drawing; none when there is none. The text is parsed, and nothing in it runs. */
export function embedded(svg: string): Readonly<Record<string, unknown>> | undefined {
  const kept = new DOMParser().parseFromString(svg, 'image/svg+xml').querySelector('metadata.vega-lite')?.textContent
  if (!kept) return undefined
  try {
    const found: unknown = JSON.parse(kept)
    return typeof found === 'object' && found !== null ? (found as Readonly<Record<string, unknown>>) : undefined
  } catch {
    return undefined
  }
}
