"""The ``assay`` application: a table of commands, each imported when it is typed.

To add a command: write ``commands/<name>.py`` with ``app = new_app()`` and its function, add one line to ``COMMANDS``, and write the
reference page anew with ``python -m assay.cli.reference``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup

import assay
from assay.errors import AssayError, ExitCode, did_you_mean


@dataclass(frozen=True, slots=True)
class Entry:
    """A command's line in ``assay --help``: known without importing the command."""

    section: str
    help: str


COMMANDS: dict[str, Entry] = {
    "init": Entry("Start", "Make a new project from a template."),
    "components": Entry("Start", "List, search and explain components."),
    "studio": Entry("Start", "Open the editor of a project in a browser."),
    "catalog": Entry("Start", "Use folders of others as components."),
    "component": Entry("Start", "Write, check, run, test and explain components."),
    "build": Entry("Start", "Build a component as a program, a package, an image, or a document for a cluster."),
    "doctor": Entry("Start", "Say what is installed, what is missing, and what to type."),
    "version": Entry("Start", "Print the version."),
    "check": Entry("Run", "Find every fault of pipeline files."),
    "run": Entry("Run", "Run a pipeline; finished steps of the same content are reused."),
    "cancel": Entry("Run", "Stop a run from any terminal."),
    "resume": Entry("Run", "Go on with a run that was interrupted, cancelled or failed."),
    "work": Entry("Run", "Help a run with its foreach steps, from as many terminals as you like."),
    "runs": Entry("Look", "List runs, newest first."),
    "show": Entry("Look", "Show a run, or one step of it."),
    "logs": Entry("Look", "Print what a step printed; -f follows it."),
    "why": Entry("Look", "Explain why a step ran, was reused or was skipped."),
    "compare": Entry("Look", "Compare two runs: parameters, metrics, artifacts, durations."),
    "diff": Entry("Look", "Say what two versions of a pipeline differ in."),
    "draw": Entry("Look", "Draw a pipeline as an SVG picture."),
    "artifacts": Entry("Look", "List the artifacts of a run, or copy one out."),
    "keys": Entry("Trust", "Make and hand out the keys that sign verdicts."),
    "policy": Entry("Trust", "List, show and check the rules that models are judged by."),
    "bundle": Entry("Trust", "Make, verify and exchange bundles of models that passed."),
    "serve": Entry(
        "Trust",
        "Verify a bundle, then answer requests about pictures: open inference protocol, explanations, a page to drop a scan on.",
    ),
    "deploy": Entry(
        "Trust", "Verify a bundle and serve it on KServe, at one site or many; without a site, write the documents."
    ),
    "sites": Entry("Trust", "Show what is deployed at each site: version, digest, verdict, drift."),
    "evidence": Entry("Trust", "Merge the evidence of several hospitals into one report."),
    "verdict": Entry("Trust", "Verify, explain and override signed verdicts."),
    "gc": Entry("House-keeping", "Remove old runs and the artifacts nobody needs any more."),
}

EXIT_CODES: dict[ExitCode, str] = {
    ExitCode.OK: "all went well",
    ExitCode.RUN_FAILED: "a run failed, or 'assay diff' found a difference",
    ExitCode.BAD_INPUT: "the command, a file or a parameter is wrong",
    ExitCode.MISSING_DEPENDENCY: "an optional package is not installed",
    ExitCode.STORE: "the store cannot be read or written",
    ExitCode.INTERNAL: "a fault of assay itself",
    ExitCode.INTERRUPTED: "interrupted by Ctrl+C, or the run was cancelled",
}

_CONTEXT = {"help_option_names": ["-h", "--help"]}


def new_app(**settings: Any) -> typer.Typer:
    """Return an empty application for one command; plain help, because rich help costs 100 ms."""
    return typer.Typer(
        rich_markup_mode=None,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings=_CONTEXT,
        **settings,
    )


class UnknownCommand(AssayError):  # noqa: N818  (like its kin in errors.py)
    """The first word is not a command."""

    code = "usage"


class LazyGroup(TyperGroup):
    """Commands by name; ``get_command`` imports the one that is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  (typer's signature)
        """Return the names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | TyperGroup | None:
        """Import ``assay.cli.commands.<name>`` and return its command."""
        if cmd_name not in COMMANDS:
            if ctx.resilient_parsing:
                return None
            hint = did_you_mean(cmd_name, COMMANDS) or "'assay --help' lists the commands"
            raise UnknownCommand(f"there is no command {cmd_name!r}", culprit=cmd_name, hint=hint)
        import importlib  # one command's module, not all of them

        module = importlib.import_module(f"assay.cli.commands.{cmd_name}")
        command: TyperCommand | TyperGroup = typer.main.get_command(module.app)  # type: ignore[assignment]
        command.name = cmd_name
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002  (as above)
        """Write the commands by section, from the table alone."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for name, entry in COMMANDS.items():
            sections.setdefault(entry.section, []).append((name, entry.help))
        widest = max(len(name) for name in COMMANDS)
        for section, rows in sections.items():
            with formatter.section(section):
                formatter.write_dl([(name.ljust(widest), text) for name, text in rows])

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002  (as above)
        """Write what the exit status means."""
        with formatter.section("Exit status"):
            formatter.write_dl([(f"{code:d}", text) for code, text in EXIT_CODES.items()])


app = typer.Typer(
    cls=LazyGroup,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings=_CONTEXT,
    no_args_is_help=True,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"assay {assay.__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """Machine learning that has to be trusted: pipelines of components, every result traceable to what made it."""
