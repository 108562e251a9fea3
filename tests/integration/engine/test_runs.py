"""Whole runs on the embedded engine: order, reuse, failure, conditions, elements, final steps."""

from __future__ import annotations

import json

import pytest

from assay.errors import InvalidDocument
from assay.model.artifacts import Value

CHAIN = """
a: {use: ./steps.py:make, with: {text: hello}}
b: {use: ./steps.py:upper, in: {file: a.file}}
"""


def test_a_chain_passes_content_from_step_to_step(project):
    ran = project.run(CHAIN)
    assert ran.outcome == "succeeded"
    assert ran.text("b") == "HELLO"
    assert ran.log("a") == "making hello\n"
    assert not list((project.workspace.store.root / "work" / ran.id).iterdir())


def test_what_is_unchanged_is_reused_and_what_changed_runs(project):
    project.run(CHAIN)
    assert project.run(CHAIN).statuses() == {"a": "reused", "b": "reused"}
    changed = CHAIN.replace("hello", "bye")
    assert [str(s.reasons[0]) for s in project.plan(changed).steps] == [
        'parameter changed text ("hello" → "bye")',
        "waits for a",
    ]
    assert project.run(changed).text("b") == "BYE"


def test_equal_content_upstream_stops_the_wave(project):
    project.run(CHAIN)
    code = project.folder / "steps.py"
    code.write_text(code.read_text().replace('print("making", text)', 'print("making now", text)'))
    ran = project.run(CHAIN)
    assert ran.statuses() == {"a": "succeeded", "b": "reused"}


def test_moving_a_box_or_renaming_a_comment_runs_nothing(project):
    project.run(CHAIN)
    code = project.folder / "steps.py"
    code.write_text(code.read_text().replace('"""Write a text."""', '"""Write a text, as told."""  # a comment'))
    checked = project.checked(CHAIN)
    moved = checked.document.set(("layout",), {"a": [0, 0], "b": [1, 0]})
    assert [str(step.verb) for step in project.workspace.plan(project.workspace.check(moved)).steps] == [
        "reuse",
        "reuse",
    ]


def test_a_failure_stops_what_follows_and_nothing_else(project):
    ran = project.run("""
    bad: {use: ./steps.py:make, with: {fail: true}}
    after: {use: ./steps.py:upper, in: {file: bad.file}}
    other: {use: ./steps.py:make}
    """)
    assert ran.outcome == "failed"
    assert ran.statuses() == {"bad": "failed", "after": "skipped", "other": "succeeded"}
    failure = ran.state.steps[next(k for k in ran.state.steps if k.step == "bad")].failure
    assert failure.code == "raised"
    assert failure.message == "ValueError: asked to fail"
    assert 'raise ValueError("asked to fail")' in failure.traceback
    assert "src/assay" not in failure.traceback
    kept = list((project.workspace.store.root / "work" / ran.id).iterdir())
    assert [folder.name for folder in kept] == ["bad.1"]
    assert json.loads((kept[0] / "step.json").read_text())["params"] == {"text": "hello", "fail": True}


def test_an_optional_input_makes_up_for_a_skipped_step_but_not_for_a_failed_one(project):
    steps = """
    first: {use: ./steps.py:make, with: {fail: $params.fail}, if: params.go}
    second: {use: ./steps.py:measure, in: {file: first.file}}
    """
    head = "params: {go: {type: bool, default: true}, fail: {type: bool, default: false}}"
    assert project.run(steps, head, {"go": False}).statuses() == {"first": "skipped", "second": "succeeded"}
    assert project.run(steps, head, {"fail": True}).statuses() == {"first": "failed", "second": "skipped"}


def test_a_final_step_may_report_on_what_failed(project):
    ran = project.run(
        "first: {use: ./steps.py:make, with: {fail: true}}",
        head="finally: {report: {use: ./steps.py:measure, in: {file: first.file}}}",
    )
    assert ran.statuses() == {"first": "failed", "report": "succeeded"}


def test_fail_fast_ends_the_others(project):
    ran = project.run(
        """
        bad: {use: ./steps.py:make, with: {fail: true}}
        long: {use: ./steps.py:slow}
        """,
        fail_fast=True,
        most=2,
    )
    assert ran.statuses() == {"bad": "failed", "long": "cancelled"}
    assert ran.outcome == "failed"


