"""``assay keys``."""

import json
import stat

import pytest


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    monkeypatch.setenv("ASSAY_KEYS", str(tmp_path / "keys"))
    return tmp_path / "keys"


def test_a_key_is_made_listed_shown_and_handed_out(assay, folder, tmp_path):
    made = assay("keys", "new", "clinic", "--json")
    assert made.status == 0
    facts = json.loads(made.out)
    assert stat.S_IMODE((folder / "clinic.key").stat().st_mode) == 0o600
    assert facts["id"] in assay("keys", "list").out
    assert "trust    named" in assay("keys", "show", "clinic").out
    assert assay("keys", "export", "clinic", "clinic.pub").status == 0
    assert (tmp_path / "clinic.pub").read_text() == (folder / "clinic.pub").read_text()
    assert assay("keys", "export", "clinic").out == (folder / "clinic.pub").read_text()
    private = (folder / "clinic.key").read_text().splitlines()[1]
    for words in (["list"], ["list", "--json"], ["show", "clinic"], ["show", "clinic", "--json"], ["export", "clinic"]):
        assert private not in assay("keys", *words).out


def test_the_passphrase_comes_by_the_name_of_a_secret(assay, folder, monkeypatch):
    missing = assay("keys", "new", "clinic", "--passphrase", "PHRASE")
    assert missing.status == 2
    assert "the secret 'PHRASE' has no value" in missing.err
    monkeypatch.setenv("ASSAY_SECRET_PHRASE", "open sesame")
    assert assay("keys", "new", "clinic", "--passphrase", "PHRASE").status == 0
    assert "ENCRYPTED" in (folder / "clinic.key").read_text()


def test_somebody_elses_key_is_trusted_by_name(assay, folder, tmp_path):
    assay("keys", "new", "clinic")
    assay("keys", "export", "clinic", "theirs.pub")
    assert assay("keys", "trust", "partner", "theirs.pub").status == 0
    assert "no, only the public half is here" in assay("keys", "list").out
    refused = assay("keys", "trust", "other", str(folder / "clinic.key"))
    assert refused.status == 2
    assert "this is the private half" in refused.err


def test_mistakes_are_words(assay):
    assert "no keys in" in assay("keys", "list").err
    unknown = assay("keys", "show", "clinic")
    assert unknown.status == 2
    assert "error [not-found] there is no key 'clinic'" in unknown.err
    assay("keys", "new", "clinic")
    again = assay("keys", "new", "clinic")
    assert again.status == 2
    assert "there is a key 'clinic' already" in again.err
    assert "did you mean 'clinic'?" in assay("keys", "export", "clinics").err
