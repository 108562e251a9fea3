/** A file with everything that must survive: comments, odd spaces, unknown keys, flow and block style. */
export const SAMPLE = `# A comment at the top
assay: 1
name: toy   # the name
mood: good
params:
  epochs: {type: int, default: 8, min: 1}

steps:
  # made first
  scans:   {use: input/ct-phantom,            with: {patients: 240, seed: 7}}
  split:   {use: transform/split-by-patient,  in: {images: scans.images}}
  train:
    use: train/image-classifier
    in: {train: split.train, validation: split.validation}
    with:
      epochs: $params.epochs   # passes
      rate: 1e-3

    # what it may hold
    resources: {cpu: 2, memory: 4Gi}
  judge:
    use: ./steps.py:judge
    if: $train.auroc > 0.9
    in:
      many:
        - train.model
        - split.test
layout:
  scans: [0, 0]
  split: [1, 0]
`
