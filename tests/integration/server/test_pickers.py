"""What a form offers: folders of the workspace, kept inside it, and the columns that a parameter may name."""

import os
import textwrap

import pytest

from assay.server import folders

STEPS = '''
from pathlib import Path
from typing import Annotated

from assay import Dataset, Param, component, step


@component("input/read", version="1.0.0")
def read(*, file: Annotated[Path, Param(path="file")], label: Annotated[str, Param(column_of="file")] = "") -> Dataset:
    """Read a table, and add a column."""
    table = step.output("dataset", Dataset, suffix=".csv")
    first, *rest = file.read_text().splitlines()
    table.path.write_text("\\n".join([first + ",made", *(row + ",1" for row in rest)]))
    return table


@component("filter/same", version="1.0.0")
def same(table: Dataset) -> Dataset:
    """Hand a table on."""
    out = step.output("dataset", Dataset, suffix=".csv")
    out.path.write_text(table.path.read_text())
    return out


@component("evaluate/tell", version="1.0.0")
def tell(table: Dataset, other: Dataset | None = None, *, by: Annotated[list[str] | None, Param(column_of="table")] = None, beside: Annotated[str, Param(column_of="other")] = "", note: str = "") -> Dataset:
    """Tell of a table."""
    out = step.output("dataset", Dataset, suffix=".csv")
    out.path.write_text(table.path.read_text())
    return out
'''
PIPELINE = """\
assay: 1
name: toy
steps:
  read: {use: ./steps.py:read, with: {file: ../data/people.csv}}
  same: {use: ./steps.py:same, in: {table: read.dataset}}
  tell: {use: ./steps.py:tell, in: {table: same.dataset}}
"""
FILE = "flows/toy.pipeline.yaml"


@pytest.fixture
def flow(project):
    (project / "flows").mkdir()
    (project / "data").mkdir()
    (project / FILE).write_text(PIPELINE)
    (project / "flows" / "steps.py").write_text(textwrap.dedent(STEPS))
    (project / "data" / "people.csv").write_text("id,sex,age\np1,F,70\np2,,60\np3,M,\np4,M,x\n")
    return project


@pytest.fixture
def ask(client, flow):
    def columns(step="tell", param="by", text=PIPELINE, **more):
        answer = client.post("/api/columns", json={"path": FILE, "text": text, "step": step, "param": param, **more})
        assert answer.status_code == 200, answer.text
        return answer.json()

    return columns


def run(client, flow, pipeline=FILE):
    workspace = client.app.state.studio.workspace
    return workspace.run(workspace.check(workspace.load(flow / pipeline))).run


def names(found):
    return [column["name"] for column in found["columns"]]


def test_a_parameter_says_what_it_picks(client, flow):
    components = client.post("/api/check", json={"path": FILE, "text": PIPELINE}).json()["components"]
    told = {p["name"]: (p["path"], p["column_of"]) for c in components.values() for p in c["params"]}
    assert told == {
        "file": ("file", ""),
        "label": ("any", "file"),
        "by": ("any", "table"),
        "beside": ("any", "other"),
        "note": ("any", ""),
    }


def test_before_any_run_the_file_that_an_earlier_step_reads_tells_the_columns(ask):
    found = ask()
    assert names(found) == ["id", "sex", "age"]
    assert (found["source"], found["place"], found["near"], found["of"]) == ("file", "data/people.csv", False, "table")
    assert [(c["type"], c["missing"]) for c in found["columns"]] == [("text", 0), ("text", 0.25), ("text", 0.25)]


def test_after_a_run_the_artifact_of_the_connected_port_tells_them(ask, client, flow):
    made = run(client, flow)
    found = ask()
    assert names(found) == ["id", "sex", "age", "made"]
    assert (found["source"], found["place"], found["near"], found["run"]) == ("run", "same.dataset", True, made)


def test_what_was_run_further_up_is_better_than_the_file(ask, client, flow):
    (flow / FILE).write_text(PIPELINE.replace("  tell", "  told"))
    run(client, flow)
    longer = (
        PIPELINE.replace("same.dataset", "new.dataset") + "  new: {use: ./steps.py:same, in: {table: same.dataset}}\n"
    )
    found = ask(text=longer)
    assert (found["source"], found["place"], found["near"]) == ("run", "same.dataset", False)
    assert names(found)[-1] == "made"


def test_a_column_of_a_file_is_read_from_the_file_that_is_named_now(ask, flow):
    found = ask("read", "label")
    assert (names(found), found["place"], found["near"]) == (["id", "sex", "age"], "data/people.csv", True)
    (flow / "data" / "wide.tsv").write_text("\ufeffa\tb,c\td\n1\t2\t3\n")
    assert names(ask("read", "label", PIPELINE.replace("people.csv", "wide.tsv"))) == ["a", "b,c", "d"]
    (flow / "data" / "lines.jsonl").write_text('{"x": 1, "y": null}\n{"z": {"deep": 1}}\n')
    found = ask("read", "label", PIPELINE.replace("people.csv", "lines.jsonl"))
    assert [(c["name"], c["type"], c["missing"]) for c in found["columns"]] == [
        ("x", "number", 0.5),
        ("y", "empty", 1),
        ("z", "text", 0.5),
    ]


