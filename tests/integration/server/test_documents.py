"""Files: confined, never written over, checked with the same rules as on the command line."""

import json
import os
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from assay.server import documents

FILE = "/api/documents/toy.pipeline.yaml"


def test_files_are_listed_by_kind(client):
    assert {f["path"]: f["kind"] for f in client.get("/api/files").json()} == {
        "steps.py": "component",
        "toy.pipeline.yaml": "pipeline",
    }


def test_an_untouched_save_changes_nothing(client, project):
    before = (project / "toy.pipeline.yaml").read_bytes()
    opened = client.get(FILE).json()
    saved = client.put(FILE, json={"text": opened["text"], "etag": opened["etag"]})
    assert saved.status_code == 200
    assert saved.json()["etag"] == opened["etag"]
    assert (project / "toy.pipeline.yaml").read_bytes() == before


def test_what_somebody_else_wrote_is_never_written_over(client, project):
    opened = client.get(FILE).json()
    (project / "toy.pipeline.yaml").write_text("theirs")
    answer = client.put(FILE, json={"text": "mine", "etag": opened["etag"]})
    assert answer.status_code == 412
    assert answer.json()["code"] == "changed-on-disk"
    assert answer.json()["text"] == "theirs"
    assert (project / "toy.pipeline.yaml").read_text() == "theirs"
    again = client.put(FILE, json={"text": "merged", "etag": answer.json()["etag"]})
    assert again.status_code == 200


def test_of_two_tabs_that_save_at_once_one_is_told_of_the_other(project, monkeypatch):
    file = "toy.pipeline.yaml"
    seen, answers = documents.read(project, file).etag, []
    both_write, write = threading.Barrier(2), documents.put

    def slow(path, text):
        with suppress(threading.BrokenBarrierError):
            both_write.wait(0.5)  # only where looking and writing are two acts does the other come here too
        write(path, text)

    def tab(text):
        try:
            answers.append(documents.save(project, file, text, seen).text)
        except documents.Conflict as conflict:
            answers.append(f"told of {conflict.text}")

    monkeypatch.setattr(documents, "put", slow)
    tabs = [threading.Thread(target=tab, args=(text,)) for text in ("one", "two")]
    for each in tabs:
        each.start()
    for each in tabs:
        each.join()
    assert sorted(answers) in (["one", "told of one"], ["told of two", "two"])
    assert (project / file).read_text() in answers


def test_what_a_killed_server_left_half_written_hinders_no_later_save(project):
    opened = documents.read(project, "toy.pipeline.yaml")
    half = project / f".toy.pipeline.yaml.{os.getpid()}"
    half.write_text("assay: 1\nna")
    assert [one.path for one in documents.listing(project) if "toy" in one.path] == ["toy.pipeline.yaml"]
    documents.save(project, "toy.pipeline.yaml", "assay: 1\n", opened.etag)
    assert (project / "toy.pipeline.yaml").read_text() == "assay: 1\n"
    assert not half.exists()


def test_a_new_file_must_be_new(client):
    assert client.put("/api/documents/sub/new.pipeline.yaml", json={"text": "a"}).status_code == 200
    assert client.put("/api/documents/sub/new.pipeline.yaml", json={"text": "b"}).status_code == 412


