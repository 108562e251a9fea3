"""The application as a whole: its table is true, its help is light, its statuses are documented."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

from assay.cli import app as module
from assay.cli.app import COMMANDS, EXIT_CODES, app
from assay.cli.reference import reference
from assay.errors import ExitCode

ROOT = Path(__file__).parents[3]


@pytest.fixture
def root():
    group = typer.main.get_command(app)
    with group.make_context("assay", [], resilient_parsing=True) as context:
        yield group, context


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_says_what_the_command_says_of_itself(root, name):
    group, context = root
    command = group.get_command(context, name)
    first = " ".join(command.help.split("\n\n")[0].split())
    assert first.startswith(COMMANDS[name].help)


def test_every_command_module_is_in_the_table():
    modules = {path.stem for path in (Path(module.__file__).parent / "commands").glob("*.py")} - {"__init__"}
    assert modules == set(COMMANDS)


def test_every_exit_status_is_documented():
    assert set(EXIT_CODES) == set(ExitCode)


def test_help_loads_no_command_and_nothing_heavy():
    code = (
        "import sys; from assay.cli.entry import invoke; invoke(['--help']);"
        "print([m for m in sys.modules if m.startswith('assay.cli.commands.') or m.split('.')[0] in"
        " ('rich', 'yaml', 'sqlite3', 'pydantic', 'asyncio', 'numpy')], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert "Exit status" in done.stdout


def test_a_command_loads_no_other_command():
    code = (
        "import sys; from assay.cli.entry import invoke; invoke(['version']);"
        "print([m for m in sys.modules if m.startswith('assay.cli.commands.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1] == "['assay.cli.commands.version']"


def test_the_reference_page_is_what_the_application_says():
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert page == reference(), "write it anew: python -m assay.cli.reference > docs/cli.md"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(assay, name):
    result = assay(name, "--help")
    assert result.status == 0
    assert result.out.startswith(f"Usage: assay {name}")


def test_no_word_shows_the_help(assay):
    result = assay()
    assert result.status == 2
    assert "Usage: assay" in result.out + result.err


@pytest.mark.parametrize("argv", [["version"], ["--version"]])
def test_version(assay, argv):
    assert assay(*argv).out.startswith("assay 0.")
