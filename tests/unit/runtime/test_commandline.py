"""A packed component, run as a program: by a person's options and by the words of a platform."""

import json
import os
import signal
import subprocess
import sys

import exporter_workshop as workshop
import pytest

from assay.exporters.pack import pack


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("work")
    return workshop.unpacked(folder, workshop.read(folder, workshop.EVERYTHING))


@pytest.fixture
def run(home, tmp_path):
    """Run the component in an empty folder with two tables."""
    (tmp_path / "t.csv").write_text("a\n1\n")
    (tmp_path / "u 'ü.csv").write_text("b\n2\n")

    def call(*words, status=0, **variables):
        environment = {"PATH": os.environ["PATH"], **variables}
        done = workshop.ran(home, *words, cwd=tmp_path, env=environment)
        assert done.returncode == status, done.stdout + done.stderr
        return done

    return call


GIVEN = ("--table=t.csv", "--more=t.csv", "--more=u 'ü.csv")


def test_it_runs_by_options_and_keeps_its_outputs(run, tmp_path):
    done = run(*GIVEN, "--word=--strict $x 'y'", "--no-strict", "--least", "2", ASSAY_PARAM_TOKEN="sesame")
    assert "word --strict $x 'y' token 6 pictures False strict False\nrows = 3\n" in done.stdout
    assert done.stdout.endswith(
        "kept: outputs-work/kept.csv\ncopies: outputs-work/copies\npictures: outputs-work/pictures\nshare: outputs-work/share.json\n"
    )
    made = tmp_path / "outputs-work"
    assert (made / "kept.csv").read_text() == "a\n1\n"
    assert [path.read_text() for path in sorted((made / "copies").iterdir())] == ["a\n1\n", "b\n2\n"]
    assert (made / "share.json").read_text() == "0.5"
    assert sorted(entry.name for entry in made.iterdir()) == ["copies", "kept.csv", "pictures", "share.json"]
    run(*GIVEN)
    assert (tmp_path / "outputs-work-2" / "kept.csv").is_file()


def test_json_is_pure(run):
    done = run(*GIVEN, "--json", "--out", "made", "--extra")
    assert json.loads(done.stdout)["outputs"]["extra"] == "made/extra.csv"
    assert "word a" in done.stderr


def test_every_fault_of_what_is_given_is_told_at_once(run, tmp_path):
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "kept.csv").write_text("mine")
    done = run("--more=nowhere.csv", "--least=90", "--how=ill", "--out=made", status=2)
    assert [line.partition("]")[0] for line in done.stderr.splitlines()] == [
        "error [parameter-value",
        "error [parameter-value",
        "error [would-overwrite",
        "error [missing-input",
        "error [source",
    ]
    assert (tmp_path / "made" / "kept.csv").read_text() == "mine"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--tabel=t.csv",), "unrecognized arguments: --tabel=t.csv"),
        (("--step", "--what"), "'--what' is no word of --step"),
        (("--step", "--input", "table"), "'--input' is no word of --step, or its value is missing"),
        (("--step", "--input", "nothing", "t.csv"), "has no input port 'nothing'"),
        (("--step", "--output", "nothing", "t.csv"), "has no output port 'nothing'"),
        (("--step", "--params", "nowhere.json"), "cannot read nowhere.json"),
        (("--step", "--params", "t.csv"), "t.csv is not JSON"),
        (("--step", "--executor-input", "[]"), "--executor-input is no JSON object"),
        (("--table=.", *GIVEN[1:]), "is a folder"),
    ],
)
def test_what_is_wrong_is_told(run, words, said):
    assert said in run(*words, status=2).stderr


def test_a_failure_of_the_component_has_no_traceback_of_ours(run):
    done = run(*GIVEN, "--how=badly", status=1)
    assert done.stderr == "error [component] the table is empty (fill it)\n"


def test_a_secret_is_not_given_openly(run, tmp_path):
    (tmp_path / "p.json").write_text('{"token": "sesame"}')
    done = run("--params=p.json", *GIVEN, status=2)
    assert "parameter 'token' is a secret" in done.stderr
    assert "sesame" not in done.stderr


def test_a_platform_gives_folders_files_and_variables(run, tmp_path):
    (tmp_path / "in" / "more").mkdir(parents=True)
    (tmp_path / "in" / "table.csv").write_text("a\n7\n")
    (tmp_path / "in" / "more" / "0000.csv").write_text("b\n8\n")
    (tmp_path / "params").mkdir()
    (tmp_path / "params" / "how").write_text('"well"')
    (tmp_path / "params" / "word").write_text("not JSON")
    words = ["--step", "--inputs", "in", "--params-dir", "params", "--outputs", "out", "--output", "kept", "there/kept"]
    done = run(*words, ASSAY_PARAMS='{"strict": false, "word": "before"}')
    assert "word not JSON token 0 pictures False strict False" in done.stdout
    assert (tmp_path / "there" / "kept").read_text() == "a\n7\n"
    assert (tmp_path / "out" / "copies" / "0000.csv").read_text() == "b\n8\n"
    run(*words)  # an attempt that is made again takes the place of the first


