"""What uv is told: the settings that pip has on this machine, unless uv has its own."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping

_FOREIGN = (
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "PYTHONPATH",
    "PYTHONHOME",
    "UV_PROJECT",
    "UV_PROJECT_ENVIRONMENT",
    "UV_PYTHON",
)
"""Variables that speak of another environment than the one to be made."""

_NAMES = {
    "find-links": ("UV_FIND_LINKS", ","),
    "index-url": ("UV_DEFAULT_INDEX", " "),
    "extra-index-url": ("UV_INDEX", " "),
    "cert": ("SSL_CERT_FILE", " "),
    "no-index": ("UV_NO_INDEX", " "),
}
"""Of a setting of pip: the variable of uv, and what separates values in it."""


def find_uv() -> str | None:
    """Return the path of uv, or ``None``: that of the package ``uv`` beside Assay, else the one on PATH."""
    try:
        from uv import find_uv_bin  # optional

        return os.fspath(find_uv_bin())
    except (ImportError, FileNotFoundError):
        return shutil.which("uv")


def uv_environment(given: Mapping[str, str], pip: Mapping[str, str]) -> dict[str, str]:
    """Return the environment to run uv in.

    Args:
        given: This process's environment: ``UV_OFFLINE``, ``UV_FIND_LINKS`` and all other settings of uv in it are kept.
        pip: Settings of pip by name.
    """
    environment = {name: value for name, value in given.items() if name not in _FOREIGN}
    for setting, (variable, separator) in _NAMES.items():
        if pip.get(setting) and variable not in environment:
            environment[variable] = separator.join(pip[setting].split())
    if "extra-index-url" in pip:  # pip takes the best version of all its indexes, uv that of the first that has any
        environment.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    return {**environment, "NO_COLOR": "1", "UV_NO_PROGRESS": "1", "UV_PYTHON_DOWNLOADS": "never"}


def pip_settings() -> dict[str, str]:
    """Return what pip is told by its files and by ``PIP_…`` variables; the latter win, as with pip itself."""
    settings = _of_files()
    for name in _NAMES:
        value = os.environ.get(f"PIP_{name.upper().replace('-', '_')}")
        if value:
            settings[name] = value
    return settings


def _of_files() -> dict[str, str]:
    """Ask pip for the settings in its files; empty when there is no pip in this environment."""
    command = [sys.executable, "-m", "pip", "config", "list", "--disable-pip-version-check"]
    told = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    settings = {}
    for scope in ("global.", "install."):  # the second is the narrower one
        for line in told.stdout.splitlines():
            name, equals, value = line.partition("=")
            if equals and name.startswith(scope):
                settings[name.removeprefix(scope)] = str(ast.literal_eval(value))
    return settings
