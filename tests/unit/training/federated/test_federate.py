"""A whole federation in one process: it learns, it is the same each time, and sites that cannot learn together are named."""

import json
from dataclasses import replace

import numpy as np
import pytest
from federation_workshop import NAMES, RECIPE, Here, write_cohort, write_site, write_sites

from assay.errors import ComponentError
from assay.training.federated.allowed import refuse_other
from assay.training.federated.asking import Asked
from assay.training.federated.judged import Judged, together
from assay.training.federated.recipe import FederatedRecipe, Terms
from assay.training.federated.rounds import federate
from assay.training.federated.site import Folders, Site
from assay.trust.performance.ranking import auroc
from assay.trust.robustness.typical import Typical

HEADER = "PixelSpacing=0.70\\0.70; KVP=120"


@pytest.fixture
def sites(tmp_path):
    return write_sites(tmp_path / "sites")


def run(here, folder, recipe=RECIPE):
    folder.mkdir()
    told = []
    federate(here, recipe, folder, lambda event, facts: told.append((event, json.loads(json.dumps(facts)))))
    return told


def test_a_plain_difference_is_learnt_and_the_file_is_checked_at_every_site(sites, tmp_path):
    told = run(Here(sites), tmp_path / "made")
    rounds = ["round", "judged"] * RECIPE.rounds
    assert [event for event, _ in told] == ["agreed", *rounds, "done"]
    judged = [facts["sites"] for event, facts in told if event == "judged"]
    best = told[-1][1]["best_round"]
    losses = [together(map(Judged.from_json, one.values())).mean_loss for one in judged]
    assert best == int(np.argmin(losses)) + 1
    assert auroc(*together(map(Judged.from_json, judged[best - 1].values())).scores()) > 0.95
    assert told[-1][1]["images_checked"] == 3 * 20
    assert told[-1][1]["largest_difference"] < 1e-3


def test_who_answers_first_changes_no_byte_of_the_model(sites, tmp_path):
    run(Here(sites), tmp_path / "one")
    run(Here(sites, order=NAMES[::-1]), tmp_path / "other")
    for name in ("model.onnx", "weights.safetensors", "typical.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()


def test_nothing_that_a_site_says_is_more_than_its_door_lets_out(sites, tmp_path):
    here = Here(sites)
    run(here, tmp_path / "made")
    assert [question.asked for question, _ in here.asked] == [
        Asked.DESCRIBE,
        Asked.LOOK,
        Asked.MEASURE,
        *[Asked.TRAIN] * 3,
        Asked.VALIDATE,
        Asked.CHECK,
    ]
    for question, answers in here.asked:
        for answered in answers.values():
            refuse_other(question, answered)


def test_the_model_comes_with_what_the_pictures_of_all_sites_look_like(sites, tmp_path):
    here = Here(sites)
    run(here, tmp_path / "made")
    typical = Typical.read(tmp_path / "made", RECIPE.size)
    assert (typical.fitted_on, typical.held_out) == (3 * 40, 3 * 20)
    parts = [(site._train, site._validation) for site in here.sites.values()]
    for number, most in ((0, 0.05), (1, 0.05)):  # inside, but for the hundredth that the bound leaves out
        rows = np.concatenate([part[number].rows(np.arange(len(part[number]))) for part in parts])
        assert (typical.ratios(rows) > 1).mean() <= most
    assert (typical.ratios(1 - rows) > 1).all()


def test_a_strong_pull_keeps_a_site_near_the_common_weights(sites, tmp_path):
    here = Here(sites)
    run(here, tmp_path / "made")
    question, _ = here.asked[3]
    terms, moved = Terms.from_json(question.terms), {}
    for strength in (0.0, 10.0):
        site = Site(0, sites["east"], replace(RECIPE, proximal=strength))
        change = site.train(dict(question.arrays), terms, 0).weights
        moved[strength] = sum(float(np.square(change[name]).sum()) for name in change if "running" not in name)
    assert moved[10.0] < 0.5 * moved[0.0]


def test_the_recipe_and_the_terms_come_back_from_json(sites, tmp_path):
    recipe = replace(RECIPE, window=(-600.0, 1500.0))
    assert FederatedRecipe.from_json(json.loads(json.dumps(recipe.as_json()))) == recipe
    agreed = run(Here(sites), tmp_path / "made")[0][1]["terms"]
    assert json.loads(json.dumps(Terms.from_json(agreed).as_json())) == agreed


@pytest.mark.parametrize(
    ("odd", "said"),
    [
        ({"labels": ("covid", "healthy")}, "site south has class names covid, healthy, site east has healthy, covid"),
        ({"positive": "healthy"}, "site south has positive label healthy, site east has covid"),
        ({"modality": "DX"}, "site south has modality DX, site east has CT"),
        ({"size": 48}, "site south has pictures 48 x 48, site east has 32 x 32"),
    ],
    ids=["order of the class names", "positive label", "modality", "size"],
)
def test_a_site_that_differs_is_refused_by_name(sites, tmp_path, odd, said):
    sites["south"] = write_site(tmp_path / "odd", 200, **odd)
    with pytest.raises(ComponentError) as caught:
        run(Here(sites), tmp_path / "made")
    assert caught.value.message == said
    assert caught.value.culprit == "south"


def test_another_pixel_spacing_is_refused_by_name_and_can_be_accepted(tmp_path):
    headers = {"east": HEADER, "north": HEADER, "south": HEADER.replace("0.70", "0.95")}
    sites = {name: write_site(tmp_path / name, 100 * number, header=headers[name]) for number, name in enumerate(NAMES)}
    with pytest.raises(ComponentError, match=r"site south has pixel spacing 0\.95 mm, site east has 0\.7 mm"):
        run(Here(sites), tmp_path / "refused")
    accepting = replace(RECIPE, any_size=True, rounds=1, local_epochs=1)
    assert run(Here(sites, accepting), tmp_path / "accepted", accepting)[-1][0] == "done"


@pytest.mark.parametrize(
    ("train", "validation", "said"),
    [
        ({"every": 0}, {}, "the training set has one class only: 'healthy'"),
        ({"every": 7}, {}, "3 training patients have the label 'covid', and at least 5 are needed"),
        ({}, {"patients": range(10, 25)}, "10 patients are in both training and validation"),
    ],
    ids=["one class", "too few patients", "a patient in both"],
)
def test_a_site_whose_images_will_not_do_refuses(tmp_path, train, validation, said):
    folders = Folders(
        write_cohort(tmp_path / "train", range(20), **train),
        write_cohort(tmp_path / "validation", validation.get("patients", range(50, 60))),
    )
    if train.get("every") == 0:
        folders = replace(folders, validation=write_cohort(tmp_path / "healthy", range(50, 60), every=0))
    with pytest.raises(ComponentError) as caught:
        Site(0, folders, RECIPE)
    assert caught.value.message.startswith(said)
