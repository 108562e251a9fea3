"""Against the real git."""

import os
import subprocess

import pytest

from assay.errors import MissingDependency, NotFound
from assay.views.revisions import GitError, content, history

ENV = {"GIT_AUTHOR_DATE": "2026-01-02T03:04:05Z", "GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z"}


@pytest.fixture
def git(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    folder = tmp_path / "repo"
    (folder / "sub").mkdir(parents=True)

    def call(*words):
        who = ["-c", "user.name=Ä B", "-c", "user.email=a@b"]
        subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True, env=os.environ | ENV)

    call("init", "-q")
    for number in (1, 2):
        (folder / "sub" / "p.yaml").write_text(f"v: {number}\n")
        call("add", ".")
        call("commit", "-qm", f"Version {number}")
    call("tag", "-a", "two", "-m", "two")
    return folder, call


@pytest.mark.parametrize(("revision", "text"), [("HEAD", "v: 2\n"), ("HEAD~1", "v: 1\n"), ("two", "v: 2\n")])
@pytest.mark.parametrize(("place", "path"), [("sub", "p.yaml"), ("sub", "sub/p.yaml"), ("", "sub/p.yaml")])
def test_a_file_as_it_was(git, revision, text, place, path):
    folder, _ = git
    (folder / "sub" / "p.yaml").write_text("v: 3\n")
    assert content(folder / place, revision, path).decode() == text


def test_the_history_of_a_file_goes_on_before_its_rename(git):
    folder, call = git
    call("mv", "sub/p.yaml", "sub/q.yaml")
    call("commit", "-qm", "Another name")
    found = history(folder / "sub" / "q.yaml")
    assert [(one.title, one.author, one.time) for one in found] == [
        ("Another name", "Ä B", 1767323045),
        ("Version 2", "Ä B", 1767323045),
        ("Version 1", "Ä B", 1767323045),
    ]


def test_no_repository_and_an_empty_one_have_no_history(git, tmp_path):
    assert history(tmp_path / "x.yaml") == []
    subprocess.run(["git", "init", "-q", tmp_path / "new"], check=True)
    assert history(tmp_path / "new" / "x.yaml") == []


@pytest.mark.parametrize("revision", ["nowhere", "", "--output=x", "HEAD:x", "a\nb", "HEAD~9"])
def test_what_is_no_revision_is_said(git, revision):
    with pytest.raises(GitError) as caught:
        content(git[0], revision, "sub/p.yaml")
    assert caught.value.culprit == revision
    assert caught.value.hint


@pytest.mark.parametrize("path", ["sub/none.yaml", "../../etc/passwd", "/etc/passwd"])
def test_a_file_that_the_revision_does_not_have_is_said(git, path):
    with pytest.raises(NotFound, match="has no file"):
        content(git[0], "HEAD", path)


def test_outside_of_a_repository(git, tmp_path):
    with pytest.raises(GitError, match="is in no git repository"):
        content(tmp_path, "HEAD", "p.yaml")


def test_without_git(git, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingDependency, match="revisions need git"):
        content(git[0], "HEAD", "sub/p.yaml")


def test_a_repository_of_somebody_else_is_not_asked(git, monkeypatch):
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(GitError, match="would not answer") as caught:
        content(git[0], "HEAD", "sub/p.yaml")
    assert "dubious ownership" in caught.value.hint


def test_a_repository_runs_no_program_of_its_own(git, tmp_path):
    folder, call = git
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    for setting in ("gpg.program", "core.fsmonitor", "core.pager", "diff.external", "core.sshCommand"):
        call("config", setting, str(trap))
    call("config", "log.showSignature", "true")
    history(folder / "sub" / "p.yaml")
    content(folder, "HEAD", "sub/p.yaml")
    assert not (tmp_path / "sprung").exists()
