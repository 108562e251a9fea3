"""The whole way between hospitals: verify, import, evaluate at each with keys of its own, merge, and let a gate judge what was merged."""

from __future__ import annotations

import json
import shutil

import pytest
from hospital_workshop import COLUMNS, Maker, write_hospital

from assay.signing import Keyring, open_envelope
from assay.trust.evidence.evidence import Role
from assay.trust.evidence.text import read_evidence
from assay.trust.gate import Case, Exhibit, decide, find_policy, mismatched
from assay.trust.meta.package import SITE, read_site

STRENGTHS = {"basel": 0.9, "chur": 0.7, "davos": 0.8}


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Where the first test leaves the hospitals for the others, and the maker of their bundle."""
    return tmp_path_factory.mktemp("kept"), []


@pytest.fixture
def coordinator(world, kept):
    """Three hospitals that evaluated one bundle, and somebody who trusts the keys of all of them."""
    folder, makers = kept
    if makers:
        shutil.rmtree(world.root)
        shutil.copytree(folder / "world", world.root)
        world.maker = makers[0]
        return world.at("zurich")
    for seed, (name, strength) in enumerate(STRENGTHS.items(), start=1):
        world.hospital(name, seed=seed, strength=strength, slices=1)
        told = world.evaluate("--leave-out", "evaluate/calibration")
        assert told.status == 0, told.err
    world.at("zurich")
    Keyring(world.root / "zurich" / "keys").add("zurich")
    for name in STRENGTHS:
        pem = (world.root / name / "keys" / f"{name}.pub").read_text()
        Keyring(world.root / "zurich" / "keys").add_public(name, pem)
    shutil.copytree(world.root, folder / "world")
    makers.append(world.maker)
    return world


def sites(world, *names):
    return [world.root / name / "evidence" for name in names]


def test_hospitals_verify_import_evaluate_and_merge(coordinator):
    world = coordinator
    made = world.call("evidence", "merge", *sites(world, "basel", "chur", "davos"), "--out", "together", "--json")
    assert made.status == 0, made.err
    said = json.loads(made.out)
    assert [one["site"] for one in said["sites"]] == ["basel", "chur", "davos"]
    (auroc,) = [one for one in said["figures"] if one["id"] == "discrimination.auroc"]
    assert auroc["sites"] == 3
    assert auroc["low"] < auroc["value"] < auroc["high"]
    assert auroc["another_site"][0] <= auroc["low"]
    folder = world.root / "zurich" / "together"
    page = (folder / "report.html").read_text()
    for word in ("all sites", "another site", "basel", "chur", "davos", "Synthetic data", "<svg", "I²"):
        assert word in page
    assert "Content-Security-Policy" in page

    files = sorted((folder / "evidence").iterdir())
    exhibits = [Exhibit(file.name, f"{number:064d}", read_evidence(file)) for number, file in enumerate(files)]
    first = exhibits[0].evidence
    assert [one.name for one in first.subjects if one.role is Role.OTHER_DATA] == ["basel", "chur", "davos"]
    assert not mismatched(
        Case(first.subject(Role.MODEL).digest, first.labels, first.positive, exhibits)
    )  # a gate takes it as it is
    decision = decide(find_policy("site"), exhibits, development=False)
    assert str(decision.state) == said["verdict"]["state"]
    assert world.call("verdict", "verify", folder / "verdict.json").status in {0, 1}

    # What each hospital did before, word for word: take the bundle in, find it by name, and measure that one.
    world.at("davos")
    assert world.call("bundle", "verify", world.root / "made" / "bundle").status == 0
    assert world.call("bundle", "import", world.root / "made" / "bundle").status == 0
    again = world.call(
        "bundle", "evaluate", "covid-ct", "--data", "data", "--columns", COLUMNS, "--set", "intensity=hounsfield",
        "--leave-out", "evaluate/calibration", "--out", "again", "--synthetic",
    )  # fmt: skip
    assert again.status == 0, again.err
    ours = Keyring(world.root / "davos" / "keys").public("davos")
    evidence = [read_site(world.root / "davos" / name, [ours]).evidence for name in ("evidence", "again")]
    assert evidence[0] == evidence[1]


PIPELINE = """\
assay: 1
name: together
steps:
  basel: {use: input/site-evidence, with: {folder: ../basel/evidence}}
  chur: {use: input/site-evidence, with: {folder: ../chur/evidence}}
  davos: {use: input/site-evidence, with: {folder: ../davos/evidence}}
  merge: {use: gate/merge-sites, in: {site: [basel.site, chur.site, davos.site]}}
