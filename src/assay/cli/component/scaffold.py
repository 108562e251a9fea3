"""A new component as text: a function that runs as it is, and a test that passes as it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assay.cli.component.asked import Asked, Result
from assay.errors import WouldOverwrite
from assay.model.artifacts import FACTS, ArtifactType, misfit
from assay.model.component import MISSING, ParamSpec, ParamType

_SUFFIX = {
    ArtifactType.DATASET: ".csv",
    ArtifactType.PREDICTIONS: ".csv",
    ArtifactType.METRICS: ".json",
    ArtifactType.EVIDENCE: ".json",
    ArtifactType.VERDICT: ".json",
    ArtifactType.FIGURE: ".svg",
    ArtifactType.REPORT: ".html",
    ArtifactType.FILE: ".txt",
}
_CONTENT = {
    ".csv": '"name,value\\n"',
    ".json": "'{\"format\": 1}\\n'",
    ".svg": "\"<svg xmlns='http://www.w3.org/2000/svg'/>\\n\"",
    ".html": '"<!doctype html><title>Empty</title>\\n"',
    ".txt": '"hello\\n"',
}
_LONGEST_LINE = 88
"""What the formatters' own default is."""

_VALUE = {"int": "0", "float": "0.0", "str": '"text"', "bool": "False"}
_EXAMPLE = {
    ParamType.INT: "1",
    ParamType.FLOAT: "0.5",
    ParamType.STR: '"text"',
    ParamType.BOOL: "True",
    ParamType.LIST: "()",
    ParamType.PATH: "tmp_path",
}
_TYPES = {
    ParamType.LIST: "Sequence",
    ParamType.PATH: "Path",
}


@dataclass(frozen=True, slots=True)
class NewFiles:
    """The two files of a new component."""

    component: Path
    test: Path


def write_component(asked: Asked, folder: Path, licence: str) -> NewFiles:
    """Write a component and its test into ``folder``.

    Raises:
        WouldOverwrite: When one of the files is there already; then nothing is written.
    """
    files = NewFiles(folder / f"{asked.function}.py", folder / f"test_{asked.function}.py")
    for path in (files.component, files.test):
        if path.exists() or path.is_symlink():
            hint = "nothing was written; choose another name, or --dir DIR"
            raise WouldOverwrite(f"{path} is there already", culprit=str(path), hint=hint)
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in ((files.component, component_text(asked, licence)), (files.test, test_text(asked))):
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    return files


def component_text(asked: Asked, licence: str) -> str:
    """Return the source of the component."""
    title = asked.function.replace("_", " ").capitalize()
    return "\n".join(
        [
            f'"""{title}: what this file is for, in one sentence."""',
            "",
            *_imports(asked),
            *_results_class(asked),
            "",
            "",
            "# What a step needs to know stands in the signature and the docstring:",
            "#   * before the `*`: input ports, each of an artifact class (Dataset, Images, …),",
            "#   * after the `*`: parameters; Annotated[float, Param(min=0.0, unit=…)] limits one,",
            "#   * the return type: the output ports; the docstring: the help of all of them.",
            "#   * requires= below: what it imports from outside the standard library.",
            "@component(",
            f'    "{asked.name}",',
            '    version="0.1.0",',
            f"    licence={json.dumps(licence)},",
            *(["    cache=False,"] if not asked.outputs else []),
            ")",
            *_signature(asked),
            f'    """{title}.',
            *_help(asked),
            '    """',
            *_body(asked),
            "",
        ]
    )


def test_text(asked: Asked) -> str:
    """Return the source of the test."""
    function = asked.function
    classes = {str(port.type.artifact) for port in asked.inputs}
    imports = [f"from {function} import {function}"]
    if classes:
        imports.append(f"from assay import {', '.join(sorted(classes))}")
    path = ["from pathlib import Path", ""] if _needs_folder(asked) else []
    lines = [
        f'"""A component is a function: the test calls it. Run by: assay component test {function}.py"""',
        "",
        *path,
        *sorted(imports),
        "",
        "",
        f"def test_{function}({'tmp_path: Path' if _needs_folder(asked) else ''}) -> None:",
        *_given(asked),
        *_call(asked),
        *_expected(asked),
        "",
    ]
    return "\n".join(lines)


