"""Runs over HTTP: started, followed without a line lost or doubled, cancelled, resumed, looked at."""

import json
import time

import pytest


def run(client, **asked):
    answer = client.post("/api/runs", json={"path": "toy.pipeline.yaml", **asked})
    assert answer.status_code == 201, answer.text
    return answer.json()["run"]


def follow(client, run, **options):
    """Return (id, event) pairs until the stream ends."""
    found, identity = [], None
    with client.stream("GET", f"/api/runs/{run}/events", **options) as stream:
        for line in stream.iter_lines():
            if line.startswith("id: "):
                identity = int(line[4:])
            elif line.startswith("data: "):
                found.append((identity, json.loads(line[6:])))
    return found


def test_a_run_is_followed_to_its_end_and_again_from_the_middle(client):
    name = run(client, params={"size": 5})
    events = follow(client, name)
    numbers = [identity for identity, _ in events[:-1]]
    assert numbers == list(range(1, len(numbers) + 1))
    assert events[-1][1] == {"status": "succeeded"}
    rest = follow(client, name, headers={"last-event-id": "4"})
    assert rest[:-1] == events[4:-1]
    shown = client.get(f"/api/runs/{name}").json()
    assert shown["status"] == "succeeded"
    assert shown["params"] == {"size": 5}
    assert shown["sequence"] == numbers[-1]
    assert [step["step"] for step in shown["steps"]] == ["make", "page", "slow"]
    assert client.get("/api/runs").json()[0]["run"] == name


def test_a_part_of_the_pipeline_runs(client):
    name = run(client, only=["make"])
    follow(client, name)
    done = {step["step"]: step["status"] for step in client.get(f"/api/runs/{name}").json()["steps"]}
    assert done["make"] == "succeeded"
    assert done["page"] != "succeeded"


def test_a_run_is_cancelled_and_resumed(client, project):
    file = project / "toy.pipeline.yaml"
    file.write_text(file.read_text().replace("0.01", "600"))
    name = run(client)
    wait_for(client, name, "slow", "running")
    assert client.post(f"/api/runs/{name}/cancel").status_code == 202
    assert follow(client, name)[-1][1] == {"status": "cancelled"}
    assert client.post(f"/api/runs/{name}/cancel").status_code == 409
    assert client.post(f"/api/runs/{name}/resume").status_code == 202
    client.post(f"/api/runs/{name}/cancel")
    assert follow(client, name)[-1][1] == {"status": "cancelled"}


def test_a_broken_file_is_not_run_and_its_faults_come_back(client, project):
    (project / "toy.pipeline.yaml").write_text("assay: 1\nname: x\nsteps:\n  a: {use: ./steps.py:nothing}\n")
    answer = client.post("/api/runs", json={"path": "toy.pipeline.yaml"})
    assert answer.status_code == 422
    assert answer.json()["faults"][0]["location"]["line"] == 4


def test_wrong_parameters_are_refused(client):
    answer = client.post("/api/runs", json={"path": "toy.pipeline.yaml", "params": {"size": 0}})
    assert answer.status_code == 422
    assert "size" in answer.json()["faults"][0]["message"]


@pytest.mark.parametrize("path", ["runs/none", "runs/none/events", "runs/last/steps/nothing", "compare?a=x&b=y"])
def test_what_is_not_there_is_said(client, path):
    run(client)
    assert client.get(f"/api/{path}").status_code == 404


def test_logs_come_in_parts_and_as_a_stream(client):
    name = run(client)
    follow(client, name)
    log = client.get(f"/api/runs/{name}/steps/make/log").json()
    assert log["text"] == "made 3 öäü\n"
    assert client.get(f"/api/runs/{name}/steps/make/log?start={log['next']}").json()["text"] == ""
    with client.stream("GET", f"/api/runs/{name}/steps/make/log/stream?start=5") as stream:
        lines = [line for line in stream.iter_lines() if line.startswith("data")]
    assert json.loads(lines[0][6:]) == {"text": "3 öäü\n"}