"""


def test_a_pipeline_merges_what_the_command_merges(coordinator):
    world = coordinator
    home = world.at("zurich").root / "zurich"
    (home / "together.pipeline.yaml").write_text(PIPELINE)
    ran = world.call("run", "together.pipeline.yaml")
    assert ran.status == 0, ran.out + ran.err
    assert world.call("artifacts", "get", "last", "merge.report", "report.html").status == 0
    page = (home / "report.html").read_text()
    for word in ("all sites", "another site", "basel", "chur", "davos", "Synthetic data", "<svg", "I²"):
        assert word in page
    told = world.call("evidence", "merge", *sites(world, *STRENGTHS), "--out", "typed", "--json")
    wanted = {file.name: read_evidence(file) for file in (home / "typed" / "evidence").iterdir()}
    assert world.call("artifacts", "get", "last", "merge.evidence", "merged").status == 0
    written = [read_evidence(file) for file in sorted((home / "merged").iterdir())]
    assert written == [wanted[name] for name in sorted(wanted)]
    assert world.call("artifacts", "get", "last", "merge.merged_verdict", "verdict.json").status == 0
    judged = json.loads(world.call("verdict", "explain", "verdict.json", "--json").out)
    assert (judged["verdict"], judged["signer"]["trust"]) == (
        "fail",
        "development",
    )  # no secret held a key of their own
    rules = [{one["id"]: one["state"] for one in said["rules"]} for said in (judged, json.loads(told.out)["verdict"])]
    assert rules[0].pop("signed-by-somebody") == "fail"
    assert rules[1].pop("signed-by-somebody") == "pass"
    assert rules[0] == rules[1]

    figures = next((world.root / "chur" / "evidence" / "evidence").glob("*classification.json"))
    figures.write_text(figures.read_text().replace("0.", "0.0"))
    again = world.call("run", "together.pipeline.yaml")
    assert again.status == 1
    assert "is not the file that was signed" in again.out + again.err


def test_what_does_not_belong_together_is_refused_with_every_reason(coordinator):
    world = coordinator
    world.at("zurich")

    def refused(*folders):
        told = world.call("evidence", "merge", *folders, "--out", "no")
        assert not (world.root / "zurich" / "no").exists()
        return told

    basel, chur = sites(world, "basel", "chur")
    alone = refused(basel)
    assert (alone.status, "[one-site]" in alone.err) == (1, True)
    twice = refused(basel, basel)
    assert twice.status == 1
    for code in ("[same-data]", "[same-site]", "[same-name]"):
        assert code in twice.err

    figures = next((chur / "evidence").glob("*classification.json"))
    before = figures.read_text()
    figures.write_text(before.replace("0.", "0.0"))
    assert "[changed]" in refused(basel, chur).err
    figures.write_text(before)
    (chur / "rows.csv").write_text("a patient")
    assert "[extra-file]" in refused(basel, chur).err
    (chur / "rows.csv").unlink()

    signed = (chur / SITE).read_text()
    body = json.loads(signed)
    body["payload"] = open_envelope((basel / SITE).read_bytes(), "site").payload.hex()
    (chur / SITE).write_text(json.dumps(body))
    assert refused(basel, chur).status == 2
    (chur / SITE).write_text(signed)

    (world.root / "zurich" / "keys" / "chur.pub").unlink()
    unknown = refused(basel, chur)
    assert unknown.status == 2
    assert "not among" in unknown.err


def test_sites_that_measured_another_bundle_are_refused(coordinator):
    world = coordinator
    (world.root / "other").mkdir()
    other = Maker(world.root / "other", key=world.maker.key, now=world.maker.now)
    other.make(version="2.0.0")
    shutil.rmtree(world.root / "chur" / "evidence")
    world.at("chur")
    told = world.call(
        "bundle", "evaluate", world.root / "other" / "bundle", "--data", "data", "--columns", COLUMNS,
        "--set", "intensity=hounsfield", "--leave-out", "evaluate/calibration", "--out", "evidence",
    )  # fmt: skip
    assert told.status == 0, told.err
    world.at("zurich")
    refused = world.call("evidence", "merge", *sites(world, "basel", "chur"), "--out", "no")
    assert refused.status == 1
    assert "[another-model]" in refused.err
    assert "covid-ct 2.0.0" in refused.err


def test_sites_that_measured_other_things_are_refused(coordinator):
    world = coordinator
    world.at("chur")
    shutil.rmtree(world.root / "chur" / "data")
    write_hospital(world.root / "chur" / "data", seed=9, slices=1)
    shutil.rmtree(world.root / "chur" / "evidence")
    assert world.evaluate("--leave-out", "fairness/group-metrics").status == 0
    world.at("zurich")
    refused = world.call("evidence", "merge", *sites(world, "basel", "chur"), "--out", "no")
    assert refused.status == 1
    assert "[other-statements]" in refused.err
