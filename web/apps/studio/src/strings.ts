/** Every word the editor shows, in one table. */
export const strings = {
  app: 'Assay Studio',
  open: 'Open a pipeline',
  newPipeline: 'New pipeline',
  newOne: 'New',
  templates: 'Begin with a template',
  templateFolder: 'Into the folder',
  templateUse: 'Begin with',
  templateMade: 'Written:',
  newName: 'Name of the new file',
  noPipelines: 'There is no pipeline in this project yet.',
  files: 'Files',
  save: 'Save',
  saved: 'Saved',
  unsaved: 'Not saved',
  undo: 'Undo',
  redo: 'Redo',
  text: 'Text',
  arrange: 'Arrange',
  theme: 'Theme',
  themes: { system: 'As the system', light: 'Light', dark: 'Dark', contrast: 'High contrast' },
  palette: 'Components',
  search: 'Search components',
  nothingFound: 'No component matches.',
  canvas: 'Pipeline canvas',
  canvasHelp: 'Tab moves between steps, arrow keys move a step, Delete removes it, A adds one.',
  add: 'Add a step',
  addFitting: 'Add a step that takes this',
  inspector: 'Step',
  nothingSelected: 'Select a step to see its parameters.',
  missingComponent: 'This component is not installed here. Nothing of the step is lost.',
  name: 'Name',
  component: 'Component',
  parameters: 'Parameters',
  inputs: 'Inputs',
  outputs: 'Outputs',
  reset: 'Reset to the default',
  remove: 'Remove',
  notConnected: 'not connected',
  optional: 'optional',
  secret: 'Name of a secret; its value is never written into the file',
  required: 'needs a value',
  expression: 'This value is computed when the pipeline runs; edit it as text.',
  problems: 'Problems',
  noProblems: 'No problem found.',
  fix: 'Fix',
  fixAll: 'Fix all',
  outline: 'Outline',
  runs: 'Runs',
  noRuns: 'This pipeline has not run yet.',
  run: 'Run',
  runThis: 'Run this step',
  runTo: 'Run up to here',
  runFrom: 'Run from here',
  cancel: 'Cancel',
  resume: 'Resume',
  planTitle: 'What will happen',
  start: 'Start',
  close: 'Close',
  starting: 'Starting …',
  log: 'Log',
  noLog: 'This step has printed nothing.',
  result: 'Results',
  target: 'Where',
  disconnected: 'The server does not answer. What you see may be old.',
  conflict: 'This file was changed by somebody else in a way that cannot be merged.',
  keepMine: 'Keep mine',
  takeTheirs: 'Take theirs',
  mergedNote: 'Changes made elsewhere were merged in.',
  compare: 'Compare with',
  download: 'Download',
  missing: 'empty',
  images: 'images',
  of: 'of',
  versions: {
    changes: 'Changes',
    picture: 'Picture',
    title: 'What changed',
    against: 'Since',
    head: 'the last commit (HEAD)',
    disk: 'the file on disk',
    savePage: 'Save as page',
    close: 'Back to the canvas',
    list: 'Differences',
    was: 'was',
    wire: 'wire',
    marks: { added: 'added', removed: 'removed', changed: 'changed', renamed: 'renamed', same: 'unchanged' },
  },
  broken: 'The text is broken: the canvas shows its last good state.',
} as const

/** `3 to run, 9 reused`. */
export function counted(counts: Readonly<Record<string, number>>): string {
  const words: Record<string, string> = { run: 'to run', reuse: 'reused', later: 'decided during the run', skip: 'skipped' }
  const parts = Object.entries(counts).filter(([, count]) => count > 0)
  return parts.map(([verb, count]) => `${count} ${words[verb] ?? verb}`).join(', ') || 'nothing to do'
}

export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  if (seconds < 59.5) return `${Math.round(seconds)} s`
  return `${Math.floor(seconds / 60)} min ${String(Math.round(seconds % 60)).padStart(2, '0')} s`
}

export function figure(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(3)
}
