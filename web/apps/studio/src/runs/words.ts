/** The words of a run's page, loaded with it. */
export const words = {
  copyLink: 'Copy link',
  copied: 'The link is copied.',
  saveFile: 'Save as one file',
  anew: 'Make it anew',
  canvas: 'Open on the canvas',
  files: 'All pipelines',
  noFile: 'The file of this run is not in this project any more.',
} as const