@pytest.mark.parametrize(
    ("step", "param", "old", "new", "why"),
    [
        ("tell", "by", "in: {table: same.dataset}", "in: {}", "not-connected"),
        ("tell", "by", "../data/people.csv", "$params.x", "not-run"),
        ("tell", "beside", "", "", "not-connected"),
        ("tell", "note", "", "", "no-column"),
        ("tell", "constructor", "", "", "no-column"),
        ("nobody", "by", "", "", "broken"),
        ("tell", "by", "assay: 1", "assay: [", "broken"),
        ("read", "label", "{file: ../data/people.csv}", "{}", "not-chosen"),
        ("read", "label", "../data/people.csv", "$params.x", "not-chosen"),
        ("read", "label", "people.csv", "none.csv", "missing"),
        ("read", "label", "../data/people.csv", "../../outside.csv", "outside"),
        ("read", "label", "../data/people.csv", "/etc/passwd", "outside"),
        ("read", "label", "../data/people.csv", "~/x.csv", "outside"),
        ("read", "label", "people.csv", "link.csv", "outside"),
        ("read", "label", "../data/people.csv", "../.assay/assay.db", "outside"),
        ("read", "label", "people.csv", "bytes.csv", "unreadable"),
        ("read", "label", "people.csv", "table.parquet", "unreadable"),
        ("read", "label", "people.csv", "empty.csv", "unreadable"),
    ],
)
def test_why_no_column_is_known_is_told(ask, flow, step, param, old, new, why):
    (flow.parent / "outside.csv").write_text("secret,column\n")
    (flow / "data" / "link.csv").symlink_to(flow.parent / "outside.csv")
    (flow / "data" / "bytes.csv").write_bytes(b"\x89PNG\0\1\2\n\0\0,\0")
    (flow / "data" / "table.parquet").write_bytes(b"PAR1")
    (flow / "data" / "empty.csv").write_text("")
    found = ask(step, param, PIPELINE.replace(old, new))
    assert (found["why"], found["columns"], found["source"]) == (why, [], "none")


def test_steps_that_feed_each_other_in_a_ring_come_to_an_end(ask):
    ring = PIPELINE.replace("in: {table: read.dataset}", "in: {table: tell.dataset}")
    assert ask(text=ring)["why"] == "not-run"


def test_in_a_pipeline_inside_another_the_run_that_is_looked_at_tells(ask, client, flow):
    (flow / "flows" / "outer.pipeline.yaml").write_text(
        "assay: 1\nname: outer\nsteps:\n  in: {use: ./toy.pipeline.yaml}\n"
    )
    made = run(client, flow, "flows/outer.pipeline.yaml")
    found = ask(run=made, within="in/")
    assert (names(found)[-1], found["place"], found["near"]) == ("made", "in/same.dataset", True)


def test_an_unknown_run_is_refused(client, flow):
    body = {"path": FILE, "text": PIPELINE, "step": "tell", "param": "by", "run": "nothing"}
    assert client.post("/api/columns", json=body).status_code == 404


def test_a_folder_is_listed_folders_first(client, flow):
    (flow / "data" / "Zoo").mkdir()
    (flow / "data" / ".hidden").write_text("")
    found = client.get("/api/folder", params={"path": "data"}).json()
    assert [(e["name"], e["folder"], e["kind"]) for e in found["entries"]] == [
        ("Zoo", True, "other"),
        ("people.csv", False, "data"),
    ]
    assert found["total"] == 2
    root = client.get("/api/folder").json()
    assert [e["name"] for e in root["entries"]] == ["data", "flows", "steps.py", "toy.pipeline.yaml"]


@pytest.mark.parametrize(
    "path", ["..", "/", "/etc", "data/..", "data/../..", ".assay", ".git", "link", "link/deep", "a\\b", "\0"]
)
def test_no_folder_outside_the_workspace_is_listed(client, flow, path):
    outside = flow.parent / "outside"
    (outside / "deep").mkdir(parents=True)
    (outside / "secret.csv").write_text("")
    (flow / "link").symlink_to(outside)
    answer = client.get("/api/folder", params={"path": path})
    assert answer.json()["code"] == "outside-workspace"
    assert "secret" not in answer.text
    assert "link" not in client.get("/api/folder").text


def test_a_folder_that_is_none_is_not_found(client, flow):
    for path in ("nothing", "data/people.csv"):
        assert client.get("/api/folder", params={"path": path}).status_code == 404


def test_of_a_huge_folder_the_first_are_listed_and_all_counted(client, flow, monkeypatch):
    monkeypatch.setattr(folders, "MOST", 3)
    for number in range(5):
        (flow / "data" / f"{number}.csv").write_text("")
    os.mkfifo(flow / "data" / "0.pipe")
    found = client.get("/api/folder", params={"path": "data"}).json()
    assert ([e["name"] for e in found["entries"]], found["total"]) == (["0.csv", "1.csv", "2.csv"], 6)
