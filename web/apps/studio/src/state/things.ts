import type { Things } from '@assay/document'

const NOTE = 'note:'
const GROUP = 'group:'

/** What a note or a group is called among everything that can be selected; a step goes by its own name. */
export function noteId(name: string): string {
  return NOTE + name
}

export function groupId(name: string): string {
  return GROUP + name
}

/** Selected things by kind. */
export function sorted(ids: readonly string[]): Things {
  const named = (mark: string) => ids.filter((id) => id.startsWith(mark)).map((id) => id.slice(mark.length))
  return { steps: ids.filter((id) => !id.startsWith(NOTE) && !id.startsWith(GROUP)), notes: named(NOTE), groups: named(GROUP) }
}
