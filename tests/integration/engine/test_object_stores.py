"""``foreach`` over the objects below a prefix, from a real S3 server on loopback: what runs, what is reused, what is survived."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request

import pytest
from server_workshop import listening

from assay.engine.objects import ObjectError, Origin, Stopped, fetch, listed
from assay.errors import NotFound
from assay.model.state import fold
from assay.workspace import Workspace

STEPS = '''
import os, time
from assay import File, component

@component("test/size")
def size(file: File, *, name: str, wait: float = 0.0) -> int:
    """Return the bytes of a file."""
    with open(os.environ["MARKS"], "a") as marks:
        marks.write(name + "\\n")
    until, go = time.monotonic() + wait, os.environ["MARKS"] + ".go"
    while time.monotonic() < until and not os.path.exists(go) and not os.path.exists(go + name[-5:]):
        time.sleep(0.02)
    print(file.path.name, oct(file.path.stat().st_mode))
    return len(file.path.read_bytes())
'''
PIPELINE = """assay: 1
name: objects
params: {{wait: {{type: float, default: 0.0}}}}
steps:
  size:
    use: ./steps.py:size
    foreach: {{files: "{address}", pattern: "*.txt"}}
    in: {{file: $item}}
    with: {{name: $item.name, wait: $params.wait}}
"""
ASSAY = [sys.executable, "-c", "from assay.cli import main; main()"]


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory):
    """Start an S3 server; return its address."""
    code = "import sys; from moto.server import main; main(['-p', sys.argv[1]])"
    log = tmp_path_factory.mktemp("s3") / "log"
    with listening(lambda port: [sys.executable, "-W", "ignore", "-c", code, str(port)], log=log) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def bucket(endpoint, monkeypatch, tmp_path):
    """Return a function that puts an object, in a bucket of this test's own."""
    from obstore import put
    from obstore.store import S3Store

    for name, value in {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret-of-the-bucket",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": endpoint,
    }.items():
        monkeypatch.setenv(name, value)
    name = f"b{abs(hash(tmp_path)) % 10**12}"
    urllib.request.urlopen(urllib.request.Request(f"{endpoint}/{name}", method="PUT"), timeout=120).close()
    store = S3Store(name, endpoint=endpoint, client_options={"allow_http": True})

    def write(key, text):
        put(store, key, text.encode())

    write.name = name
    return write


@pytest.fixture
def project(bucket, tmp_path, monkeypatch):
    """A project over ``site/``, four objects in it."""
    (tmp_path / "steps.py").write_text(STEPS)
    (tmp_path / "p.pipeline.yaml").write_text(PIPELINE.format(address=f"s3://{bucket.name}/site"))
    monkeypatch.setenv("MARKS", str(tmp_path / "marks"))
    for number in range(4):
        bucket(f"site/a/{number}.txt", "x" * (number + 1))
    bucket("site/readme.md", "no")
    bucket("sites/other.txt", "no")
    return tmp_path


def run(project, *words):
    return subprocess.run(
        [*ASSAY, "run", "p.pipeline.yaml", *words], cwd=project, capture_output=True, text=True, check=False
    )


def marks(project):
    file = project / "marks"
    found = sorted(file.read_text().split()) if file.exists() else []
    file.unlink(missing_ok=True)
    return found


def last_state(project):
    store = Workspace.open(project).store
    return fold(store.runs.events(store.runs.run("last").id))


ALL = [f"a/{number}.txt" for number in range(4)]


def test_each_object_is_an_element_and_only_what_changed_runs_again(project, bucket):
    done = run(project)
    assert done.returncode == 0, done.stderr
    assert marks(project) == ALL
    state = last_state(project)
    outputs = next(step.outputs for step in state.steps.values() if step.key.item is None)
    assert outputs["value"].json == [1, 2, 3, 4]
    run(project)
    assert marks(project) == []
    bucket("site/a/2.txt", "something else")
    bucket("site/a/9.txt", "new")
    assert "size" in run(project, "--dry-run").stdout
    assert run(project).returncode == 0
    assert marks(project) == ["a/2.txt", "a/9.txt"]


def test_no_credential_gets_into_the_store(project):
    run(project)
    for file in (project / ".assay").rglob("*"):
        if file.is_file():
            assert b"secret-of-the-bucket" not in file.read_bytes(), file


