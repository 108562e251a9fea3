"""``assay deploy``: documents for KServe from a bundle, and refusals."""

from __future__ import annotations

import datetime as dt
import json

import pytest
import yaml
from bundle_workshop import Workshop
from deployment_workshop import IMAGE

from assay.signing import Keyring
from assay.trust.evidence.statement import State

STORAGE = ("--storage", "s3://models/covid-ct")


@pytest.fixture
def site(monkeypatch, tmp_path):
    monkeypatch.setenv("ASSAY_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv("ASSAY_BUNDLES", str(tmp_path / "shelf"))
    monkeypatch.setenv("ASSAY_IMAGE", IMAGE)
    made = Workshop(tmp_path, now=dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(days=2))
    Keyring(tmp_path / "keys").add_public("clinic", made.key.public.pem)
    return made


def test_documents_go_to_stdout_or_to_a_file(assay, site, tmp_path):
    site.make()
    shown = assay("deploy", "bundle", *STORAGE)
    keys, service = yaml.safe_load_all(shown.out)
    assert (keys["kind"], service["kind"]) == ("ConfigMap", "InferenceService")
    written = assay("deploy", "bundle", *STORAGE, "--out", "covid.yaml")
    assert (tmp_path / "covid.yaml").read_text() == shown.out
    assert written.out.endswith("covid.yaml\n")
    told = json.loads(assay("deploy", "bundle", *STORAGE, "--json").out)
    assert told["documents"] == [keys, service]
    assert told["artifact"].startswith("sha256:")


def test_a_bundle_on_the_shelf_needs_a_place_in_the_cluster(assay, site):
    site.make()
    assay("bundle", "import", "bundle")
    refused = assay("deploy", "covid-ct")
    assert refused.status == 2
    assert "has to find the bundle somewhere" in refused.err
    assert assay("deploy", "covid-ct", *STORAGE).status == 0


def test_without_a_valid_pass_there_are_no_documents(assay, site, tmp_path):
    (tmp_path / "old").mkdir()
    Workshop(tmp_path / "old", key=site.key, now=site.now - dt.timedelta(days=300)).make()
    refused = assay("deploy", "old/bundle", *STORAGE, "--out", "covid.yaml")
    assert (refused.status, refused.out) == (1, "")
    assert "the verdict expired" in refused.err
    assert not (tmp_path / "covid.yaml").exists()


def test_an_override_is_said_first(assay, site):
    site.make(materials=site.materials(state=State.FAIL, override=True))
    shown = assay("deploy", "bundle", *STORAGE)
    assert "! OVERRIDDEN by Dr. A" in shown.err
    assert "OVERRIDDEN by Dr. A" in shown.out
    assert assay("deploy", "bundle", *STORAGE, "--out", "a.yaml").out.startswith("! OVERRIDDEN by Dr. A")


def test_wrong_words_are_told(assay, site):
    site.make()
    assert "did you mean 'knative'?" in assay("deploy", "bundle", *STORAGE, "--mode", "knativ").err
    assert "scaling to zero needs Knative" in assay("deploy", "bundle", *STORAGE, "--min-replicas", "0").err
