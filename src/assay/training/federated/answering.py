"""A site answers questions: the one place where what it computed becomes what it sends."""

from __future__ import annotations

from assay.training.federated.asking import MODEL, Answer, Asked, Question, as_bytes
from assay.training.federated.likeness import from_arrays
from assay.training.federated.recipe import Terms
from assay.training.federated.site import Site


def answer(site: Site, question: Question) -> Answer:
    """Return a site's answer.

    Raises:
        ComponentError: The site refuses.
    """
    if question.asked is Asked.DESCRIBE:
        return Answer(site.describe().as_json(), {})
    terms = Terms.from_json(question.terms)
    if question.asked is Asked.LOOK:
        sums = site.look(terms)
        counts = dict(zip(terms.labels, sums.images.tolist(), strict=True))
        return Answer({"images": counts}, sums.arrays())
    if question.asked is Asked.MEASURE:
        return Answer({"distances": site.measure(from_arrays(question.arrays))}, {})
    weights = {name: array for name, array in question.arrays.items() if name != MODEL}
    match question.asked:
        case Asked.TRAIN:
            told = site.validate(weights, terms).as_json()
            change = site.train(weights, terms, question.round)
            return Answer({"images": change.images, "training_loss": change.loss, **told}, change.weights)
        case Asked.VALIDATE:
            return Answer(site.validate(weights, terms).as_json(), {})
        case _:
            agreed = site.check(weights, terms, as_bytes(question.arrays[MODEL]))
            return Answer({"difference": agreed.difference, "images": agreed.images}, {})
