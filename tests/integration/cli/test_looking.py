"""Commands that look at runs: what they say, and that ``--json`` is one document of a known shape."""

import json

import pytest


def test_runs(history):
    rows = history.json("runs")
    assert [row["status"] for row in rows] == ["succeeded", "succeeded", "failed"]
    assert set(rows[0]) == {"run", "status", "pipeline", "file", "started", "finished", "steps"}
    assert len(history.json("runs", "-n", "1")) == 1
    assert history.json("runs", "--pipeline", "other") == []
    out, _ = history("runs")
    assert out.splitlines()[0].split() == ["RUN", "STATUS", "PIPELINE", "STARTED", "TOOK", "STEPS"]
    assert len(out.splitlines()) == 4


def test_show_a_run(history):
    document = history.json("show", "last")
    assert set(document) == {
        *("run", "status", "pipeline", "file", "started", "finished", "version", "params", "given", "options", "steps")
    }
    assert [(step["step"], step["item"]) for step in document["steps"]] == [
        *(("slow", None), ("each", None), ("each", 0), ("each", 1), ("each", 2)),
        *(("work", None), ("last", None), ("tidy", None)),
    ]
    out, _ = history("show", "last")
    assert "-p lines=5" in out
    assert "slow.lines  5" in out
    assert "slow.dataset" in out


def test_show_a_failed_run_says_why_and_what_next(history):
    out, _ = history("show", history.runs[0])
    assert "✘ work failed [raised] ValueError: no such luck" in out
    assert 'raise ValueError("no such luck")' in out
    assert "skipped: it needs a step that failed: work" in out
    assert f"go on with: assay resume {history.runs[0]}" in out


def test_show_a_run_as_a_page(history, tmp_path):
    page = tmp_path / "run.html"
    out, note = history("show", history.runs[0], "--html", str(page))
    assert out == ""
    assert f"page: {page}" in note
    text = page.read_text(encoding="utf-8")
    assert "ValueError: no such luck" in text
    assert "line 0" in text
    assert "each[2]" in text
    document = history.json("show", "last", "--html", str(page))
    assert document["run"] in page.read_text(encoding="utf-8")


def test_show_a_step(history):
    out, _ = history("show", "last", "slow")
    assert "lines: $params.lines" in out
    assert "because parameter changed lines (3 → 5)" in out
    document = history.json("show", "last", "slow")
    assert document["status"] == "succeeded"
    assert document["metrics"] == {"lines": 5.0}
    assert document["outputs"]["dataset"]["kind"] == "artifact"


def test_show_elements(history):
    out, _ = history("show", "last", "each")
    assert "each[2]" in out
    assert history.json("show", "last", "each[1]")["outputs"] == {"value": {"kind": "value", "json": 4}}


@pytest.mark.parametrize(
    ("argv", "message", "hint"),
    [
        (["show", "last", "slwo"], "the run has no step 'slwo'", "did you mean 'slow'?"),
        (["show", "last", "each[9]"], "there is no element 'each[9]'", "elements are each[0] to each[2]"),
        (["show", "last", "slow[0]"], "there is no element 'slow[0]'", "'slow' has no elements"),
        (["logs", "last", "slow", "--attempt", "9"], "slow had 1 attempt", "leave --attempt out"),
        (["show", "nothing"], "no run 'nothing'", "see"),
        (["artifacts", "get", "last", "slow.datset"], "has no artifact 'slow.datset'", "did you mean 'slow.dataset'?"),
    ],
)
def test_names_that_are_not_there(history, argv, message, hint):
    out, err = history(*argv, status=2)
    assert out == ""
    assert message in err
    assert hint in err


def test_a_unique_start_of_an_id_is_enough(history):
    assert history.json("show", history.runs[0])["run"] == history.runs[0]
    _, err = history("show", "2", status=2)
    assert "more than one run begins with '2'" in err


def test_why(history):
    assert history("why", history.runs[0], "slow")[0] == "slow ran because:\n  first run\n"
    assert history("why", "last", "slow")[0] == "slow ran because:\n  parameter changed lines (3 → 5)\n"
    assert history("why", history.runs[1], "slow")[0].startswith(
        f"slow was reused: its outputs made by run {history.runs[0]}"
    )
    assert history("why", history.runs[0], "last")[0] == "last was skipped: it needs a step that failed: work\n"
    assert "3 elements: 3 reused, 0 ran" in history("why", "last", "each")[0]
    document = history.json("why", "last", "slow")
    assert document["reasons"] == ["parameter changed lines (3 → 5)"]


def test_logs(history):
    assert history("logs", "last", "slow")[0] == "".join(f"line {n}\n" for n in range(5))
    out, err = history("logs", history.runs[0], "work")
    assert out == ""
    assert "work printed nothing" in err
    assert "✘ work [raised] ValueError: no such luck" in err
    assert 'raise ValueError("no such luck")' in err


