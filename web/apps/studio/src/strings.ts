/** Every word the editor shows, in one table; `help/words.ts` and `explore/words.ts` are the parts of it that are loaded with the tour and with the image browser. */
export const strings = {
  app: 'Assay Studio',
  open: 'Open a pipeline',
  newPipeline: 'New pipeline',
  newOne: 'New',
  templates: 'Begin with a template',
  templateFolder: 'Into the folder',
  templateUse: 'Begin with',
  templateMade: 'Written:',
  steps: 'steps',
  actions: 'What can be done here',
  keys: 'Keys and help',
  duplicate: 'Duplicate',
  copied: 'Copied:',
  nothingToPaste: 'What was copied holds no steps.',
  makePipeline: 'Make a pipeline of these',
  thereAlready: 'is there already. Choose another name.',
  openPipeline: 'Open this pipeline',
  back: 'Back to',
  note: 'Note',
  group: 'Group',
  ungroup: 'Ungroup',
  groupTitle: 'Title of the group',
  colour: 'Colour',
  colours: { grey: 'Grey', blue: 'Blue', green: 'Green', amber: 'Amber', red: 'Red', violet: 'Violet' },
  align: { left: 'Align left', right: 'Align right', top: 'Align tops', bottom: 'Align bottoms', across: 'Space across', down: 'Space down' },
  openGroup: 'Open the group',
  closeGroup: 'Close the group',
  noteEmpty: 'An empty note. Double-click to write.',
  noteText: 'Text of the note (Markdown)',
  newName: 'Name of the new file',
  noPipelines: 'There is no pipeline in this project yet.',
  files: 'Files',
  save: 'Save',
  saved: 'Saved',
  unsaved: 'Not saved',
  notSaved: 'It could not be saved; nothing is lost as long as this page is open.',
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
  canvasHelp: 'Tab moves between steps, arrow keys move a step, Delete removes it, A adds one, N writes a note, G groups.',
  add: 'Add a step',
  addFitting: 'Add a step that takes this',
  convert: 'put a step between',
  inspector: 'Step',
  nothingSelected: 'Select a step to see its parameters.',
  ofPipeline: 'Parameters of the pipeline',
  ofPipelineHelp: 'Steps that use one follow it. Another value for one run alone is given after Run, or by assay run -p NAME=VALUE',
  aboutComponent: 'What it does',
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
  secret: 'The name of a secret, which the server’s environment or a file keeps; its value is never written into the pipeline.',
  required: 'needs a value',
  expression: 'This value is computed when the pipeline runs; edit it as text.',
  problems: 'Problems',
  noProblems: 'No problem found.',
  fix: 'Fix',
  fixAll: 'Fix all',
  outline: 'Outline',
  outlineFind: 'Find a step',
  overview: 'Overview',
  status: 'Status',
  difference: 'Difference',
  runs: 'Runs',
  runPage: 'Run page',
  noRuns: 'This pipeline has not run yet.',
  run: 'Run',
  retry: 'Retry this',
  retryFrom: 'Retry from here',
  runThis: 'Run this step',
  runTo: 'Run up to here',
  runFrom: 'Run from here',
  cancel: 'Cancel',
  cancelling: 'Cancelling: what runs is ended, final steps still run',
  resume: 'Resume',
  planTitle: 'What will happen',
  start: 'Start',
  close: 'Close',
  starting: 'Starting …',
  log: 'Log',
  noLog: 'This step has printed nothing.',
  result: 'Results',
  target: 'Where',
  gone: 'The server does not answer. What you see may be old; what is not saved is still here.',
  stranger: 'The server was started anew. Open the address that it printed in this browser, and this page goes on.',
  conflict: 'This file was changed by somebody else in a way that cannot be merged.',
  keepMine: 'Keep mine',
  takeTheirs: 'Take theirs',
  mergedNote: 'Changes made elsewhere were merged in.',
  compare: 'Compare with',
  trustFigures: 'Trust figures',
  apart: 'intervals apart',
  download: 'Download',
  explore: 'Explore',
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
    note: 'note',
    group: 'group',
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

/** What a screen reader and the bar hear of the end of a run. */
export function runEnded(status: string): string {
  return `Run ${status}`
}

export function runStarted(run: string): string {
  return `Run ${run} started`
}

/** `from 1 to 100 patients`: what a parameter may be. */
export function limits({ min, max, unit }: { readonly min: number | null; readonly max: number | null; readonly unit: string }): string {
  return [min === null ? '' : `from ${min}`, max === null ? '' : `to ${max}`, unit].filter(Boolean).join(' ')
}

/** How to have a server again that this page finds. */
export function restart(port: string): string {
  return `Start it where it was: assay studio --port ${port}`
}

export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  if (seconds < 59.5) return `${Math.round(seconds)} s`
  const whole = Math.round(seconds)
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
}

export function figure(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(3)
}

/** A sentence of the table with what stands in its braces. */
export function filled(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''))
}
