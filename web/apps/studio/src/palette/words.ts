/** The words of the palette's help card, loaded with it. */
export const words = {
  takes: 'Takes',
  gives: 'Gives',
  standard: 'default',
  oneOf: 'one of',
  secret: 'a secret, by its name',
  add: 'Add a step with it',
} as const
