"""How a step fails: code, sentence, hint, and the user's own frames."""

from __future__ import annotations

import pytest

from assay.runtime.failures import StepFailure, install_hint


def fail(run, body: str, head: str = "", outputs: dict[str, str] | None = None) -> StepFailure:
    source = f"import sys\nfrom assay import ComponentError, step\n{head}\ndef helper():\n    {body}\n\ndef main():\n    helper()\n"
    with pytest.raises(StepFailure) as caught:
        run(source, outputs or {})
    return caught.value


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ("raise ValueError('no scans')", "raised", "ValueError: no scans"),
        ("raise ValueError", "raised", "ValueError"),
        ("1 / 0", "raised", "ZeroDivisionError: division by zero"),
        ("raise ComponentError('no scans', hint='look')", "component", "no scans"),
        ("sys.exit(3)", "exit-status", "the component ended its process: status 3"),
        ("sys.exit('no licence')", "exit-status", "the component ended its process: no licence"),
        ("raise KeyboardInterrupt", "killed", "interrupted"),
        ("raise MemoryError('300 GiB')", "out-of-memory", "needed more memory than there is: MemoryError: 300 GiB"),
        ("raise RuntimeError(\"DefaultCPUAllocator: can't allocate memory\")", "out-of-memory", "needed more memory than there is: RuntimeError: DefaultCPUAllocator: can't allocate memory"),
        ("import nowhere_to_be_found", "import", "ModuleNotFoundError: No module named 'nowhere_to_be_found'"),
        ("from sys import nothing_at_all", "raised", "ImportError: cannot import name 'nothing_at_all' from 'sys' (unknown location)"),
        ("class Stop(BaseException): ...\n    raise Stop('now')", "raised", "steps_py.helper.<locals>.Stop: now"),
    ],
)  # fmt: skip
def test_each_kind_of_end_has_its_code(run, body, code, message):
    failure = fail(run, body)
    assert failure.code == code
    assert failure.message.endswith(message)


def test_a_component_error_has_a_hint_and_no_traceback(run):
    failure = fail(run, "raise ComponentError('no scans', culprit='x', hint='look there')")
    assert (failure.traceback, failure.hint) == ("", "look there")


def test_the_traceback_has_the_users_frames_only(run, step_folder):
    failure = fail(run, "raise ValueError('no scans')")
    file = step_folder.root / "steps.py"
    assert failure.traceback == (
        "Traceback (most recent call last):\n"
        f'  File "{file}", line 8, in main\n'
        "    helper()\n"
        f'  File "{file}", line 5, in helper\n'
        "    raise ValueError('no scans')\n"
        "ValueError: no scans\n"
    )


def test_our_frames_are_cut_off_at_the_deep_end_too(run):
    failure = fail(run, "step.log_metric('x', 'not a number')")
    assert "runtime/step.py" not in failure.traceback
    assert failure.traceback.count("  File ") == 2


def test_causes_are_told(run):
    failure = fail(
        run, "try:\n        1 / 0\n    except ZeroDivisionError as e:\n        raise ValueError('bad') from e"
    )
    assert "ZeroDivisionError: division by zero" in failure.traceback
    assert "direct cause" in failure.traceback
    assert "runtime/execute.py" not in failure.traceback


def test_a_missing_package_is_one_line_to_type(run):
    failure = fail(run, "pass", head="import nowhere_to_be_found.inside")
    assert failure.code == "import"
    assert failure.message.startswith("cannot import ")
    assert failure.message.endswith("steps.py: ModuleNotFoundError: No module named 'nowhere_to_be_found'")
    assert failure.hint == "pip install nowhere_to_be_found"
    assert "frozen importlib" not in failure.traceback


@pytest.mark.parametrize(
    ("module", "hint"),
    [
        ("torch", "pip install 'assay-ml[train]'"),
        ("onnxruntime", "pip install 'assay-ml[predict]'"),
        ("PIL.Image", "pip install 'assay-ml[data]'"),
        ("sksurv.metrics", "pip install sksurv"),
    ],
)
def test_the_hint_names_our_extra_where_one_has_the_package(module, hint):
    assert install_hint(module) == hint


def test_a_missing_dependency_of_our_own_code_keeps_its_hint(run):
    head = "from assay.errors import MissingDependency"
    failure = fail(run, "raise MissingDependency('torch is missing', hint='pip install it')", head=head)
    assert (failure.code, failure.message, failure.hint) == ("import", "torch is missing", "pip install it")


def test_a_file_that_is_not_python_shows_the_line(run):
    failure = fail(run, "pass", head="def broken(:")
    assert failure.code == "raised"
    assert failure.message == "SyntaxError: invalid syntax"
    assert "def broken(:" in failure.traceback


def test_a_module_that_exits_is_not_a_success(run):
    failure = fail(run, "pass", head="sys.exit(0)")
    assert failure.code == "exit-status"
    assert failure.message.endswith("steps.py ended the process while it was imported (status 0)")


def test_a_function_that_is_gone_is_told(step_folder):
    with pytest.raises(StepFailure, match="has no function 'main'") as caught:
        step_folder.run("x = 1")
    assert caught.value.hint == "the file was changed since the pipeline was checked"


def test_endless_text_is_cut(run):
    failure = fail(run, "raise ValueError('x' * 1_000_000)")
    assert len(failure.message) < 2_200
    assert len(failure.traceback) < 21_000


def test_a_message_that_cannot_be_made_is_no_second_failure(run):
    head = "class Odd(Exception):\n    def __str__(self): raise RuntimeError"
    assert "str() failed" in fail(run, "raise Odd", head=head).message


def test_a_full_disk_is_a_failure_of_the_store(run, step_folder, monkeypatch):
    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", full)
    with pytest.raises(StepFailure, match="No space left on device") as caught:
        run("def main():\n    open('x', 'w').close()\n    return 'x'", {"file": "File"})
    assert caught.value.code == "store"