@pytest.mark.parametrize(
    "path",
    [
        "..%2F..%2Fetc%2Fpasswd",
        "%2e%2e/x",
        "a/../../x",
        ".assay/assay.db",
        "%2Fetc%2Fpasswd",
        "link/secret",
        "a%00b",
        "a%5Cb",
    ],
)
def test_no_path_leads_out(client, project, tmp_path, path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("secret")
    (project / "link").symlink_to(tmp_path / "outside")
    for answer in (client.get(f"/api/documents/{path}"), client.put(f"/api/documents/{path}", json={"text": "x"})):
        assert answer.status_code in {403, 404, 405}
        assert "secret" not in answer.text.replace(path, "").replace("link/secret", "")
    assert (tmp_path / "outside" / "secret").read_text() == "secret"


def test_a_file_that_is_no_text_is_not_opened(client, project):
    (project / "blob.csv").write_bytes(b"\xff\xfe\x00")
    answer = client.get("/api/documents/blob.csv")
    assert answer.status_code == 422
    assert answer.json()["code"] == "not-text"


def test_a_draft_is_checked_with_places_and_repairs(client):
    text = client.get(FILE).json()["text"].replace("make.table", "make.tabel")
    found = client.post("/api/check", json={"path": "toy.pipeline.yaml", "text": text}).json()
    assert not found["ok"]
    fault = found["faults"][0]
    assert fault["code"] == "unknown-port"
    assert fault["location"]["line"] == 7
    assert text[fault["fix"]["start"] : fault["fix"]["end"]] == "tabel"
    assert found["components"]["./steps.py:make"]["params"][0]["name"] == "size"
    mended = client.post("/api/fix", json={"path": "toy.pipeline.yaml", "text": text}).json()
    assert mended["fixed"] == 1
    assert "make.table}" in mended["text"]


def test_a_draft_tells_the_parameters_of_its_pipeline(client):
    text = (
        "assay: 1\nname: toy\nparams:\n  size: {type: int, default: 3, min: 1, help: Rows.}\n  mood: odd\nsteps: {}\n"
    )
    size, mood = client.post("/api/check", json={"path": "toy.pipeline.yaml", "text": text}).json()["params"]
    assert (size["name"], size["type"], size["default"], size["min"], size["help"]) == ("size", "int", 3, 1, "Rows.")
    assert (mood["name"], mood["type"], mood["default"]) == ("mood", "str", "odd")


def test_broken_yaml_is_an_answer_not_an_error(client):
    found = client.post("/api/check", json={"path": "toy.pipeline.yaml", "text": "assay: 1\nsteps: {a: ["}).json()
    assert not found["ok"]
    assert found["faults"][0]["location"]
    assert found["params"] is None


def test_the_plan_says_why(client):
    plan = client.post("/api/plan", json={"path": "toy.pipeline.yaml"}).json()
    assert plan["counts"] == {"run": 3}
    assert plan["steps"][0]["reasons"][0]["cause"] == "first run"


def test_the_palette_has_the_library(client):
    names = {c["name"] for c in client.get("/api/components").json()["components"]}
    assert "input/ct-phantom" in names


@pytest.mark.parametrize(
    ("method", "path", "body", "places"),
    [
        ("POST", "plan", b'{"params": 3}', ["body.path", "body.params"]),
        ("POST", "plan", b'{"path": "toy.pipeline.yaml", "to": ["make", 3]}', ["body.to[1]"]),
        ("POST", "plan", b'{"path": "toy.pipeline.yaml", "ony": []}', ["body.ony"]),
        ("POST", "plan", b"[]", ["body"]),
        ("POST", "plan", b"{", ["body"]),
        ("POST", "plan", b"\xff", ["body"]),
        ("POST", "plan", b"", ["body"]),
        ("PUT", "documents/x.yaml", b'{"text": null, "etag": 1}', ["body.text", "body.etag"]),
        ("GET", "runs?limit=0", b"", ["query.limit"]),
        ("GET", "runs?limit=many", b"", ["query.limit"]),
        ("GET", "compare", b"", ["query.a", "query.b"]),
        ("GET", "runs/last/steps/make/log?start=-1&attempt=x", b"", ["query.start", "query.attempt"]),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_with_every_place(client, method, path, body, places):
    answer = client.request(method, f"/api/{path}", content=body)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    problem = answer.json()
    assert problem["code"] == "request"
    assert [fault["culprit"] for fault in problem["faults"]] == places
    assert problem["culprit"] == places[0]
    assert all(place in problem["message"] for place in places)


def test_a_misspelt_field_is_answered_with_the_one_that_was_meant(client):
    problem = client.post("/api/plan", json={"path": "toy.pipeline.yaml", "force_al": True}).json()
    assert problem["faults"][0]["hint"] == "did you mean 'force_all'?"


def test_the_published_document_is_what_the_handlers_say(client):
    published = Path(__file__).parents[3] / "docs" / "schemas" / "studio.openapi.json"
    assert client.get("/api/openapi.json").json() == json.loads(published.read_text(encoding="utf-8"))
