"""Files: confined, never written over, checked with the same rules as on the command line."""

import pytest

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


def test_broken_yaml_is_an_answer_not_an_error(client):
    found = client.post("/api/check", json={"path": "toy.pipeline.yaml", "text": "assay: 1\nsteps: {a: ["}).json()
    assert not found["ok"]
    assert found["faults"][0]["location"]


def test_the_plan_says_why(client):
    plan = client.post("/api/plan", json={"path": "toy.pipeline.yaml"}).json()
    assert plan["counts"] == {"run": 3}
    assert plan["steps"][0]["reasons"][0]["cause"] == "first run"


def test_the_palette_has_the_library(client):
    names = {c["name"] for c in client.get("/api/components").json()["components"]}
    assert "input/ct-phantom" in names


def test_a_request_that_makes_no_sense_is_explained(client):
    answer = client.post("/api/plan", json={"params": 3})
    assert answer.status_code == 422
    assert "body.path" in answer.json()["message"]
