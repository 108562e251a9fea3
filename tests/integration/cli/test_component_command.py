"""``assay component`` with the real engine, real processes and real tests."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[3] / "docs" / "components.md"

SOURCE = '''"""Components that do as they are told."""

import os
import time
from pathlib import Path
from typing import Annotated, NamedTuple

from assay import ComponentError, Dataset, Images, Param, component, step


class Parts(NamedTuple):
    kept: Dataset
    copies: list[Dataset]
    share: float


@component("filter/work", version="1.0.0", licence="MIT")
def work(
    table: Dataset,
    more: list[Dataset],
    pictures: Images | None = None,
    *,
    seconds: float = 0.0,
    word: str = "a",
    how: str = "well",
    extra: Path | None = None,
    token: Annotated[str, Param(secret=True)] = "",
) -> Parts:
    """Work.

    Args:
        table: A table.
        more: Other tables.
        pictures: Or none.
        seconds: How long.
        word: What to say.
        how: Well, or not.
        extra: A file.
        token: Of the door.

    Returns:
        kept: The table.
        copies: The others.
        share: A number.
    """
    print("word", word, "token", token, "pictures", pictures is not None, "extra", extra and extra.read_text())
    for number in range(10):
        print("line", number, flush=True)
        time.sleep(seconds / 10)
    if how == "component":
        raise ComponentError("the table is empty", hint="fill it")
    if how == "raise":
        raise ValueError("no such luck")
    if how == "memory":
        print(len(b"x" * 10**9))
    step.log_metric("rows", 3)
    kept = step.output("kept", Dataset)
    kept.path.write_bytes(table.path.read_bytes())
    copies = [step.output("copies", Dataset, index=number) for number in range(len(more))]
    for copy, given in zip(copies, more, strict=True):
        copy.path.write_bytes(given.path.read_bytes())
    return Parts(kept, copies, share=0.5)
'''

GIVEN = ("-i", "table=t.csv", "-i", "more=t.csv", "-i", "more=u 'ü.csv")


@pytest.fixture
def work(project):
    (project.folder / "work.py").write_text(SOURCE)
    (project.folder / "t.csv").write_text("a\n1\n")
    (project.folder / "u 'ü.csv").write_text("b\n2\n")
    return project


def test_one_component_runs_and_its_outputs_are_copied_out(work):
    out, err = work("component", "run", "work.py:work", *GIVEN, "-p", "word=$x 'y'", "-p", "extra=t.csv")
    assert err == ""
    out = out.replace(str(work.folder), "HERE")
    lines = out.splitlines()
    assert "word $x 'y' token  pictures False extra a" in lines
    assert [line for line in lines if line.startswith("line")] == [f"line {number}" for number in range(10)]
    assert "✔ work succeeded in" in out
    assert re.search(r"work\.rows +3", out)
    folder = work.folder / "outputs-work"
    assert (folder / "kept.csv").read_text() == "a\n1\n"
    assert [path.read_text() for path in sorted((folder / "copies").iterdir())] == ["a\n1\n", "b\n2\n"]
    assert json.loads((folder / "share.json").read_text()) == 0.5
    (folder / "kept.csv").write_text("mine")  # a copy: not the object in the store


def test_again_it_runs_again_into_another_folder_and_with_cache_it_is_reused(work):
    work("component", "run", "work.py", *GIVEN, "--cache")
    second, _ = work("component", "run", "work.py", *GIVEN)
    assert "1 ran, 3 reused" in second
    third, _ = work("component", "run", "work.py", *GIVEN, "--cache")
    assert "4 reused" in third
    assert (work.folder / "outputs-work-3" / "kept.csv").is_file()


def test_json_is_pure_and_the_log_is_on_stderr(work):
    out, err = work("component", "run", "work.py", *GIVEN, "--json", "--out", "results")
    documents = [json.loads(line) for line in out.splitlines()]
    assert documents[0]["type"] == "run"
    assert documents[-2]["type"] == "summary"
    assert documents[-1] == {
        "type": "outputs",
        "folder": "results",
        "outputs": {"kept": "results/kept.csv", "copies": "results/copies", "share": "results/share.json"},
    }
    assert "line 9\n" in err


def test_a_secret_comes_by_name_and_is_redacted(work):
    work.environment["ASSAY_SECRET_DOOR"] = "open-sesame"
    out, _ = work("component", "run", "work.py", *GIVEN, "--secret", "token=DOOR")
    assert "open-sesame" not in out
    assert re.search(r"token \S*\*", out), out
    _, err = work("component", "run", "work.py", *GIVEN, "--secret", "token=GATE", status=2)
    assert "the secret 'GATE' has no value" in err


@pytest.mark.parametrize(("how", "said"), [("component", "hint: fill it"), ("raise", "ValueError: no such luck")])
def test_a_failure(work, how, said):
    out, _ = work("component", "run", "work.py", *GIVEN, "-p", f"how={how}", status=1)
    assert said in out
    assert not (work.folder / "outputs-work").exists()


def test_a_memory_limit(work):
    out, _ = work("component", "run", "work.py", *GIVEN, "-p", "how=memory", "--memory", "200Mi", status=1)
    assert "out-of-memory" in out


def test_the_log_is_live_and_ctrl_c_ends_it(work):
    process = work.start("component", "run", "work.py", *GIVEN, "-p", "seconds=3600")
    for line in process.stdout:
        if line == "line 0\n":  # the next one would come in six minutes
            break
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=240)
    assert process.returncode == 130
    assert "cancelled" in rest


def test_such_a_run_is_in_the_record_and_can_be_resumed(work):
    work("component", "run", "work.py", *GIVEN, "-p", "how=raise", status=1)
    (work.folder / "work.py").write_text(SOURCE.replace('raise ValueError("no such luck")', "pass"))
    out, _ = work("resume", "last")
    assert "✔ work succeeded" in out
    assert "reused" in work("show", "last")[0] or "succeeded" in work("show", "last")[0]


def test_a_component_of_the_catalog_runs_by_name(work):
    out, _ = work("component", "run", "input/ct-phantom", "-p", "patients=4", "-o", "scans")
    assert "succeeded" in out
    assert (work.folder / "scans" / "images" / "index.csv").is_file()


def test_the_tests_of_a_component(work):
    work("component", "new", "filter/some", "--dir", "steps")
    out, err = work("component", "test", "steps")
    assert err == ""
    assert out == (
        "filter/some\n"
        "  ✔ reads without being run\n"
        "  ✔ defaults suit their parameters\n"
        "  ✔ its order survives step.json\n"
        "  ✔ can be imported here, with the signature that was read\n"
        "✔ steps/test_some.py  1 passed\n"
    )
    (document,) = work.json("component", "test", "steps/some.py")
    assert (document["ok"], document["tests"]["counts"]) == (True, {"passed": 1})


def test_a_test_that_fails_and_a_contract_that_is_not_kept(work):
    work("component", "new", "filter/some", "--dir", "steps")
    test = work.folder / "steps" / "test_some.py"
    test.write_text(test.read_text() + "    assert result.path.suffix == '.parquet'\n")
    out, err = work("component", "test", "steps/some.py", status=1)
    assert "✘ steps/test_some.py  1 failed" in out
    assert "AssertionError" in err
    source = work.folder / "steps" / "some.py"
    source.write_text(source.read_text().replace("import shutil", "import shutil\n\nimport nowhere_to_be_found"))
    out, _ = work("component", "test", "steps/some.py", status=1)
    assert "  ✘ can be imported here, with the signature that was read\n" in out
    assert "✘ steps/some.py: 1 part of the contract not kept" in out


def test_tests_without_a_test_are_no_success(work):
    work("component", "new", "filter/some", "--dir", "steps")
    (work.folder / "steps" / "test_some.py").write_text("")
    out, _ = work("component", "test", "steps/some.py", status=1)
    assert "✘ steps/test_some.py  no test found" in out


def test_a_file_without_tests_is_held_to_the_contract(work):
    out, err = work("component", "test", "work.py")
    assert out.count("✔") == 4
    assert err == "work.py has no test of its own: write test_work.py beside it\n"


def test_without_pytest_it_is_one_sentence(work):
    work("component", "new", "filter/some", "--dir", "steps")
    hide = "import sys; sys.modules['pytest'] = None; from assay.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", hide, "component", "test", "steps/some.py"],
        cwd=work.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (
        3,
        "error [missing-dependency] pytest is not installed\n  hint: type: pip install pytest\n",
    )


def test_the_five_minutes_of_the_guide(tmp_path):
    """Every command of the section is typed as it stands there; what it makes is there in the end."""
    section = (
        GUIDE.read_text(encoding="utf-8").partition("## From nothing to a tested component")[2].partition("\n## ")[0]
    )
    commands = re.findall(r"^    (\S.*)$", section, re.MULTILINE)
    assert len(commands) >= 6
    shell = f"assay() {{ {shlex.quote(sys.executable)} -c 'from assay.cli import main; main()' \"$@\"; }}\n"
    for command in commands:
        done = subprocess.run(
            ["bash", "-euc", shell + command],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            env=dict(os.environ),
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    assert (tmp_path / "outputs-drop-empty" / "dataset.csv").is_file()
    assert (tmp_path / "pages" / "filter-drop-empty.md").is_file()