def test_the_log_of_a_reused_step_is_that_of_the_run_that_made_it(history):
    out, err = history("logs", history.runs[1], "slow")
    assert out == "line 0\nline 1\nline 2\n"
    assert f"this is the log of run {history.runs[0]}" in err


def test_the_logs_of_all_elements(history):
    out, err = history("logs", history.runs[0], "each")
    assert out == "item 1\nitem 2\nitem 3\n"
    assert err.splitlines() == ["==> each[0] <==", "==> each[1] <==", "==> each[2] <=="]


def test_following_a_step_that_has_ended_ends(history):
    out, err = history("logs", "-f", history.runs[0], "slow")
    assert out == "line 0\nline 1\nline 2\n"
    assert "succeeded" in err


def test_compare(history):
    out, _ = history("compare", history.runs[1])
    assert "lines      3  5" in out
    assert "slow.lines  3  5  +2" in out
    document = history.json("compare", history.runs[1], "last")
    assert set(document) == {"a", "b", "same_file", "params", "metrics", "artifacts", "seconds", "trust"}
    assert document["params"]["lines"] == {"a": 3, "b": 5}
    assert document["metrics"]["slow.lines"]["difference"] == 2
    assert document["artifacts"]["slow.dataset"]["same"] is False
    assert document["artifacts"]["each.value"]["same"] is True


def test_artifacts(history, tmp_path):
    listed = {one["name"]: one for one in history.json("artifacts", "list", "last")}
    assert listed["slow.dataset"]["output"]["type"] == "Dataset"
    assert set(history.json("artifacts", "list", "last", "slow")[0]) == {"name", "path", "output"}
    target = tmp_path / "table.csv"
    assert history("artifacts", "get", "last", "slow.dataset", target)[0] == f"{target}\n"
    assert target.read_text() == "a\n5\n"
    assert target.stat().st_mode & 0o200
    _, err = history("artifacts", "get", "last", "slow.dataset", target, status=2)
    assert err.startswith(f"error [would-overwrite] {target} is there already")
    history("artifacts", "get", "last", "slow.dataset", tmp_path)
    assert (tmp_path / "slow.dataset.csv").read_text() == "a\n5\n"


def test_a_value_goes_to_stdout(history, tmp_path):
    assert json.loads(history("artifacts", "get", "last", "each.value")[0]) == [2, 4, 6]
    history("artifacts", "get", "last", "each.value", tmp_path / "v.json")
    assert json.loads((tmp_path / "v.json").read_text()) == [2, 4, 6]


def test_gc_says_what_would_go(history):
    document = history.json("gc", "--keep", "1", "--dry-run")
    assert document["dry_run"] is True
    assert document["runs"] == 2
    assert history("gc", "--dry-run")[0].startswith("would remove 0 runs")
    assert len(history.json("runs")) == 3


def test_a_reader_that_leaves_is_no_error(history):
    with history.start_unread("show", "last", "--json") as process:
        assert process.stderr.read() == ""
        assert process.wait(timeout=240) == 141


def test_components(history):
    names = {component["name"] for component in history.json("components", "list")}
    assert "input/ct-phantom" in names
    document = history.json("components", "show", "./steps.py:slow")
    assert [param["name"] for param in document["params"]] == ["seconds", "lines"]
    out, _ = history("components", "show", "./steps.py:fail")
    assert "table  Dataset  A table." in out
    assert 'how  str = "not"' in out
    assert "  use: ./steps.py:fail" in out
    assert "    table: STEP.PORT  # Dataset" in out
    _, err = history("components", "show", "input/ct-fantom", status=2)
    assert "did you mean 'input/ct-phantom'?" in err
    assert history.json("components", "search", "phantom")[0]["name"] == "input/ct-phantom"
    assert history.json("components", "versions", "input/ct-phantom")["versions"]


def test_looking_leaves_no_store_behind(tmp_path, history):
    for argv in (["runs"], ["show", "last"], ["gc"], ["resume"], ["cancel", "last"]):
        _, err = history(*argv, "--store", tmp_path / "none", status=2)
        assert "there is no store" in err
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("assay show la", ["last"]),
        ("assay why last s", ["slow"]),
        ("assay artifacts get last sl", ["slow.dataset"]),
        ("assay compare ", None),
    ],
)
def test_tab_knows_the_runs(history, line, offered):
    before = dict(history.environment)
    words = line.split(" ")
    history.environment |= {"_ASSAY_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    out, _ = history()
    history.environment = before
    assert out.split() == (offered or ["last", *reversed(history.runs)])
