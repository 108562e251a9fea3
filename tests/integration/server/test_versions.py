"""Pictures and differences over the real application, against the real git."""

import os
import subprocess

import pytest


@pytest.fixture
def repository(project, monkeypatch):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(project.parent))
    who = ["-c", "user.name=x", "-c", "user.email=x@y"]
    for words in (["init", "-q"], ["add", "toy.pipeline.yaml"], [*who, "commit", "-qm", "Begin <b>here</b>"]):
        subprocess.run(["git", *words], cwd=project, check=True)
    return project


def text_of(project):
    return (project / "toy.pipeline.yaml").read_text()


def test_the_open_text_is_held_against_a_revision(client, repository):
    (revision,) = client.get("/api/revisions/toy.pipeline.yaml").json()
    assert revision["title"] == "Begin <b>here</b>"
    text = text_of(repository).replace("0.01", "0.5")
    (repository / "toy.pipeline.yaml").write_text("not what is asked about\n")
    body = {"path": "toy.pipeline.yaml", "text": text, "revision": revision["id"]}
    found = client.post("/api/differences", json=body).json()
    assert found["summary"] == "1 step changed"
    assert found["steps"][0]["changes"] == [{"path": "with.seconds", "change": "changed", "from": 0.01, "to": 0.5}]
    assert found["before"] == text.replace("0.5", "0.01")
    page = client.post("/api/differences/page", json=body)
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.text


def test_the_open_text_is_held_against_the_file_on_disk(client, project):
    body = {"path": "toy.pipeline.yaml", "text": text_of(project)}
    assert client.post("/api/differences", json=body).json()["same"] is True
    body["text"] = body["text"].replace("  slow: ", "  quick: ")
    assert client.post("/api/differences", json=body).json()["steps"][0]["was"] == "slow"


def test_a_file_without_git_has_no_revisions(client, project, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(project.parent))
    assert client.get("/api/revisions/toy.pipeline.yaml").json() == []


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"revision": "nowhere"}, 422, "git"),
        ({"revision": "--help"}, 422, "git"),
        ({"revision": "HEAD", "path": "other.pipeline.yaml"}, 404, "not-found"),
        ({"path": "other.pipeline.yaml"}, 404, "not-found"),
        ({"path": "../toy.pipeline.yaml"}, 403, "outside-workspace"),
        ({"text": "- no pipeline\n"}, 422, "invalid-document"),
    ],
)
def test_what_cannot_be_compared_is_said(client, repository, change, status, code):
    body = {"path": "toy.pipeline.yaml", "text": text_of(repository), "revision": None, **change}
    answer = client.post("/api/differences", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_file_of_the_same_name_above_the_workspace_is_not_shown(client, project, monkeypatch):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    above = project.parent
    (above / "toy.pipeline.yaml").write_text("secret: 1\n")
    for words in (
        ["init", "-q"],
        ["add", "toy.pipeline.yaml"],
        ["-c", "user.name=x", "-c", "user.email=x@y", "commit", "-qm", "x"],
    ):
        subprocess.run(["git", *words], cwd=above, check=True)
    body = {"path": "toy.pipeline.yaml", "text": text_of(project), "revision": "HEAD"}
    assert client.post("/api/differences", json=body).status_code == 404


def test_a_picture(client, project):
    answer = client.post("/api/drawings", json={"path": "toy.pipeline.yaml", "text": text_of(project)})
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.text.startswith("<svg ")