def _imports(asked: Asked) -> Iterator[str]:
    lists = any(param.type is ParamType.LIST for param in asked.params)
    standard = ["from collections.abc import Sequence"] if lists else []
    if any(_source(asked, result) for result in asked.outputs):
        standard.insert(0, "import shutil")
    if any(param.type is ParamType.PATH for param in asked.params):
        standard.append("from pathlib import Path")
    if _is_tuple(asked):
        standard.append("from typing import NamedTuple")
    if standard:
        yield from standard
        yield ""
    artifacts = {str(port.type.artifact) for port in (*asked.inputs, *(r.port for r in asked.outputs))} - {"Value"}
    functions = ["component", *(["step"] if any(not r.value for r in asked.outputs) else [])]
    names = [*sorted(artifacts), *functions]
    line = f"from assay import {', '.join(names)}"
    if len(line) <= _LONGEST_LINE:
        yield line
    else:
        yield from ["from assay import (", *(f"    {name}," for name in names), ")"]


def _results_class(asked: Asked) -> Iterator[str]:
    if _is_tuple(asked):
        yield from [
            "",
            "",
            f"class {_class_name(asked)}(NamedTuple):",
            f'    """Outputs of ``{asked.function}``."""',
            "",
        ]
        for result in asked.outputs:
            yield f"    {result.port.name}: {_annotation(result)}"


def _class_name(asked: Asked) -> str:
    return "".join(word.capitalize() for word in asked.function.split("_")) + "Outputs"


def _annotation(result: Result) -> str:
    return result.value or str(result.port.type)


def _signature(asked: Asked) -> Iterator[str]:
    returned = _returned(asked)
    if not asked.inputs and not asked.params:
        yield f"def {asked.function}() -> {returned}:"
        return
    yield f"def {asked.function}("
    for port in asked.inputs:
        yield f"    {port.name}: {port.type},"
    if asked.params:
        yield "    *,"
    for param in asked.params:
        default = "" if param.default is MISSING else f" = {_literal(param)}"
        yield f"    {param.name}: {_type(param)}{default},"
    yield f") -> {returned}:"


def _returned(asked: Asked) -> str:
    if _is_tuple(asked):
        return _class_name(asked)
    return _annotation(asked.outputs[0]) if asked.outputs else "None"


def _is_tuple(asked: Asked) -> bool:
    """Whether the outputs need a class to name them: a single one is named after its type."""
    match asked.outputs:
        case ():
            return False
        case (only,):
            usual = "value" if only.value else str(only.port.type.artifact).lower()
            return only.port.type.many or only.port.name != usual
        case _:
            return True


def _type(param: ParamSpec) -> str:
    if param.type is ParamType.LIST:
        return f"Sequence[{_TYPES.get(param.items, param.items) if param.items else 'object'}]"
    return _TYPES.get(param.type, str(param.type))


def _literal(param: ParamSpec) -> str:
    value = param.default
    if param.type is ParamType.PATH:
        return f"Path({_quoted(str(value))})"
    if isinstance(value, list):
        inside = ", ".join(_quoted(item) if isinstance(item, str) else repr(item) for item in value)
        return f"({inside}{',' if len(value) == 1 else ''})"
    return _quoted(value) if isinstance(value, str) else repr(value)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _help(asked: Asked) -> Iterator[str]:
    yield ""
    yield "    Say here what it does, in a sentence or two."
    if asked.inputs or asked.params:
        yield ""
        yield "    Args:"
        for port in asked.inputs:
            many = "Several, each: " if port.type.many else ""
            yield f"        {port.name}: {many}{FACTS[port.type.artifact].help}"
        for param in asked.params:
            yield f"        {param.name}: What {param.name} means, and its unit."
    if asked.outputs:
        yield ""
        yield "    Returns:"
        for result in asked.outputs:
            yield f"        {result.port.name}: {_meaning(result)}"


def _meaning(result: Result) -> str:
    return "What this value means." if result.value else FACTS[result.port.type.artifact].help


