import { beside } from '../state/trail.ts'

/** A path of the workspace as a pipeline file writes it: from its own folder. */
export function written(pipeline: string, path: string): string {
  const from = pipeline.split('/').slice(0, -1)
  const to = path ? path.split('/') : []
  let same = 0
  while (same < from.length && same < to.length && from[same] === to[same]) same++
  return [...from.slice(same).map(() => '..'), ...to.slice(same)].join('/') || '.'
}

/** The folder of the workspace to begin in: that of what is written now, or the pipeline's own. */
export function beginning(pipeline: string, value: string, folder: boolean): string {
  const own = pipeline.split('/').slice(0, -1)
  const leaves = value.split('/').filter((part) => part === '..').length > own.length
  if (!value || value.startsWith('$') || value.startsWith('/') || value.startsWith('~') || leaves) return own.join('/')
  const path = beside(pipeline, value.replace(/\/+$/, ''))
  return folder ? path : path.split('/').slice(0, -1).join('/')
}

export function parent(path: string): string {
  return path.split('/').slice(0, -1).join('/')
}
