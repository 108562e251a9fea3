"""A component with its code and Assay's runtime in one folder, which ``python FOLDER`` runs: what every target carries.

``component.json`` describes it, ``source/`` holds its files, ``assay/`` the part of Assay that a step's own process needs. It needs no
package but those that the component requires.
"""

from __future__ import annotations

import hashlib
import importlib.resources
import io
import json
import math
import zipfile
from collections.abc import Mapping
from pathlib import Path

from assay.authoring import component_files
from assay.errors import Fault, bounded
from assay.exporters.naming import shared_name, short_name
from assay.ids import ParamName
from assay.model.artifacts import Json
from assay.model.component import ComponentSpec, FunctionImplementation
from assay.model.interface import outputs_order, param_to_json, port_to_json
from assay.runtime.packed import DESCRIPTION, FORMAT, Packed

_SOURCE = "source"
_RUNTIME = (
    "errors.py",
    "faults.py",
    "ids.py",
    "__init__.py",
    "runtime/*.py",
    "model/*.py",
    "model/codec/*.py",
    "store/__init__.py",
)
_DIGESTING = ("faults", "hashing", "sources", "tree")
"""Modules of the store that ``step.digest`` needs."""

_MAIN = '''"""{title}

Run it: python {name} --help
"""

import atexit
import os
import shutil
import sys
import tempfile
import zipfile

home = os.path.dirname(os.path.abspath(__file__))
if os.path.isfile(home):  # one file: notebooks, scripts and the processes that a component starts want real files
    archive, home = home, tempfile.mkdtemp(prefix="assay-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(home)
    sys.path[0] = home
if sys.version_info < (3, 11):
    sys.exit("this program needs Python 3.11 or newer, this is " + sys.version.split()[0])

from assay.runtime.commandline import main  # noqa: E402

sys.exit(main(home))
'''


class Pack:
    """The files of a packed component.

    Attributes:
        files: Relative path to content.
        digest: sha256 of all of it; the same for the same component and the same Assay.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(sorted(files.items()))
        listing = "\n".join(f"{hashlib.sha256(content).hexdigest()} {path}" for path, content in self.files.items())
        self.digest = hashlib.sha256(listing.encode()).hexdigest()

    def zipped(self) -> bytes:
        """Return it as one program file for ``python3``; the same bytes each time."""
        buffer = io.BytesIO(b"#!/usr/bin/env python3\n")
        buffer.seek(0, io.SEEK_END)
        with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
            for path, content in self.files.items():
                entry = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                archive.writestr(entry, content)
        return buffer.getvalue()


def pack(spec: ComponentSpec, params: Mapping[ParamName, Json] | None = None) -> Pack:
    """Return a component with its code and the runtime.

    Args:
        params: Defaults in place of the component's own.

    Raises:
        NotFound: Its source is no longer there.
        InvalidDocument: Its source is no longer what was read.
    """
    files = _runtime()
    for path, place in component_files(spec):
        files[f"{'' if _importable(spec) else f'{_SOURCE}/'}{place}"] = path.read_bytes()
    facts = json.dumps(description(spec, params or {}), indent=1, ensure_ascii=True, allow_nan=False)
    files[DESCRIPTION] = facts.encode("ascii")
    title = (spec.title or short_name(spec.name)).replace("\\", "").replace('"', "'")
    files["__main__.py"] = _MAIN.format(title=title, name=f"{spec.name.rpartition('/')[2]}.pyz").encode()
    return Pack(files)


def description(spec: ComponentSpec, params: Mapping[ParamName, Json]) -> dict[str, Json]:
    """Return ``component.json``."""
    order = spec.implementation.order()
    if order.get("file"):
        order["file"] = "" if _importable(spec) else f"{_SOURCE}/{Path(spec.implementation.file).name}"
    described = [param_to_json(param) for param in spec.params.values()]
    for param in described:
        if param["name"] in params:
            param |= {"required": False, "default": params[ParamName(str(param["name"]))]}
    return {
        "format": FORMAT,
        "name": shared_name(spec.name),
        "version": spec.version,
        "title": spec.title,
        "description": spec.description,
        "licence": spec.licence,
        "authors": list[Json](spec.authors),
        "requirements": list[Json](spec.requirements),
        "code": spec.implementation.code,
        "implementation": order,
        "params": list[Json](described),
        "inputs": [port_to_json(port) for port in spec.inputs.values()],
        "outputs": [port_to_json(port) for port in spec.outputs.values()],
        "order": {"outputs": outputs_order(spec), "threads": max(1, math.ceil(spec.resources.cpu))},
    }


def check_pack(files: Mapping[str, bytes]) -> list[Fault]:
    """Return what stands against a pack: a description that the runtime does not read, or a module that is not Python."""
    faults: list[Fault] = []
    try:
        packed = Packed("", json.loads(files[DESCRIPTION]))
    except (KeyError, ValueError, TypeError) as error:
        return [Fault("bad-pack", f"{DESCRIPTION} cannot be read: {error!r}", DESCRIPTION)]
    file = packed.implementation()["file"]
    if file and file not in files:
        faults.append(Fault("bad-pack", f"{file} is not in the pack", file))
    for path, content in files.items():
        if path.endswith(".py"):
            try:
                compile(content, path, "exec", dont_inherit=True)
            except (SyntaxError, ValueError) as error:
                faults.append(Fault("bad-pack", f"{path} is not Python: {bounded(str(error), 200)}", path))
    return faults


def _importable(spec: ComponentSpec) -> bool:
    return isinstance(spec.implementation, FunctionImplementation) and bool(spec.implementation.module)


def _runtime() -> dict[str, bytes]:
    root = Path(str(importlib.resources.files("assay")))
    paths = [path for pattern in _RUNTIME for path in root.glob(pattern)]
    paths += [root / "store" / f"{name}.py" for name in _DIGESTING]
    return {f"assay/{path.relative_to(root).as_posix()}": path.read_bytes() for path in paths}
