"""``assay bundle evaluate``: a hospital measures a bundle on its own patients, and nothing of a patient leaves."""

from __future__ import annotations

import base64
import json
import re

import pytest

from assay.signing import Keyring
from assay.trust.meta.package import read_site

LEAST = 10


def numbers(value, path=""):
    """Yield every number in JSON with where it stands."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from numbers(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from numbers(inner, f"{path}[{place}]")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path, value


def plain(path):
    """Return what a file says, out of its envelope when it is in one."""
    if path.name in {"site.json", "verdict.json"}:
        return base64.b64decode(json.loads(path.read_bytes())["payload"])
    return path.read_bytes()


def test_a_site_measures_again_and_signs_what_it_tells(world):
    world.hospital("basel")
    told = world.evaluate("--json")
    assert told.status == 0, told.err
    said = json.loads(told.out)
    assert said["site"] == "basel"
    assert said["verdict"]["policy"] == "site"
    assert set(said["measured"].values()) == {
        "evaluate/classification@1.1.0",
        "evaluate/calibration@1.0.0",
        "fairness/group-metrics@1.0.0",
    }
    (left_out,) = said["left_out"]
    assert left_out["component"] == "evaluate/find-leakage"
    assert "only who made the model has" in left_out["why"]
    ring = Keyring(world.root / "basel" / "keys")
    site = read_site(world.root / "basel" / "evidence", [ring.public("basel")])
    assert site.about.bundle[:2] == ("covid-ct", "1.0.0")
    assert {statement.id for one in site.evidence.values() for statement in one.statements} >= {
        "discrimination.auroc",
        "discrimination.sensitivity",
        "calibration.ece",
        "fairness.tpr_difference",
    }
    assert all(one.synthetic for one in site.evidence.values())
    assert "Synthetic data" in (world.root / "basel" / "evidence" / "report.html").read_text()


def test_nothing_of_a_patient_is_written_anywhere(world):
    """Ids, labels of rows, file names, extreme ages, pixels, tables, pictures and small counts: none of it, and no folder stays behind."""
    hospital = world.hospital("basel", women=0.9)
    before = {path for path in world.root.rglob("*") if path.is_file()}
    assert world.evaluate().status == 0
    written = [path for path in world.root.rglob("*") if path.is_file() and path not in before]
    assert {path.parts[len(world.root.parts)] for path in written} == {"basel"}
    assert not list((world.root / "basel" / "tmp").iterdir())
    assert {path.suffix for path in written} == {".json", ".html"}
    everything = b"\n".join(plain(path) for path in written)
    for person, _, _, _ in hospital.people:
        assert person.encode() not in everything
    for trace in (b"pictures/", b"cases.csv", b"PID-", str(world.root).encode(), b"\x89PNG", b"iVBORw0KGgo", b"<svg"):
        assert trace not in everything, trace
    assert not re.search(rb"(?<![\w.])103(?![\w.])", everything)  # the age of the oldest
    for path in written:
        if path.parent.parent.name == "evidence":
            body = json.loads(path.read_bytes())
            assert (body["tables"], body["figures"], body["cost"]) == ([], [], None)
            counts = [value for name, value in numbers({"samples": body["samples"]})]
            counts += [each["estimate"]["n"] for each in body["statements"]]
            assert all(value >= LEAST and value % 5 == 0 for value in counts), path
            assert all(each["estimate"]["rows"] == 0 for each in body["statements"])
    # Nine in ten are women: men are too few, and women are left out with them, for they would be everybody less the men.
    assert b'"sex": "' not in everything
    assert not re.search(rb"[^\w](F|M)[=\"']", everything)


def test_too_few_patients_tell_nothing(world):
    world.hospital("tiny", patients=16)
    told = world.evaluate()
    assert (told.status, "fewer than 10 patients" in told.err) == (2, True)
    assert not (world.root / "tiny" / "evidence").exists()
    assert not list((world.root / "tiny" / "tmp").iterdir())


def test_a_bundle_that_is_refused_is_not_evaluated(world):
    world.hospital("basel")
    (world.root / "made" / "bundle" / "model" / "model.onnx").write_bytes(b"other")
    told = world.evaluate()
    assert (told.status, "[changed]" in told.err) == (1, True)
    assert not (world.root / "basel" / "evidence").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--columns", "pateint=pid"), "did you mean 'patient'"),
        (("--columns", "patient"), "does not name a column"),
        (("--sign", "nobody"), "there is no key 'nobody'"),
        (("--policy", "sight"), "did you mean 'site'"),
        (("--set", "intensity=blue"), "intensity"),
        (("--table", "none.csv"), "the table none.csv is not there"),
        (("--data", "nowhere"), "nowhere are not there"),
    ],
)
def test_what_was_typed_wrong_is_told_and_nothing_is_written(world, words, told):
    world.hospital("basel", patients=4)
    refused = world.evaluate(*words)
    assert refused.status == 2
    assert told in refused.err
    assert not (world.root / "basel" / "evidence").exists()
    assert not list((world.root / "basel" / "tmp").iterdir())