def test_what_is_fetched_is_read_only_and_under_the_ports_name(project):
    run(project)
    log = subprocess.run([*ASSAY, "logs", "last", "size[0]"], cwd=project, capture_output=True, text=True, check=False)
    assert "file.txt 0o100444" in log.stdout


@pytest.mark.fault
def test_a_killed_run_goes_on_with_what_is_left(project):
    process = subprocess.Popen(
        [*ASSAY, "run", "p.pipeline.yaml", "-p", "wait=600", "--cpu", "2"],
        cwd=project,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    begun(project, 2)  # all that the slots hold
    first = (project / "marks").read_text().split()[0]
    (project / f"marks.go{first[-5:]}").touch()
    begun(project, 3)  # so one has ended
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert len(marks(project)) == 3
    (project / "marks.go").touch()
    done = subprocess.run([*ASSAY, "resume", "last"], cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert marks(project) == [name for name in ALL if name != first]
    assert next(s.outputs for s in last_state(project).steps.values() if s.key.item is None)["value"].json == [
        1,
        2,
        3,
        4,
    ]


def begun(project, count):
    """Wait until so many elements have begun."""
    until = time.monotonic() + 240
    while not (project / "marks").exists() or len((project / "marks").read_text().split()) < count:
        assert time.monotonic() < until, f"{count} elements were not begun"
        time.sleep(0.02)


def test_a_second_process_works_on_objects_too(project):
    running = subprocess.Popen(
        [*ASSAY, "run", "p.pipeline.yaml", "-p", "wait=600", "--cpu", "2"], cwd=project, stdout=subprocess.DEVNULL
    )
    helper = None
    try:
        begun(project, 2)  # all that the first one's slots hold
        helper = subprocess.Popen([*ASSAY, "work", "last"], cwd=project, stderr=subprocess.PIPE, text=True)
        begun(project, 3)  # one more than they hold
        (project / "marks.go").touch()
        said = helper.communicate(timeout=240)[1]
        assert helper.returncode == 0, said
        assert running.wait(240) == 0
    finally:
        running.kill()
        if helper is not None:
            helper.kill()
    assert marks(project) == ALL
    items = [step for step in last_state(project).steps.values() if step.key.item is not None]
    assert sorted(step.name for step in items) == ALL
    assert {step.status.value for step in items} == {"succeeded"}


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("s3://no-such-bucket-here/site", "there is no s3://no-such-bucket-here/site"),
        ("s3://{bucket}/nothing", "there is nothing below s3://"),
        ("s3://key:secret@host/site", "credentials are read from the environment"),
        ("ftp://host/site", "there are s3://, gs://, az://"),
        ("s3://", "names no bucket"),
    ],
)
def test_an_address_that_cannot_be_is_told_with_the_next_thing_to_do(project, bucket, address, said):
    (project / "p.pipeline.yaml").write_text(PIPELINE.format(address=address.format(bucket=bucket.name)))
    done = run(project)
    assert done.returncode == 1
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert "Debug source" not in done.stdout + done.stderr


def test_an_object_that_changed_after_it_was_listed_is_not_taken_for_the_old_one(bucket, tmp_path):
    bucket("one.txt", "before")
    ((_, origin),) = listed(f"s3://{bucket.name}", "*.txt")
    bucket("one.txt", "after!")
    with pytest.raises(ObjectError, match="was changed since it was listed"):
        fetch(origin, str(tmp_path / "one.txt"), lambda: False)
    assert list(tmp_path.iterdir()) == []


def test_an_object_that_is_gone_and_a_stop_leave_nothing_behind(bucket, tmp_path):
    bucket("one.txt", "text")
    ((_, origin),) = listed(f"s3://{bucket.name}", "*")
    with pytest.raises(Stopped):
        fetch(origin, str(tmp_path / "x"), lambda: True)
    gone = Origin(origin.url + "x", origin.size, origin.tag, origin.version)
    with pytest.raises(NotFound):
        fetch(gone, str(tmp_path / "x"), lambda: False)
    assert list(tmp_path.iterdir()) == []


def test_the_same_version_has_the_same_digest_and_another_has_another(bucket):
    bucket("one.txt", "text")
    ((_, first),) = listed(f"s3://{bucket.name}", "*")
    ((_, again),) = listed(f"s3://{bucket.name}", "*")
    bucket("one.txt", "other")
    ((_, third),) = listed(f"s3://{bucket.name}", "*")
    assert first.artifact() == again.artifact() != third.artifact()
    assert Origin.parse(first.text()) == first
