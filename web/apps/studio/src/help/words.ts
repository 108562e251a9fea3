/** The words of the tour and the sheet of keys, loaded with them. */
export const STOPS: readonly { readonly at: string; readonly title: string; readonly text: string }[] = [
  { at: '.palette', title: 'Components', text: 'Everything that a step can be. Search, then click or drag; a click puts it on the canvas.' },
  { at: '.canvas', title: 'The pipeline', text: 'Draw from port to port to wire steps. Drop a wire on the empty canvas, and only what fits is offered. A adds a step by its name.' },
  { at: '.inspector', title: 'The form of a step', text: 'Select a step: its parameters with their limits, what feeds it, and after a run its log and results.' },
  { at: '.panels', title: 'Problems, and the text', text: 'Faults are found while you type, each with its place and often a Fix. The same file is under Text: canvas, form and text share one Undo.' },
  { at: '.toolbar [role="group"]', title: 'Run', text: 'First you see what would run and why; what is unchanged is reused. Then watch it on the steps.' },
]

export const KEYS: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  ['Everywhere', [
    ['Ctrl+S', 'Save'],
    ['Ctrl+Z, Ctrl+Shift+Z', 'Undo, redo: canvas, form and text in one history'],
    ['?', 'This sheet'],
    ['Escape', 'Close what is open'],
  ]],
  ['On the canvas', [
    ['Tab, Shift+Tab', 'From step to step'],
    ['Enter, Space', 'Select the step'],
    ['Arrows', 'Move what is selected; with Shift, farther'],
    ['A or /', 'Add a step'],
    ['N', 'Write a note'],
    ['G, Shift+G', 'Group what is selected, ungroup'],
    ['Delete', 'Remove what is selected'],
    ['Shift and click, Shift and drag', 'Select several'],
    ['Ctrl+C, Ctrl+X, Ctrl+V', 'Copy, cut, paste steps as text'],
    ['Ctrl+D', 'Duplicate'],
  ]],
  ['In a note', [
    ['Double click', 'Write'],
    ['Ctrl+Enter', 'Done'],
    ['Escape', 'Leave it as it was'],
  ]],
]

export const WORDS = {
  keys: 'Keys',
  tour: 'Show the tour',
  next: 'Next',
  back: 'Back',
  skip: 'Skip',
  done: 'Done',
  of: 'of',
  label: 'Tour',
} as const
