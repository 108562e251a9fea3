"""``assay bundle``: what a hospital types to verify, take in, pass on and compare."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from bundle_workshop import Workshop

from assay.signing import Keyring
from assay.trust.evidence.statement import State


@pytest.fixture
def hospital(monkeypatch, tmp_path):
    """Another hospital: keys and shelf of its own, and one public key that it was handed."""
    monkeypatch.setenv("ASSAY_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv("ASSAY_BUNDLES", str(tmp_path / "shelf"))
    made = Workshop(tmp_path, now=dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(days=2))
    (tmp_path / "clinic.pub").write_text(made.key.public.pem)
    return made


@pytest.fixture
def trusting(hospital, tmp_path):
    """One that trusts the maker's key from now on."""
    Keyring(tmp_path / "keys").add_public("clinic", hospital.key.public.pem)
    return hospital


def test_nothing_is_believed_before_its_maker_is_trusted(assay, hospital):
    hospital.make()
    refused = assay("bundle", "verify", "bundle")
    assert refused.status == 2
    assert "not among the 0 trusted here" in refused.err
    assert "by another way than the file came" in refused.err
    assert assay("keys", "trust", "clinic", "clinic.pub").status == 0
    good = assay("bundle", "verify", "bundle", "--openssf")
    assert (good.status, "✔ the bundle is whole, and may be used" in good.out) == (0, True)
    assert "Synthetic data: no patient stands behind them" in good.out


def test_a_bundle_travels_as_one_file_and_is_found_by_name(assay, trusting, tmp_path):
    trusting.make()
    assert assay("bundle", "export", "bundle").out == "covid-ct-1.0.0.assay.tar\n"
    taken = json.loads(assay("bundle", "import", "covid-ct-1.0.0.assay.tar", "--json").out)
    assert taken["folder"] == str(tmp_path / "shelf" / "covid-ct" / "1.0.0")
    assert taken["verdict"]["state"] == "pass"
    shown = assay("bundle", "show", "covid-ct")
    assert "model/model.onnx" in shown.out
    assert "covid-ct 1.0.0" in assay("bundle", "list").out
    assert json.loads(assay("bundle", "verify", "covid-ct:1.0.0", "--json").out)["digest"] == taken["digest"]


def test_a_tampered_bundle_is_refused_with_the_reason_and_nothing_is_written(assay, trusting, tmp_path):
    trusting.make()
    (tmp_path / "bundle" / "model" / "model.onnx").write_bytes(b"other")
    refused = assay("bundle", "import", "bundle")
    assert (refused.status, refused.out) == (1, "")
    assert "[changed] model/model.onnx is not the file that was signed" in refused.err
    assert not (tmp_path / "shelf").exists()


def test_an_old_bundle_needs_a_word(assay, trusting):
    trusting.make("old")
    trusting.make("new", version="1.1.0", later=dt.timedelta(days=1))
    assert assay("bundle", "import", "new").status == 0
    refused = assay("bundle", "import", "old")
    assert (refused.status, "[older]" in refused.err, "--allow-older" in refused.err) == (1, True, True)
    assert assay("bundle", "import", "old", "--allow-older").status == 0


def test_an_override_is_told_first(assay, trusting):
    trusting.make(materials=trusting.materials(state=State.FAIL, override=True))
    told = assay("bundle", "verify", "bundle")
    assert told.status == 0
    assert told.out.startswith("! OVERRIDDEN by Dr. A")
    facts = json.loads(assay("bundle", "show", "bundle", "--json").out)
    assert facts["overridden"]["by"] == "Dr. A"
    assert facts["verdict"]["state"] == "fail"


def test_what_changed_is_told(assay, trusting):
    trusting.make("old")
    trusting.make("new", version="1.1.0", materials=trusting.materials(value=0.95))
    told = assay("bundle", "diff", "old", "new")
    assert (told.status, "discrimination.auroc by DeLong" in told.out) == (1, True)
    assert assay("bundle", "diff", "old", "old").out == "the same\n"
    assert {"what", "old", "new"} == set(json.loads(assay("bundle", "diff", "old", "new", "--json").out)[0])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["verify", "nowhere"], "there is no bundle nowhere"),
        (["pull", "ghcr.io/a/b"], "is no address in a registry"),
        (["import", "clinic.pub"], "no-bundle"),
        (["make", "--name", "x", "--version", "1"], "there is no store"),
    ],
)
def test_mistakes_are_said_without_a_traceback(assay, trusting, words, said):
    found = assay("bundle", *words)
    assert found.status in {1, 2}
    assert said in found.err
    assert "Traceback" not in found.err


def test_an_empty_shelf_says_how_to_fill_it(assay, hospital):
    assert "'assay bundle import' takes one in" in assay("bundle", "list").err
    assert assay("bundle", "list", "--json").out == "[]\n"


def test_openssf_reads_folders_only(assay, trusting):
    trusting.make()
    assay("bundle", "export", "bundle", "x.tar")
    assert "reads folders only" in assay("bundle", "verify", "x.tar", "--openssf").err