def test_a_condition_over_a_value(project):
    steps = """
    f: {use: ./steps.py:facts, with: {n: $params.n}}
    many: {use: ./steps.py:make, if: "f.count > 2"}
    after: {use: ./steps.py:upper, in: {file: many.file}}
    """
    head = "params: {n: {type: int, default: 3}}"
    assert project.run(steps, head).status("after") == "succeeded"
    ran = project.run(steps, head, {"n": 1})
    assert ran.outcome == "succeeded"
    assert ran.statuses() == {"f": "succeeded", "many": "skipped", "after": "skipped"}


def test_a_value_feeds_a_parameter(project):
    ran = project.run("""
    f: {use: ./steps.py:facts, with: {n: 2}}
    g: {use: ./steps.py:facts, with: {n: $f.count}}
    """)
    assert ran.state.steps[next(k for k in ran.state.steps if k.step == "g")].outputs["names"] == Value(["n0", "n1"])


def test_foreach_over_a_list(project):
    steps = """
    m: {use: ./steps.py:make, with: {text: $item}, foreach: [x, y, z]}
    j: {use: ./steps.py:join, in: {files: m.file}}
    """
    ran = project.run(steps)
    assert ran.text("j") == "x+y+z"
    assert ran.statuses() == {
        "m": "succeeded",
        "m[0]": "succeeded",
        "m[1]": "succeeded",
        "m[2]": "succeeded",
        "j": "succeeded",
    }
    again = project.run(steps.replace("y, z", "y, z, x2"))
    assert [again.status("m", item) for item in range(4)] == ["reused", "reused", "reused", "succeeded"]


def test_foreach_over_a_value_and_over_the_files_of_an_output(project):
    ran = project.run("""
    f: {use: ./steps.py:facts}
    m: {use: ./steps.py:make, with: {text: $item}, foreach: $f.names}
    s: {use: ./steps.py:split, with: {n: 4}}
    u: {use: ./steps.py:upper, in: {file: $item}, foreach: {files: s.folder, pattern: "[0-2].txt", parallel: 1}}
    j: {use: ./steps.py:join, in: {files: u.file}}
    k: {use: ./steps.py:join, in: {files: m.file}}
    """)
    assert ran.text("j") == "PART 0+PART 1+PART 2"
    assert ran.text("k") == "n0+n1+n2"


def test_foreach_over_the_files_of_a_folder_runs_only_new_ones(project):
    scans = project.folder / "scans"
    scans.mkdir()
    (scans / "b.txt").write_text("b")
    steps = """
    u: {use: ./steps.py:upper, in: {file: $item}, foreach: {files: ./scans}}
    """
    assert project.run(steps).statuses() == {"u": "succeeded", "u[0]": "succeeded"}
    (scans / "a.txt").write_text("a")
    assert project.run(steps).statuses() == {"u": "succeeded", "u[0]": "succeeded", "u[1]": "reused"}


def test_a_failing_element_leaves_the_others(project):
    ran = project.run("""
    m: {use: ./steps.py:make, with: {fail: $item}, foreach: [false, true, false]}
    j: {use: ./steps.py:join, in: {files: m.file}}
    """)
    assert ran.outcome == "failed"
    assert [ran.status("m", item) for item in range(3)] == ["succeeded", "failed", "succeeded"]
    assert ran.status("j") == "skipped"


def test_no_elements_is_an_empty_list(project):
    ran = project.run("""
    m: {use: ./steps.py:make, with: {text: $item}, foreach: []}
    """)
    assert ran.statuses() == {"m": "succeeded"}


def test_final_steps_run_after_success_and_after_failure(project):
    for fail, outcome in (("false", "succeeded"), ("true", "failed")):
        ran = project.run(
            f"a: {{use: ./steps.py:make, with: {{fail: {fail}}}}}",
            head=f"""
            finally:
              bye: {{use: ./steps.py:note, with: {{to: {project.folder}/{outcome}}}}}
              only: {{use: ./steps.py:make, with: {{text: after}}, if: "run.outcome == 'failed'"}}
            """,
        )
        assert ran.outcome == outcome
        assert (project.folder / outcome).read_text() == "x\n"
        assert ran.status("only") == ("succeeded" if outcome == "failed" else "skipped")


