"""``assay sites``: what stands on the services of two clusters, and what answers there."""

from __future__ import annotations

import json
import re
import urllib.request

import pytest

from assay.trust.evidence.statement import State

pytestmark = pytest.mark.slow


def test_each_site_shows_version_digest_verdict_and_drift(assay, deploy, clusters, workshop, tmp_path):
    assert deploy("--site", "bern").status == 0
    predictor = clusters[0].predictors["covid-ct"]
    example = json.loads((tmp_path / "bundle" / "example" / "request.json").read_text())
    tensor = example["inputs"][0]
    many = {"inputs": [tensor | {"shape": [60, *tensor["shape"][1:]], "data": tensor["data"] * 60}]}
    asked = urllib.request.Request(f"{predictor.address}/v2/models/covid-ct/infer", data=json.dumps(many).encode())
    urllib.request.urlopen(asked, timeout=240).close()
    found = assay("sites", "--json")
    bern, basel = json.loads(found.out)
    assert found.status == 0, found.err
    assert (bern["site"], bern["service"], bern["version"], bern["faults"]) == ("bern", "covid-ct", "1.0.0", [])
    assert bern["bundle"] == json.loads(assay("bundle", "verify", "bundle", "--json").out)["digest"]
    assert bern["verdict"].startswith("pass until 20")
    assert re.fullmatch("none in 6[0-9] pictures", bern["drift"])  # those of the deployment among them
    assert (basel["site"], basel["service"]) == ("basel", "")
    shown = assay("sites", "--site", "bern").out
    assert "covid-ct  1.0.0" in shown


def test_what_is_not_as_it_should_be_is_told_and_the_exit_status_says_it(assay, deploy, clusters, workshop, tmp_path):
    workshop.make("overridden", version="1.1.0", materials=workshop.materials(state=State.FAIL, override=True))
    clusters[0].claims = {"pvc://models/covid-ct": tmp_path / "overridden"}
    assert deploy("--site", "bern", bundle="overridden").status == 0
    clusters[0].service["metadata"]["annotations"]["assay.bundle"] = "sha256:" + "0" * 64
    clusters[1].token = "changed"
    found = assay("sites")
    assert found.status == 1
    assert "fail until" in found.out
    assert ", overridden" in found.out
    assert "! bern: OVERRIDDEN by Dr. A" in found.err
    assert "! bern: bundle " in found.err
    assert "! basel: basel does not know you" in found.err


def test_a_verdict_that_expired_after_the_deployment_is_told(assay, deploy, clusters):
    assert deploy("--site", "bern").status == 0
    clusters[0].service["metadata"]["annotations"]["assay.expires"] = "2026-01-01T00:00:00Z"
    found = assay("sites", "--site", "bern")
    assert (found.status, "! bern: the verdict expired 2026-01-01" in found.err) == (1, True)
