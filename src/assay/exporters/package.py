"""``--to python``: a plain package with one typed function, for code that knows nothing of Assay."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from assay.errors import Fault
from assay.exporters.exporter import Document, Documents, Request
from assay.exporters.naming import legal_names, python_name, short_name
from assay.exporters.pack import check_pack, pack
from assay.model.artifacts import ArtifactType
from assay.model.component import ComponentSpec, ParamSpec, ParamType

_FOLDER = "_component"
_TYPES = {
    ParamType.INT: "int",
    ParamType.FLOAT: "float",
    ParamType.STR: "str",
    ParamType.BOOL: "bool",
    ParamType.LIST: "list[Any]",
    ParamType.MAP: "dict[str, Any]",
    ParamType.PATH: "str | os.PathLike[str]",
}
_TAKEN = ("out", "run")
_HEAD = '''"""{title}

{description}Written by `assay build`: change the component and build it again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["Outputs", "run"]

_HERE = Path(__file__).parent / "{folder}"

'''
_TAIL = '''

def _plain(value: Any) -> Any:
    """Return a value as JSON can hold it: paths become texts."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return os.fspath(value) if isinstance(value, os.PathLike) else value


def _run(params: dict[str, Any], inputs: dict[str, Any], out: Any) -> dict[str, str]:
    """Run the component in a process of its own and return where its outputs are; its log goes to stderr."""
    words = ["--assay-json", f"--assay-out={os.fspath(out)}"]
    for port, given in inputs.items():
        paths = given if isinstance(given, (list, tuple)) else [given]
        words += [f"--{port}={os.fspath(path)}" for path in paths if path is not None]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "params.json")
        file.write_text(json.dumps(_plain(params)), encoding="ascii")
        command = [sys.executable, str(_HERE), f"--assay-params={file}", *words]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        raise RuntimeError(f"{_HERE.parent.name} ended with status {done.returncode}; its log says why")
    found: dict[str, str] = json.loads(done.stdout)["outputs"]
    return found
'''


class PackageExporter:
    """A package whose ``run`` has the component's signature and runs it in a process of its own."""

    help = "an importable Python package with one typed function, run(...)"
    next = "PYTHONPATH={folder} python3"
    containers = False

    def documents(self, request: Request, faults: list[Fault]) -> Documents:
        """Return the package."""
        spec = request.spec
        named = [("input port", str(name)) for name in spec.inputs]
        named += [("parameter", str(param.name)) for param in request.open_params]
        names = legal_names(named, python_name, "the function's arguments", faults, _TAKEN)
        fields = legal_names([("output port", str(name)) for name in spec.outputs], _field, "its result", faults)
        name = python_name(short_name(spec.name))
        source = module_source(request, names, fields)
        packed = pack(spec, request.params)
        return {
            f"{name}/__init__.py": Document(source.encode(errors="backslashreplace")),
            f"{name}/py.typed": Document(b""),
            **{f"{name}/{_FOLDER}/{path}": Document(content) for path, content in packed.files.items()},
        }

    def check(self, documents: Documents) -> Sequence[Fault]:
        """Hold the module and the pack against their rules."""
        faults: list[Fault] = []
        packed: dict[str, bytes] = {}
        for path, document in documents.items():
            _, _, inside = path.partition("/")
            if inside.startswith(f"{_FOLDER}/"):
                packed[inside.removeprefix(f"{_FOLDER}/")] = document.content
            elif inside == "__init__.py":
                try:
                    ast.parse(document.content)
                except (SyntaxError, ValueError) as error:
                    faults.append(Fault("bad-package", f"{path} is not Python: {error}", path))
        return [*faults, *check_pack(packed)]


def module_source(request: Request, names: dict[str, str], fields: dict[str, str]) -> str:
    """Return the source of the package's one module."""
    spec = request.spec
    description = f"{_comment(spec.description)}\n\n" if spec.description else ""
    head = _HEAD.format(title=_comment(spec.title or spec.name), description=description, folder=_FOLDER)
    params = request.open_params
    given = ", ".join(f"{str(param.name)!r}: {names[param.name]}" for param in params)
    inputs = ", ".join(f"{str(port)!r}: {names[port]}" for port in spec.inputs)
    body = [
        *_outputs_class(spec, fields),
        "",
        "",
        "def run(",
        *_arguments(request, names),
        ") -> Outputs:",
        *_docstring(spec, names, fields),
        f"    found = _run({{{given}}}, {{{inputs}}}, tempfile.mkdtemp(prefix='assay-') if out is None else out)",
        f"    return Outputs({', '.join(_result(spec, port) for port in spec.outputs)})",
    ]
    return head + "\n".join(body) + "\n" + _TAIL


def _outputs_class(spec: ComponentSpec, fields: dict[str, str]) -> list[str]:
    lines = ["", "class Outputs(NamedTuple):", '    """What the component gives back: paths, and plain values."""', ""]
    for name, port in spec.outputs.items():
        lines.append(f"    {fields[name]}: {'Any' if port.type.artifact is ArtifactType.VALUE else 'Path | None'}")
    return lines


def _arguments(request: Request, names: dict[str, str]) -> list[str]:
    ports = sorted(request.spec.inputs.values(), key=lambda port: port.optional)
    path = "str | os.PathLike[str]"
    lines = [
        f"    {names[port.name]}: {f'list[{path}]' if port.type.many else path}{' | None = None' if port.optional else ''},"
        for port in ports
    ]
    lines.append("    *,")
    lines += [f"    {names[param.name]}: {_typed(param)}{_default(request, param)}," for param in request.open_params]
    lines.append("    out: str | os.PathLike[str] | None = None,")
    return lines


def _typed(param: ParamSpec) -> str:
    return f"{_TYPES[param.type]}{' | None' if param.nullable or param.default is None else ''}"


def _default(request: Request, param: ParamSpec) -> str:
    return f" = {request.value(param)!r}" if request.has_value(param) else ""


def _docstring(spec: ComponentSpec, names: dict[str, str], fields: dict[str, str]) -> list[str]:
    lines = [f'    """{_comment(spec.title or spec.name)}', "", "    Args:"]
    lines += [f"        {names[port.name]}: {_comment(port.help) or port.type}" for port in spec.inputs.values()]
    lines += [
        f"        {names[param.name]}: {_comment(param.help) or param.type}"
        for param in spec.params.values()
        if not param.secret
    ]
    lines.append("        out: Folder for the outputs; default: a new temporary one, left for the caller.")
    lines += ["", "    Returns:"]
    lines += [f"        {fields[port.name]}: {_comment(port.help) or port.type}" for port in spec.outputs.values()]
    return [*lines, '    """']


def _result(spec: ComponentSpec, port: str) -> str:
    value = any(name == port and found.type.artifact is ArtifactType.VALUE for name, found in spec.outputs.items())
    place = f"found[{str(port)!r}]"
    made = f"json.loads(Path({place}).read_text(encoding='utf-8'))" if value else f"Path({place})"
    return f"{made} if {str(port)!r} in found else None"


def _field(name: str) -> str:
    """Return a field of a named tuple: it may not begin with an underscore."""
    return python_name(name).lstrip("_") or "value"


def _comment(text: str) -> str:
    """Return a text that may stand in a docstring."""
    return " ".join(text.replace("\\", "/").replace('"', "'").split())


EXPORTER = PackageExporter()
