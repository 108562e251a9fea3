/** The words of a run's page and of the dialog before a run, loaded with them. */
export const words = {
  copyLink: 'Copy link',
  copied: 'The link is copied.',
  saveFile: 'Save as one file',
  anew: 'Make it anew',
  canvas: 'Open on the canvas',
  files: 'All pipelines',
  noFile: 'The file of this run is not in this project any more.',
  forThisRun: 'Values for this run alone',
  forThisRunHelp: 'The file keeps its own. A field that is set is coloured; ↺ takes it back.',
  planning: 'What will happen is being worked out …',
} as const
