/** The words of pictures with layers over them, loaded with them. */
export const words = {
  heat: 'Heat map',
  noHeat: 'none',
  opacity: 'Opacity of the heat',
  mask: 'Lesion mask',
  legend: 'Red speaks for {positive}, blue against. The strongest place of this map carries {strongest} log-odds; each map has its own scale.',
  legendMask: 'Yellow: the lesion, as marked in the data.',
  failed: 'This method fails its controls: do not read the map as an explanation.',
  insufficient: 'Whether this method stands beside its controls is not known.',
} as const
