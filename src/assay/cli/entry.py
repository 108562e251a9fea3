"""From ``sys.argv`` to an exit status: every error becomes words, never a traceback for a user's mistake."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from assay.errors import AssayError, ExitCode, Fault, InvalidDocument

if TYPE_CHECKING:
    from assay.model.artifacts import Json

_USER_OS_ERRORS = (PermissionError, FileNotFoundError, FileExistsError, NotADirectoryError, IsADirectoryError)


def main() -> None:
    """Entry point of the ``assay`` script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a locale without '✓' is no reason to fail
    status = invoke(sys.argv[1:])
    _flush()
    sys.exit(status)


def invoke(argv: Sequence[str]) -> int:
    """Run one command line and return its exit status; errors are printed to stderr.

    With ``--json`` an error is also a document on stdout: ``{"error": {"code", "message", "culprit", "hint", "faults"}}``.
    """
    import typer  # 100 ms; here so that importing this module stays free
    import typer.main

    from assay.cli.app import app

    try:
        status = typer.main.get_command(app).main(list(argv), prog_name="assay", standalone_mode=False)
    except AssayError as error:
        return _report(error, argv)
    except typer.TyperException as error:
        return _report_usage(error)
    except typer.Abort:
        return int(ExitCode.INTERRUPTED)
    except _USER_OS_ERRORS as error:
        return _report(_os_error(error), argv)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except Exception as error:  # noqa: BLE001  (the last wall: whatever gets here is our fault)
        return _report_crash(error, argv)
    return status if isinstance(status, int) else int(ExitCode.OK)


def _report(error: AssayError, argv: Sequence[str]) -> int:
    from assay.cli.faults import error_text  # not needed when all goes well
    from assay.cli.terminal import complain, document

    complain(error_text(error))
    if "--json" in argv:
        document({"error": _error_json(error)}, indent=None if _writes_lines(argv) else 2)
    return int(error.exit_code)


def _writes_lines(argv: Sequence[str]) -> bool:
    """Whether the command writes one JSON document a line."""
    return list(argv[:1]) in (["run"], ["resume"]) or list(argv[:2]) == ["component", "run"]


def _error_json(error: AssayError) -> dict[str, Json]:
    from assay.views.shapes import fault_json

    faults = error.faults if isinstance(error, InvalidDocument) else ()
    whole = Fault(error.code, error.message, error.culprit, error.location, error.hint)
    return {**fault_json(whole), "faults": [fault_json(fault) for fault in faults]}


def _report_usage(error: Exception) -> int:
    """Print what is wrong with the command line itself, in the form of every other error."""
    from assay.cli.faults import fault_text
    from assay.cli.terminal import complain

    message = error.format_message()  # type: ignore[attr-defined]  # every TyperException has it
    context = getattr(error, "ctx", None)
    if message.startswith("Usage:"):
        complain(message)
        return int(ExitCode.BAD_INPUT)
    sentence, _, choices = message.rstrip(".").partition(" Did you mean ")
    hint = f"did you mean {choices}" if choices else _usage_hint(error)
    complain(fault_text(Fault("usage", sentence.rstrip("."), hint=hint)))
    if context is not None:
        complain(f"  {context.get_usage().strip()}\n  try '{context.command_path} --help'")
    return int(ExitCode.BAD_INPUT)


def _usage_hint(error: Exception) -> str:
    if getattr(error, "option_name", "") == "--force":
        return "--force STEP runs one step again, --force-all every step"
    return ""


def _os_error(error: OSError) -> AssayError:
    name = os.fsdecode(error.filename) if error.filename else ""
    return FileFault(f"{error.strerror or error}: {name}" if name else str(error), culprit=name)


class FileFault(AssayError):  # noqa: N818  (like its kin in errors.py)
    """A file or folder that a person named cannot be used."""

    code = "file"


def _report_crash(error: Exception, argv: Sequence[str]) -> int:
    from assay.cli.crash import save_report
    from assay.cli.terminal import complain

    summary = f"{type(error).__name__}: {error}".split("\n")[0]
    complain(
        f"error [internal] a fault of assay itself, not yours: {summary}\n"
        f"  the full traceback is in {save_report(error, argv)}\n"
        "  hint: please report it with that file; the run's record and artifacts are safe"
    )
    return int(ExitCode.INTERNAL)


def _flush() -> None:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        from assay.cli.terminal import mute_stdout

        mute_stdout()
