"""Pipelines built in Python are those of the file."""

from __future__ import annotations

import doctest
from typing import Any

import pytest

from assay.errors import AssayError
from assay.model import builder
from assay.model.builder import ITEM, ITEM_FILE, BuilderError, PipelineBuilder, item_key
from assay.model.codec import dump, load
from assay.model.component import Isolation, ParamType

TEXT = """\
assay: 1
name: covid-ct
description: Classify.
params:
  epochs: {type: int, default: 8, min: 1}
  sites: {type: list, items: str, default: [a, b]}
steps:
  scans: {use: input/ct-phantom, with: {patients: 240, seed: 7, note: $$5}}
  split: {use: transform/split, in: {images: scans.images}, with: {parts: [$params.epochs, 2]}}
  train:
    use: train/model
    title: Fit
    in: {train: split.train, all: [split.train, split.test]}
    with: {epochs: $params.epochs, patients: $split.patients}
    if: split.patients > 20
    after: [scans]
    env: {A: x}
    secrets: {TOKEN: HF_TOKEN}
    image: python:3.11
    retry: {limit: 2, delay: 10s, backoff: 3}
    timeout: 1h
    resources: {cpu: 2, memory: 4Gi, gpu: 1}
    cache: false
    isolation: spawn
  sites: {use: a/b, with: {site: $item, name: $item.name}, foreach: {items: $params.sites, parallel: 2}}
  files: {use: a/b, in: {image: $item}, foreach: {files: scans.images, pattern: "*.png"}}
  rows: {use: a/b, foreach: $split.rows}
finally:
  report: {use: publish/report, in: {model: train.model}}
"""


def build() -> PipelineBuilder:
    p = PipelineBuilder("covid-ct", "Classify.")
    epochs = p.param("epochs", int, default=8, min=1)
    sites = p.param("sites", list, default=["a", "b"], items=ParamType.STR)
    scans = p.step("scans", "input/ct-phantom", patients=240, seed=7, note="$5")
    split = p.step("split", "transform/split", images=scans.images, parts=[epochs, 2])
    train = (
        p.step("train", "train/model", train=split.train, all=[split.train, split["test"]], epochs=epochs, patients=split.patients.value)
        .titled("Fit")
        .when("split.patients > 20")
        .after(scans)
        .env(A="x")
        .secrets(TOKEN="HF_TOKEN")
        .image("python:3.11")
        .retry(2, delay="10s", backoff=3)
        .timeout("1h")
        .resources(cpu=2, memory="4Gi", gpu=1)
        .cached(cache=False)
        .isolated(Isolation.SPAWN)
    )  # fmt: skip
    p.step("sites", "a/b", site=ITEM, name=item_key("name")).foreach(sites, parallel=2)
    p.step("files", "a/b", image=ITEM_FILE).foreach_file(scans.images, "*.png")
    p.step("rows", "a/b").foreach(split.rows.value)
    p.final("report", "publish/report", model=train.model)
    return p


def test_the_builder_makes_the_model_of_the_file() -> None:
    assert load(TEXT).faults == ()
    assert build().build() == load(TEXT).pipeline
    assert load(dump(build().build())).pipeline == build().build()


@pytest.mark.parametrize(
    ("mistake", "message"),
    [
        (lambda p: p.step("scans", "a/b"), "a step cannot be called 'scans': the name is taken"),
        (lambda p: p.final("scans", "a/b"), "a step cannot be called 'scans': the name is taken"),
        (lambda p: p.step("params", "a/b"), "a step cannot be called 'params': the name is taken"),
        (lambda p: p.step("a b", "a/b"), "'a b' is not a name for a step"),
        (lambda p: p.param("epochs", int), "parameter 'epochs' is declared twice"),
        (lambda p: p.param("x", object), "<class 'object'> is not a type of parameter"),
        (lambda p: p.param("x", int, default="y"), "parameter 'x' takes a whole number, not \"y\""),
        (lambda p: p.step("x", "a/b", y={"z": p.step("w", "a/b").out}), "a port cannot stand inside a parameter"),
        (lambda p: p.step("x", "a/b", y=object), "a parameter cannot hold type"),
        (lambda p: p.step("x", "a/b").when("1 +"), "the expression ends too early"),
        (lambda p: p.step("x", "a/b").foreach_file(ITEM), "'foreach' cannot go over its own element"),
        (lambda p: p.step("x", "a/b")["no port"], "'no port' is not a name for a port"),
    ],
)
def test_mistakes_are_told_at_once(mistake: Any, message: str) -> None:
    with pytest.raises(AssayError) as caught:
        mistake(build())
    assert caught.value.message == message


def test_private_names_are_no_ports() -> None:
    with pytest.raises(AttributeError):
        PipelineBuilder("a").step("b", "c/d")._repr_html_()
    assert issubclass(BuilderError, AssayError)


def test_the_example_of_the_docstring_runs() -> None:
    assert doctest.testmod(builder).failed == 0
