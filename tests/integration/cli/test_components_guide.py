"""docs/guides/components.md: every command is typed as it stands there."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
COMMANDS = re.findall(
    r"^    (\S.*)$", (ROOT / "docs" / "guides" / "components.md").read_text(encoding="utf-8"), re.MULTILINE
)
ASSAY = f"assay() {{ {shlex.quote(sys.executable)} -c 'from assay.cli import main; main()' \"$@\"; }}\n"


def needs_engine(command):
    return command.startswith("docker") or "--to image" in command


def typed(folder, commands):
    shutil.copy(ROOT / "examples" / "06_build" / "growth.ipynb", folder)
    for command in commands:
        done = subprocess.run(
            ["bash", "-euc", ASSAY + command],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            env={
                **os.environ,
                "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            },  # pip installed into it
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def test_without_a_container_engine(tmp_path):
    typed(tmp_path, [command for command in COMMANDS if not needs_engine(command)])
    assert len(COMMANDS) >= 12
    assert (tmp_path / "first" / "counts.csv").read_text() == (tmp_path / "second" / "counts.csv").read_text()
    assert "It's $5" in (tmp_path / "second" / "notebook.ipynb").read_text()
    assert len(list((tmp_path / "build" / "growth").iterdir())) == 6


@pytest.mark.container
def test_all_of_it(tmp_path):
    tmp_path.chmod(0o777)
    typed(tmp_path, COMMANDS)
    assert (tmp_path / "third" / "counts.csv").read_text() == (tmp_path / "first" / "counts.csv").read_text()
    subprocess.run(["docker", "rmi", "--force", "growth:1.0"], check=True, capture_output=True)
