"""Finding a builder of images."""

import os

import pytest

from assay.errors import MissingDependency
from assay.exporters.image import find_builder


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """A machine whose only programs are those that are written here."""
    monkeypatch.setenv("PATH", f"{tmp_path}")
    monkeypatch.delenv("ASSAY_CONTAINER_ENGINE", raising=False)

    def write(name, status):
        (tmp_path / name).write_text(f"#!/bin/sh\necho 'Cannot connect: is the daemon running?' >&2\nexit {status}\n")
        os.chmod(tmp_path / name, 0o755)

    return write


def test_there_is_none(programs, monkeypatch):
    with pytest.raises(MissingDependency, match="there is no docker or podman on this machine") as caught:
        find_builder()
    assert caught.value.hint == "install it, or build the folder elsewhere: --to containerfile"
    monkeypatch.setenv("ASSAY_CONTAINER_ENGINE", "nerdctl")
    with pytest.raises(MissingDependency, match="there is no nerdctl on this machine"):
        find_builder()


def test_the_first_that_answers_is_taken(programs, monkeypatch):
    programs("docker", 1)
    with pytest.raises(MissingDependency, match="docker does not answer: Cannot connect: is the daemon running"):
        find_builder()
    programs("podman", 0)
    assert find_builder() == "podman"
    monkeypatch.setenv("ASSAY_CONTAINER_ENGINE", "docker")
    with pytest.raises(MissingDependency):
        find_builder()
