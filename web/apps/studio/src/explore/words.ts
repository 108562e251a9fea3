import type { Outcome } from '@assay/api'

/** The words of the image browser, loaded with it. */
export const WORDS = {
  title: 'Explore',
  back: 'Back to the canvas',
  of: 'of run',
  synthetic: 'Synthetic: no patient was examined.',
  called: 'Called',
  threshold: 'at a score of at least',
  thresholds: 'at a score from its own threshold on, which differs between rows:',
  filters: 'Which cases',
  outcome: 'Outcome',
  more: 'Another column',
  choose: 'Choose a column',
  unknown: 'not known',
  from: 'from',
  to: 'to',
  contains: 'contains',
  clear: 'Show all cases',
  removeFilter: 'Do not ask for',
  sort: 'Sort by',
  order: 'Order',
  ascending: 'lowest first',
  descending: 'highest first',
  file: 'the order of the file',
  margin: 'distance from the threshold',
  counts: 'Counts',
  inGroup: 'In this group',
  everybody: 'Everybody',
  all: 'All',
  cases: 'cases',
  oneCase: 'case',
  patients: 'patients',
  onePatient: 'patient',
  none: 'No case is like this.',
  list: 'Cases',
  previousPage: 'Previous page',
  nextPage: 'Next page',
  page: 'Cases {from} to {to} of {total}',
  case: 'Case',
  previous: 'Previous',
  next: 'Next',
  backToList: 'Back to the list',
  keys: 'Arrow keys: previous and next case. Escape: back to the list.',
  truth: 'Truth',
  answer: 'Prediction',
  score: 'Score',
  patient: 'Patient',
  facts: 'Everything that is known',
  picture: 'Image',
  heat: 'Heat map',
  noHeat: 'none',
  opacity: 'Opacity of the heat',
  mask: 'Lesion mask',
  legend: 'Red speaks for {positive}, blue against. The strongest place of this map carries {strongest} log-odds; each map has its own scale.',
  legendMask: 'Yellow: the lesion, as marked in the data.',
  noMap: 'No step explained this image: explanation steps draw images by lot.',
  failed: 'This method fails its controls: do not read the map as an explanation.',
  insufficient: 'Whether this method stands beside its controls is not known.',
  noPicture: 'The images that were predicted are not among the outputs of this run.',
  noImages: 'These predictions are about rows of a table: there is no image.',
  nearest: 'Nearest training images',
  nearestBy: 'By what the last layer of the model reads: 0 is alike, 1 has nothing in common. Half of the {among} training images are farther than {median}.',
  nearestByPixels: 'By the pixels, because {why}: 0 is alike, 1 has nothing in common. Half of the {among} training images are farther than {median}.',
  nearestDrawn: 'Looked at were {among} of {total} training images, drawn by lot.',
  nearestGoes: '{done} of {among} training images looked at; this is done once.',
  nearestNone: 'The images that the model was fitted on are not among the outputs of this run.',
  nearestKeys: 'Arrow keys move between them, Enter shows one large.',
  trainingImage: 'Training image',
  distance: 'distance',
  leak: 'Leak:',
  leakPatient: '{count} of {total} training images are of this patient.',
  leakFile: '{count} of the nearest training images have the same bytes as this image.',
  samePatient: 'same patient',
  sameFile: 'same image',
  caution: 'A group that was chosen by looking is a question, not a finding: fairness/group-metrics measures groups with intervals.',
} as const

/** One and several of each outcome. */
export const OUTCOMES: Readonly<Record<Outcome, { readonly one: string; readonly many: string; readonly mark: string }>> = {
  'true positive': { one: 'true positive', many: 'True positives', mark: 'TP' },
  'false positive': { one: 'false positive', many: 'False positives', mark: 'FP' },
  'false negative': { one: 'false negative', many: 'False negatives', mark: 'FN' },
  'true negative': { one: 'true negative', many: 'True negatives', mark: 'TN' },
}

/** `11 cases of 4 patients`. */
export function casesOf(cases: number, patients: number | null): string {
  const first = `${cases} ${cases === 1 ? WORDS.oneCase : WORDS.cases}`
  return patients === null ? first : `${first} of ${patients} ${patients === 1 ? WORDS.onePatient : WORDS.patients}`
}

export function filled(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''))
}
