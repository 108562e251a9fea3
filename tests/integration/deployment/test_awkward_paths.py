"""``assay deploy`` where the bundle, the keys, the kubeconfig and the documents lie in folders with blanks and letters of two alphabets."""

from __future__ import annotations

import shutil

import pytest
import yaml

pytestmark = pytest.mark.slow


@pytest.fixture
def tmp_path(tmp_path):
    """Return a folder of the kind that people have."""
    folder = tmp_path / "Klinik Süd 1" / "αβ data"
    folder.mkdir(parents=True)
    return folder


def test_documents_are_written_and_a_site_answers_as_here(assay, deploy, clusters, tmp_path):
    bundle = tmp_path / "fertiges Bündel 1 ξ"
    shutil.copytree(tmp_path / "bundle", bundle)
    documents = tmp_path / "Dokumente β 1.yaml"
    written = assay("deploy", bundle, "--storage", "pvc://models/covid-ct", "--out", documents)
    assert written.status == 0, written.err
    assert {one["kind"] for one in yaml.safe_load_all(documents.read_text(encoding="utf-8"))} >= {"InferenceService"}
    done = deploy("--site", "bern", bundle=bundle)
    assert done.status == 0, done.err
    assert done.sites["bern"]["state"] == "deployed"
    told = assay("sites", "--site", "bern")
    assert (told.status, "1.0.0" in told.out) == (0, True), told.err