def _body(asked: Asked) -> Iterator[str]:
    for param in asked.params:
        yield f'    print(f"{param.name}: {{{param.name}!r}}")  # print() is the log'
    used: set[str] = set()
    for result in asked.outputs:
        if not result.value:
            source = _source(asked, result)
            used |= {source} if source else set()
            yield from _written(result, source)
    for port in asked.inputs:
        if port.name not in used:
            yield f'    print(f"{port.name}: {{{port.name}!r}}")'
    yield from _return(asked)


def _return(asked: Asked) -> Iterator[str]:
    values = [(r.port.name, _VALUE[r.value] if r.value else str(r.port.name)) for r in asked.outputs]
    if not values:
        yield '    print("done")'
    elif _is_tuple(asked):
        yield f"    return {_class_name(asked)}("
        yield from (f"        {name}={value}," for name, value in values)
        yield "    )"
    else:
        yield f"    return {values[0][1]}"


def _written(result: Result, source: str) -> Iterator[str]:
    port = result.port
    kind = port.type.artifact
    folder = FACTS[kind].folder
    suffix = "" if folder else f', suffix="{_SUFFIX[kind]}"'
    index = ", index=0" if port.type.many else ""
    name = f"{port.name}_0" if port.type.many else port.name
    yield f'    {name} = step.output("{port.name}", {kind}{suffix}{index})'
    if source and folder:
        yield from _statement(
            "shutil.copytree",
            f"{source}.path, {name}.path, dirs_exist_ok=True, copy_function=shutil.copyfile",
        )
    elif source:
        yield f"    shutil.copyfile({source}.path, {name}.path)"
    elif folder:
        yield f'    ({name} / "hello.txt").write_text("hello\\n", encoding="utf-8")'
    else:
        yield from _write_text(name, kind)
    if port.type.many:
        yield f"    {port.name} = [{name}]"


def _write_text(name: str, kind: ArtifactType) -> Iterator[str]:
    return _statement(f"{name}.path.write_text", f'{_CONTENT[_SUFFIX[kind]]}, encoding="utf-8"')


def _statement(function: str, given: str) -> Iterator[str]:
    """Yield a call as the formatter writes it."""
    line = f"    {function}({given})"
    if len(line) <= _LONGEST_LINE:
        yield line
    else:
        yield from [f"    {function}(", f"        {given}", "    )"]


def _source(asked: Asked, result: Result) -> str:
    """Return the input that an output can be a copy of."""
    if result.value or result.port.type.many:
        return ""
    fitting = (p for p in asked.inputs if not p.type.many and misfit(p.type, result.port.type) is None)
    return next((port.name for port in fitting), "")


def _needs_folder(asked: Asked) -> bool:
    return bool(asked.inputs) or any(p.type is ParamType.PATH and p.default is MISSING for p in asked.params)


def _given(asked: Asked) -> Iterator[str]:
    for port in asked.inputs:
        kind = port.type.artifact
        if FACTS[kind].folder:
            yield f'    {port.name} = {kind}(tmp_path / "{port.name}")'
            yield f"    {port.name}.path.mkdir()"
            yield f'    ({port.name} / "hello.txt").write_text("hello\\n", encoding="utf-8")'
        else:
            yield f'    {port.name} = {kind}(tmp_path / "{port.name}{_SUFFIX[kind]}")'
            yield from _write_text(port.name, kind)


def _call(asked: Asked) -> Iterator[str]:
    given = [f"[{p.name}]" if p.type.many else str(p.name) for p in asked.inputs]
    given += [f"{p.name}={_example(p)}" for p in asked.params if p.default is MISSING]
    head = "" if not asked.outputs else "result = "
    line = f"    {head}{asked.function}({', '.join(given)})"
    if len(line) <= _LONGEST_LINE:
        yield line
    else:
        yield from [f"    {head}{asked.function}(", *(f"        {word}," for word in given), "    )"]


def _example(param: ParamSpec) -> str:
    return _EXAMPLE[param.type]


def _expected(asked: Asked) -> Iterator[str]:
    single = not _is_tuple(asked)
    for result in asked.outputs:
        place = "result" if single else f"result.{result.port.name}"
        if result.value == "bool":
            yield f"    assert {place} is {_VALUE['bool']}"
        elif result.value:
            yield f"    assert {place} == {_VALUE[result.value]}"
        elif result.port.type.many:
            yield f"    assert all(part.path.exists() for part in {place})"
        else:
            yield f"    assert {place}.path.exists()"
