"""A command line in this process: the same door as the ``assay`` script, without its 150 ms."""

from dataclasses import dataclass

import pytest

from assay.cli.entry import invoke


@dataclass(frozen=True)
class Result:
    status: int
    out: str
    err: str


@pytest.fixture
def assay(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ASSAY_STORE", raising=False)

    def call(*argv):
        capsys.readouterr()
        status = invoke([str(word) for word in argv])
        captured = capsys.readouterr()
        return Result(status, captured.out, captured.err)

    return call