def test_two_sources_for_one_port_are_refused(run, tmp_path):
    (tmp_path / "in").mkdir()
    for ending in ("csv", "txt"):
        (tmp_path / "in" / f"table.{ending}").write_text("a\n")
    done = run("--step", "--inputs", "in", "--outputs", "out", status=2)
    assert "input port 'table' is table.csv and table.txt" in done.stderr


def test_kubeflow_gives_its_executor_input_and_paths(run, tmp_path):
    values = {"word_": "{{$}} 'a'\n", "least": 1, "strict": False}
    told = json.dumps({"inputs": {"parameterValues": values}, "outputs": {}})
    words = ["--step", "--input-called", "word_", "word", "--input-called", "tab", "table", "--executor-input", told]
    words += ["--input", "tab", "t.csv", "--input", "more", "in", "--input", "pictures", "not-there"]
    (tmp_path / "in").mkdir()
    done = run(*words, "--output", "share", "made/share/data", "--output", "copies", "made/copies", "--outputs", "rest")
    assert "word {{$}} 'a'\n token 0 pictures False strict False" in done.stdout
    assert (tmp_path / "made" / "share" / "data").read_text() == "0.5"
    assert list((tmp_path / "made" / "copies").iterdir()) == []


def test_the_image_s_entry_point_steps_aside_for_a_command(run):
    assert run("python3", "-c", "print('aside')").stdout == "aside\n"


def test_check_and_describe_run_nothing(run, home, tmp_path):
    assert run("--check").stdout == "filter/work can run here\n"
    assert json.loads(run("--describe").stdout)["name"] == "filter/work"
    (tmp_path / "other").mkdir()
    source = workshop.EVERYTHING.replace("from pathlib", "import no_such_package_x\nfrom pathlib")
    other = workshop.unpacked(tmp_path / "other", workshop.read(tmp_path / "other", source))
    done = workshop.ran(other, "--check")
    assert done.returncode == 2
    assert "No module named 'no_such_package_x'" in done.stderr
    assert "pip install no_such_package_x" in done.stderr


def test_help_tells_ports_parameters_and_secrets(run):
    text = run("--help").stdout
    for said in (
        "--table PATH",
        "A table. (Dataset)",
        "100 % of it.",
        "well, badly",
        "ASSAY_PARAM_TOKEN  Of the door.",
    ):
        assert said in text
    assert "--token" not in text


def test_options_of_the_component_come_before_ours(tmp_path):
    source = workshop.ECHO.replace("maybe: str", "out: str = 'x', json: int = 3, no_flag: int = 4, maybe: str")
    source = source.replace('"maybe": maybe', '"maybe": maybe, "out": out, "json": json, "no_flag": no_flag')
    home = workshop.unpacked(tmp_path, workshop.read(tmp_path, source))
    (tmp_path / "p.json").write_text('{"text": "", "number": 1, "share": 1, "items": [], "table": {}, "words": []}')
    words = ["--params=p.json", "--flag", "--out=o", "--json=5", "--no-flag=6", "--assay-out=made", "--assay-json"]
    done = workshop.ran(home, *words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    made = json.loads((tmp_path / json.loads(done.stdout)["outputs"]["value"]).read_text())
    assert (made["out"], made["json"], made["no_flag"], made["flag"]) == ("o", 5, 6, True)


def test_a_request_to_end_ends_it_also_as_the_first_process_of_a_container(home, tmp_path):
    source = workshop.EVERYTHING.replace(
        '    print("word"', '    import time; print("began", flush=True); time.sleep(600)\n    print("word"'
    )
    slow = workshop.unpacked(tmp_path, workshop.read(tmp_path, source))
    (tmp_path / "t.csv").write_text("a\n")
    words = [sys.executable, "-I", str(slow), "--table=t.csv", "--more=t.csv"]
    process = subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "began\n"
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=240)
    assert process.returncode == 1
    assert "status 143" in err
    assert list((tmp_path / "outputs-work").iterdir()) == []


def test_one_file_leaves_nothing_behind(tmp_path):
    spec = workshop.read(tmp_path, workshop.EVERYTHING)
    program = tmp_path / "work.pyz"
    program.write_bytes(pack(spec).zipped())
    (tmp_path / "tmp").mkdir()
    (tmp_path / "t.csv").write_text("a\n")
    done = workshop.ran(program, "--table=t.csv", "--more=t.csv", cwd=tmp_path, env={"TMPDIR": str(tmp_path / "tmp")})
    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_pack_of_a_newer_assay_is_refused(tmp_path):
    home = workshop.unpacked(tmp_path, workshop.read(tmp_path, workshop.ECHO))
    (home / "component.json").write_text('{"format": 99}')
    done = workshop.ran(home)
    assert done.returncode == 2
    assert "component.json has format 99, this runtime reads 1" in done.stderr