def test_retry_runs_again_until_it_succeeds(project):
    count = project.folder / "count"
    ran = project.run(
        f"n: {{use: ./steps.py:note, with: {{to: {count}, fail_until: 3}}, retry: {{limit: 4, delay: 0.05}}}}"
    )
    assert ran.outcome == "succeeded"
    assert count.read_text() == "x\n" * 3
    assert [event.event.type for event in ran.events].count("step.failed") == 2


def test_an_element_is_repeated_and_resumed_like_a_step(project):
    count = project.folder / "count"
    steps = f"""
    n: {{use: ./steps.py:note, with: {{to: {count}, text: $item, fail_until: 4}}, foreach: [a, b], retry: {{limit: 1, delay: 0.05}}}}
    """
    ran = project.run(steps, most=1)
    assert ran.statuses() == {"n": "failed", "n[0]": "failed", "n[1]": "succeeded"}
    resumed = project.resume(ran.id)
    assert resumed.outcome == "succeeded"
    assert sorted(count.read_text().split()) == ["a", "a", "a", "b", "b"]


def test_a_cancelled_run_stops_what_runs_skips_the_rest_and_does_its_final_steps(project):
    def cancel(logged):
        if logged.event.type == "step.started" and logged.event.key.step == "long":
            project.workspace.cancel(project.workspace.store.runs.run("last").id)

    ran = project.run(
        """
        long: {use: ./steps.py:slow}
        next: {use: ./steps.py:make, after: [long]}
        """,
        head=f"finally: {{bye: {{use: ./steps.py:note, with: {{to: {project.folder}/bye}}}}}}",
        observe=cancel,
    )
    assert ran.outcome == "cancelled"
    assert ran.statuses() == {"long": "cancelled", "next": "skipped", "bye": "succeeded"}
    assert (project.folder / "bye").read_text() == "x\n"


def test_the_environment_of_a_step_counts_and_reaches_it(project):
    code = project.folder / "steps.py"
    code.write_text(
        code.read_text()
        + """
@component
def show() -> File:
    'Write a variable.'
    out = step.output("file", File, suffix=".txt")
    out.path.write_text(os.environ["COLOUR"])
    return out
"""
    )
    assert project.run("s: {use: ./steps.py:show, env: {COLOUR: red}}").text("s") == "red"
    again = project.run("s: {use: ./steps.py:show, env: {COLOUR: blue}}")
    assert (again.status("s"), again.text("s")) == ("succeeded", "blue")


def test_a_spawned_step_keeps_the_same_contract(project):
    ran = project.run(CHAIN.replace("use: ./steps.py:upper", "use: ./steps.py:upper, isolation: spawn"))
    assert ran.text("b") == "HELLO"