def test_outputs_are_previewed_and_fetched(client):
    name = run(client)
    follow(client, name)
    outputs = f"/api/runs/{name}/outputs"
    table = client.get(f"{outputs}/make/table/preview").json()
    assert [(c["name"], c["type"], c["missing"]) for c in table["columns"]] == [
        ("id", "text", 0.0),
        ("age", "number", 0.0),
        ("note", "empty", 1.0),
    ]
    assert (table["total"], table["start"], table["looked_at"]) == (3, 0, 3)
    age = table["columns"][1]
    assert (age["distinct"], age["least"], age["most"]) == (3, 40.0, 42.0)
    assert client.get(f"{outputs}/make/count/preview").json() == {"kind": "value", "body": 3}
    assert client.get(f"{outputs}/make/files/preview").json()["files"] == ["a.txt"]
    assert client.get(f"{outputs}/make/files/files/a.txt").text == "hello"
    part = client.get(f"{outputs}/make/table/content", headers={"range": "bytes=0-5"})
    assert (part.status_code, part.text) == (206, "id,age")
    assert client.get(f"{outputs}/make/files/files/%2e%2e/x").status_code in {403, 404}
    assert client.get(f"{outputs}/make/nothing/preview").status_code == 404


def test_a_hostile_page_is_sandboxed(client):
    name = run(client)
    follow(client, name)
    answer = client.get(f"/api/runs/{name}/outputs/page/report/content")
    assert answer.headers["content-type"].startswith("text/html")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox;")
    assert "default-src 'none'" in policy


def test_a_run_is_a_page_that_runs_nothing(client):
    name = run(client)
    follow(client, name)
    shown = client.get(f"/api/runs/{name}/page")
    assert shown.headers["content-type"].startswith("text/html")
    assert shown.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert "made 3 öäü" in shown.text
    saved = client.get(f"/api/runs/{name}/page?download=true")
    assert saved.headers["content-disposition"] == f'attachment; filename="{name}.html"'
    assert client.get("/api/runs/none/page").status_code == 404


def test_two_runs_are_held_side_by_side(client):
    first, second = run(client), None
    follow(client, first)
    second = run(client, params={"size": 9})
    follow(client, second)
    found = client.get(f"/api/compare?a={first}&b={second}").json()
    assert found["params"]["size"] == {"a": 3, "b": 9, "same": None}
    assert found["artifacts"]["make.table"]["same"] is False


def test_a_second_run_reuses_and_its_log_is_that_of_the_first(client):
    follow(client, run(client))
    second = run(client)
    follow(client, second)
    steps = {s["step"]: s["status"] for s in client.get(f"/api/runs/{second}").json()["steps"]}
    assert steps["make"] == "reused"
    assert client.get(f"/api/runs/{second}/steps/make/log").json()["text"].startswith("made 3")


def test_steps_of_a_pipeline_within_a_pipeline_are_asked_for_by_their_whole_name(client, project):
    (project / "inner.pipeline.yaml").write_text(
        "assay: 1\nname: inner\noutputs: {table: make.table}\nsteps: {make: {use: ./steps.py:make}}\n"
    )
    text = "assay: 1\nname: o\nsteps:\n  all: {use: ./inner.pipeline.yaml}\n  page: {use: ./steps.py:page, in: {table: all.table}}\n"
    (project / "outer.pipeline.yaml").write_text(text)
    found = client.post("/api/check", json={"path": "outer.pipeline.yaml", "text": text}).json()
    assert found["faults"] == []
    (project / "inner.pipeline.yaml").write_text("assay: 1\nname: inner\nsteps: {make: {use: ./steps.py:maek}}\n")
    faults = client.post("/api/check", json={"path": "outer.pipeline.yaml", "text": text}).json()["faults"]
    places = {(fault["location"]["file"], fault["location"]["line"]) for fault in faults}
    assert places == {("inner.pipeline.yaml", 3), ("outer.pipeline.yaml", 4)}
    assert [fault["fix"] for fault in faults] == [None, None]
    (project / "inner.pipeline.yaml").write_text(
        "assay: 1\nname: inner\noutputs: {table: make.table}\nsteps: {make: {use: ./steps.py:make}}\n"
    )
    assert [found["components"][use]["pipeline"] for use in ("./inner.pipeline.yaml", "./steps.py:page")] == [
        True,
        False,
    ]
    assert [port["name"] for port in found["components"]["./inner.pipeline.yaml"]["outputs"]] == ["table"]
    name = run(client, path="outer.pipeline.yaml")
    follow(client, name)
    shown = client.get(f"/api/runs/{name}").json()
    assert [(step["step"], step["status"]) for step in shown["steps"]] == [
        ("all/make", "succeeded"),
        ("page", "succeeded"),
    ]
    base = f"/api/runs/{name}"
    assert "made 3" in client.get(f"{base}/steps/all%2Fmake/log").json()["text"]
    assert client.get(f"{base}/steps/all%2Fmake").json()["status"] == "succeeded"
    assert client.get(f"{base}/outputs/all%2Fmake/table/preview").json()["kind"] == "table"
    assert client.get(f"{base}/outputs/all%2Fmake/table/content").text.startswith("id,age")


