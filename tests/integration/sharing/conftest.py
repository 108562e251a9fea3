"""Hospitals in one folder each, with keys of their own."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import pytest
from hospital_workshop import COLUMNS, Hospital, Maker, write_hospital

from assay.cli.entry import invoke
from assay.signing import Keyring


@dataclass(frozen=True)
class Result:
    status: int
    out: str
    err: str


@dataclass
class World:
    """One bundle by its maker, and a command line that speaks for one hospital at a time."""

    root: Path
    maker: Maker
    call: object
    monkeypatch: pytest.MonkeyPatch

    def at(self, name: str) -> World:
        """Go to a hospital: its own keys, its own shelf, its own temporary folder."""
        home = self.root / name
        (home / "tmp").mkdir(parents=True, exist_ok=True)
        self.monkeypatch.setenv("ASSAY_KEYS", str(home / "keys"))
        self.monkeypatch.setenv("ASSAY_BUNDLES", str(home / "shelf"))
        self.monkeypatch.setattr("tempfile.tempdir", str(home / "tmp"))
        self.monkeypatch.chdir(home)
        return self

    def hospital(self, name: str, **how) -> Hospital:
        """Found a hospital that trusts the maker."""
        self.at(name)
        ring = Keyring(self.root / name / "keys")
        ring.add(name)
        ring.add_public("maker", self.maker.key.public.pem)
        return write_hospital(self.root / name / "data", **how)

    def evaluate(self, *more, bundle="bundle") -> Result:
        """Type ``assay bundle evaluate`` where we are."""
        return self.call(
            "bundle", "evaluate", self.root / "made" / bundle, "--data", "data", "--columns", COLUMNS,
            "--set", "intensity=hounsfield", "--synthetic", "--out", "evidence", *more,
        )  # fmt: skip


@pytest.fixture
def world(tmp_path, monkeypatch, capsys):
    (tmp_path / "made").mkdir()
    now = dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(hours=1)
    maker = Maker(tmp_path / "made", now=now)
    maker.make()
    monkeypatch.delenv("ASSAY_STORE", raising=False)

    def call(*argv):
        capsys.readouterr()
        status = invoke([str(word) for word in argv])
        captured = capsys.readouterr()
        return Result(status, captured.out, captured.err)

    return World(tmp_path, maker, call, monkeypatch)