def test_more_gpus_than_there_are_is_said_by_the_step(project, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    ran = project.run("a: {use: ./steps.py:make, gpu: 1}\nb: {use: ./steps.py:make}")
    failure = ran.state.steps[next(key for key in ran.state.steps if key.step == "a")].failure
    assert (failure.code, failure.message) == ("resources", "step 'a' asks for 1 gpu, this machine has 0")
    assert ran.status("b") == "succeeded"


def test_a_report_has_a_path_that_a_browser_understands(project):
    code = project.folder / "steps.py"
    code.write_text(
        code.read_text()
        + """
from assay import Report
@component
def report() -> Report:
    'Write a page.'
    out = step.output("report", Report, suffix=".html")
    out.path.write_text("<p>page")
    return out
"""
    )
    for _ in range(2):
        ran = project.run("r: {use: ./steps.py:report}")
        page = project.workspace.store.root / "results" / ran.id / "r.report.html"
        assert page.read_text() == "<p>page"
    project.workspace.store.reclaim(keep_runs=1)
    assert [folder.name for folder in page.parent.parent.iterdir()] == [ran.id]
    assert page.read_text() == "<p>page"


def test_a_timeout_ends_the_step_and_says_so(project):
    ran = project.run("s: {use: ./steps.py:slow, timeout: 0.3s, with: {ignore: true}}")
    failure = next(iter(ran.state.steps.values())).failure
    assert (failure.code, failure.message) == ("timeout", "did not finish within 0.3 s")


def test_metrics_progress_and_series_are_recorded(project):
    ran = project.run("m: {use: ./steps.py:measure, with: {value: 0.9}}")
    state = next(iter(ran.state.steps.values()))
    assert state.metrics["auroc"] == 0.9
    assert [index for index, _ in state.series["loss"]] == [0, 1, 2]


def test_secrets_reach_the_step_and_nothing_else(project, monkeypatch):
    monkeypatch.setenv("ASSAY_SECRET_TOKEN", "s3cr3t-value")
    monkeypatch.setenv("ASSAY_SECRET_OTHER", "an0ther-value")
    ran = project.run("s: {use: ./steps.py:secretive, secrets: {token: TOKEN, OTHER: OTHER}}")
    assert ran.outcome == "succeeded"
    assert ran.log("s") == "token *** ***\n"
    everything = b"".join(path.read_bytes() for path in project.workspace.store.root.rglob("*") if path.is_file())
    assert b"s3cr3t-value" not in everything
    assert b"an0ther-value" not in everything


def test_missing_secrets_are_all_named_before_anything_runs(project):
    with pytest.raises(InvalidDocument) as caught:
        project.run("s: {use: ./steps.py:secretive, secrets: {token: TOKEN, OTHER: OTHER}}")
    assert [fault.culprit for fault in caught.value.faults] == ["OTHER", "TOKEN"]
    assert project.workspace.store.runs.runs() == []


def test_only_needs_kept_results_of_what_is_left_out(project):
    with pytest.raises(InvalidDocument, match="not selected and has no kept result"):
        project.run(CHAIN, select={"only": ("b",)})
    project.run(CHAIN, select={"to": ("a",)})
    assert project.run(CHAIN, select={"only": ("b",)}).statuses() == {"a": "reused", "b": "succeeded"}


def test_force_runs_again(project):
    project.run(CHAIN)
    ran = project.run(CHAIN, select={"force": ("a",)})
    assert ran.statuses() == {"a": "succeeded", "b": "reused"}
    assert ran.state.steps[next(iter(ran.state.steps))].reasons == ("forced",)


def test_an_artifact_a_step_wrote_to_is_made_again(project):
    ran = project.run(CHAIN)
    path = project.workspace.store.objects.path(ran.state.steps[next(iter(ran.state.steps))].outputs["file"])
    path.chmod(0o644)
    path.write_text("HACKED")
    again = project.run(CHAIN)
    assert again.status("a") == "succeeded"
    assert again.text("b") == "HELLO"


def test_a_resumed_run_does_not_repeat_what_finished(project):
    count = project.folder / "count"
    steps = f"""
    n: {{use: ./steps.py:note, with: {{to: {count}, text: n}}}}
    bad: {{use: ./steps.py:note, with: {{to: {count}, text: bad, fail_until: 3}}, after: [n]}}
    """
    ran = project.run(steps)
    assert ran.statuses() == {"n": "succeeded", "bad": "failed"}
    resumed = project.resume(ran.id)
    assert resumed.id == ran.id
    assert resumed.outcome == "succeeded"
    assert count.read_text().split() == ["n", "bad", "bad"]


def test_two_runs_share_a_store_at_once(project, tmp_path):
    import threading

    results = []

    def go(text):
        from assay.workspace import Workspace

        workspace = Workspace.open(project.folder)
        run = workspace.run(workspace.check(checked.document), {"text": text}).run
        state = workspace.state(run)
        results.append((str(state.outcome), [str(step.failure) for step in state.steps.values() if step.failure]))

    checked = project.checked(
        "m: {use: ./steps.py:make, with: {text: $params.text}, foreach: [1, 2, 3, 4]}",
        "params: {text: {type: str, default: x}}",
    )
    threads = [threading.Thread(target=go, args=(f"t{i % 2}",)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [("succeeded", [])] * 4