def test_the_last_lines_of_running_steps_travel_with_the_events(client, project):
    steps = project / "steps.py"
    steps.write_text(
        steps.read_text().replace(
            "    while until", '    print("first\\n10 %\\r99 %\\nlast", flush=True)\n    while until'
        )
    )
    file = project / "toy.pipeline.yaml"
    file.write_text(file.read_text().replace("seconds: 0.01", f"until: {project}/go"))
    name = run(client)
    tails, identities = [], []
    with client.stream("GET", f"/api/runs/{name}/events?tails=true") as stream:
        kind = ""
        for line in stream.iter_lines():
            if line.startswith("event: "):
                kind = line[7:]
            elif line.startswith("id: "):
                identities.append(int(line[4:]))
            elif line.startswith("data: ") and kind == "tail":
                tails.append(json.loads(line[6:]))
                (project / "go").touch()
            elif not line:
                kind = ""
    assert identities == list(range(1, len(identities) + 1))
    assert {"step": "slow", "item": None, "lines": ["first", "99 %", "last"]} in tails
    assert {"step": "make", "item": None, "lines": ["made 3 öäü"]} in tails


def test_a_follower_who_comes_later_is_told_what_running_steps_have_said(client, project):
    file = project / "toy.pipeline.yaml"
    steps = project / "steps.py"
    steps.write_text(steps.read_text().replace("    while until", '    print("waiting", flush=True)\n    while until'))
    file.write_text(file.read_text().replace("seconds: 0.01", f"until: {project}/go"))
    name = run(client)
    wait_for(client, name, "slow", "running")
    shown = client.get(f"/api/runs/{name}").json()
    with client.stream("GET", f"/api/runs/{name}/events?tails=true&after={shown['sequence']}") as stream:
        lines = stream.iter_lines()
        assert any('"slow"' in line and '"waiting"' in line for line in lines if line.startswith("data: "))
        (project / "go").touch()


def test_a_running_step_tells_how_far_it_is(client, project):
    file = project / "toy.pipeline.yaml"
    file.write_text(file.read_text().replace("0.01", "600"))
    name = run(client)
    wait_for(client, name, "slow", "running")
    deadline = time.monotonic() + 120
    while not (found := client.get(f"/api/runs/{name}/steps/slow").json()["progress"]):
        assert time.monotonic() < deadline
    assert found["total"] == 60000
    client.post(f"/api/runs/{name}/cancel")
    follow(client, name)


def wait_for(client, name, step, status):
    deadline = time.monotonic() + 120
    while not any(s["step"] == step and s["status"] == status for s in client.get(f"/api/runs/{name}").json()["steps"]):
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("path", ["plan", "runs"])
def test_a_place_that_is_not_offered_is_refused_before_anything_starts(client, path):
    assert [target["name"] for target in client.get("/api/session").json()["targets"]] == ["local"]
    answer = client.post(f"/api/{path}", json={"path": "toy.pipeline.yaml", "target": "cluster"})
    assert (answer.status_code, answer.json()["code"], answer.json()["culprit"]) == (404, "not-found", "cluster")
    assert answer.json()["hint"] == "there is local"
    assert client.get("/api/runs").json() == []


def test_a_run_goes_to_the_place_that_was_chosen(client):
    assert follow(client, run(client, target="local"))[-1][1] == {"status": "succeeded"}
