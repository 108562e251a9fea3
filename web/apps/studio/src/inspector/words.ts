import type { ColumnsKnown } from '@assay/api'

/** The words of the pickers of files and columns, loaded with them. */
export const PICK = {
  columns: 'Columns',
  show: 'Show the columns for',
  looking: 'Looking …',
  noMatch: 'No column is called so. Enter takes what is written all the same.',
  more: 'more; type to find them',
  by: 'Columns of',
  run: 'by the run that was looked at or the last one',
  file: 'as the file has them',
  far: 'The steps between may add, rename or drop some.',
  looked: 'missing cells by the first',
  rows: 'rows',
  missing: 'missing',
  add: 'Add a column',
  remove: 'Remove',
  browse: 'Browse …',
  browseFor: 'Browse for',
  workspace: 'Workspace',
  where: 'Folder',
  find: 'Find in this folder',
  entries: 'Files and folders',
  folder: 'folder',
  choose: 'Choose this folder',
  cancel: 'Cancel',
  nothing: 'Nothing here matches.',
  up: 'Up one folder',
  keys: 'Arrow keys move, Enter opens or chooses, Backspace in the empty field goes up.',
} as const

/** Why no column is known, and what to do. */
export const WHY: Readonly<Record<NonNullable<ColumnsKnown['why']>, string>> = {
  broken: 'The columns are not known while the text or the component is broken. Mend it first, or write the name.',
  'no-column': 'This parameter names no column.',
  'not-connected': 'No table is connected yet. Connect the input, or write the name.',
  'not-chosen': 'No table is chosen yet. Choose the file first, or write the name.',
  outside: 'The table lies outside this workspace and is not read here. Write the name.',
  missing: 'The table is not there. Choose a file that is, or write the name.',
  unreadable: 'The columns of this file are not read here. Run the step once, or write the name.',
  'not-run': 'The columns are not known before a run. Run the step before this one, or write the name.',
}
