"""Run a Python, shell or R script as a step."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assay.runtime.failures import StepFailure, failure_of
from assay.runtime.variables import Values, cut_traceback

_PROGRAMS = {"shell": ("bash",), "r": ("Rscript", "--no-init-file")}  # not --vanilla: that hides the site's packages
_NAMES = {"bash": ("bash", "bash"), "Rscript": ("R", "r-base-core")}
"""What a program is called, and the package that has it."""


def run_script(folder: Path, order: Mapping[str, Any]) -> None:
    """Run the script that the order names, its variables set; raises ``StepFailure``."""
    values = Values(folder, order)
    values.apply()
    file = order["implementation"]["file"]
    language = order["implementation"]["language"]
    if language == "python":
        _run_python(file, values.arguments)
    else:
        _run_program([*_PROGRAMS[language], file, *values.arguments])
    values.remove_empty()


def _run_python(file: str, arguments: list[str]) -> None:
    """Run ``file`` as ``__main__``: its folder is first on the path."""
    import runpy  # 3 ms, and only Python scripts need it

    before = sys.argv, sys.path[:]
    sys.argv = [file, *arguments]
    sys.path.insert(0, os.path.dirname(file))
    try:
        runpy.run_path(file, run_name="__main__")
    except SystemExit as error:
        if error.code not in (None, 0):
            told = f"status {error.code}" if isinstance(error.code, int) else str(error.code)
            raise StepFailure("exit-status", f"the script ended with {told}") from error
    except BaseException as error:  # the wall around user code
        cut_traceback(error, [file])
        raise failure_of(error) from error
    finally:
        sys.argv, sys.path[:] = before


def _run_program(words: list[str]) -> None:
    """Run a script by its program; what it prints goes where this process prints."""
    import signal  # light, and only scripts in other languages need these
    import subprocess

    sys.stdout.flush()
    sys.stderr.flush()
    try:
        done = subprocess.run(words, check=False, stdin=subprocess.DEVNULL)
    except FileNotFoundError as error:
        raise _no_program(words[0]) from error
    if done.returncode < 0:
        name = signal.Signals(-done.returncode).name
        raise StepFailure("killed", f"the script was ended by {name}")
    if done.returncode:
        raise StepFailure("exit-status", f"the script ended with status {done.returncode}")


def require_program(language: str) -> None:
    """Raise ``StepFailure`` when what runs scripts in ``language`` is not on this machine."""
    import shutil  # only a packed component's self check asks before it runs

    words = _PROGRAMS.get(language, ())
    if words and shutil.which(words[0]) is None:
        raise _no_program(words[0])


def _no_program(program: str) -> StepFailure:
    name, package = _NAMES[program]
    hint = f"install it (Debian: apt-get install {package})"
    return StepFailure("import", f"there is no {name} on this machine", hint=hint)
