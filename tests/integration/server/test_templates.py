"""The gallery: listed with pipelines, written into the workspace, never over what is there."""

import pytest


def test_each_has_a_pipeline_of_its_name(client):
    listed = client.get("/api/templates").json()
    assert {"covid-ct", "minimal", "robustness-audit"} <= {one["name"] for one in listed}
    for one in listed:
        assert f"name: {one['name']}\n" in one["text"]
        assert one["label"]
        assert one["title"].endswith(".")


def test_one_is_written_into_a_new_folder_and_has_no_fault(client, project):
    made = client.post("/api/templates/minimal", json={"folder": "studies/first"}).json()
    assert made["pipeline"] == "studies/first/pipeline.yaml"
    assert made["new"] == [f"studies/first/{name}" for name in ("README.md", ".gitignore", "pipeline.yaml", "steps.py")]
    text = client.get(f"/api/documents/{made['pipeline']}").json()["text"]
    assert "name: first\n" in text
    assert client.post("/api/check", json={"path": made["pipeline"], "text": text}).json()["faults"] == []


def test_nothing_is_overwritten(client, project):
    (project / "steps.py").write_text("mine")
    (project / "study").mkdir()
    (project / "study" / "steps.py").write_text("mine")
    answer = client.post("/api/templates/minimal", json={"folder": "study"})
    assert answer.status_code == 409
    assert answer.json()["code"] == "would-overwrite"
    assert [path.name for path in (project / "study").iterdir()] == ["steps.py"]
    assert (project / "study" / "steps.py").read_text() == "mine"


@pytest.mark.parametrize("folder", ["../out", "/etc/out", "", ".", "a/../../b", ".git", "a\\b"])
def test_nothing_is_written_outside_the_workspace(client, project, folder):
    before = sorted(path for path in project.parent.rglob("*") if ".assay" not in path.parts)
    assert client.post("/api/templates/minimal", json={"folder": folder}).status_code == 403
    assert sorted(path for path in project.parent.rglob("*") if ".assay" not in path.parts) == before


def test_an_unknown_template(client):
    answer = client.post("/api/templates/minimaal", json={"folder": "x"})
    assert (answer.status_code, answer.json()["hint"]) == (404, "did you mean 'minimal'?")
