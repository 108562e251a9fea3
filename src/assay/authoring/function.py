"""Function components: from a file to the ``ComponentSpec`` of each decorated function in it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

from assay.authoring.code import code_digest, third_party_imports
from assay.authoring.decorator import Declaration, find_decorator, read_declaration
from assay.authoring.docstring import Docstring, parse_docstring
from assay.authoring.faults import Faults
from assay.authoring.reading import Reading
from assay.authoring.results import read_outputs
from assay.authoring.signature import Signature
from assay.authoring.source import FunctionNode, Source, load_source
from assay.errors import Fault, InvalidDocument, Location, NotFound, Severity, did_you_mean
from assay.ids import ComponentName
from assay.model.component import ComponentSpec, FunctionImplementation, Isolation, ParamSpec, PortSpec


@dataclass(frozen=True, slots=True)
class Declared:
    """What the decorator alone says: the cheap answer to which components a file has.

    Attributes:
        name: Empty when the decorator gives no legal one.
    """

    function: str
    name: str


def declared_components(file: Path, *, module: str = "") -> list[Declared]:
    """Return the components of a file by their decorators; raises ``NotFound``, or ``InvalidDocument`` for broken Python."""
    source = load_source(file.absolute(), module)
    unheard = Faults(source)
    return [
        Declared(node.name, read_declaration(decorator, source, unheard).name)
        for node, decorator in _components(source)
    ]


def read_file(file: Path, *, module: str = "") -> Reading:
    """Read every component of a file; never raises for what is in the file.

    Args:
        file: Python source.
        module: Its importable name, such as ``assay.library.input.ct_phantom``; empty for a user's file.
    """
    try:
        source = load_source(file.absolute(), module)
    except InvalidDocument as error:
        return Reading((), error.faults)
    except NotFound as error:
        return Reading((), (error.fault(),))
    specs: dict[str, ComponentSpec] = {}
    faults: list[Fault] = []
    for node, decorator in _components(source):
        spec, found = _read(node, decorator, source, "")
        faults.extend(found)
        if spec is not None and spec.name in specs:
            faults.append(_duplicate(spec.name, source, decorator))
        elif spec is not None:
            specs[spec.name] = spec
    return Reading(tuple(specs.values()), tuple(faults))


def read_functions(file: Path, module: str = "") -> list[ComponentSpec]:
    """Return the components of a file in its order; raises ``InvalidDocument`` with all errors of all of them."""
    reading = read_file(file, module=module)
    _raise_errors(reading.faults, file)
    return list(reading.specs)


def read_function(file: Path, function: str | None, *, module: str = "", name: str | None = None) -> ComponentSpec:
    """Return one component of a file.

    Args:
        file: Python source.
        function: Its function; ``None`` for the only component of the file.
        module: The file's importable name; empty for a user's file.
        name: Component name in place of the function's when the decorator gives none.

    Raises:
        NotFound: No such file, function or component.
        InvalidDocument: The file is not Python, or the component has faults (all of them, each with its place).
    """
    source = load_source(file.absolute(), module)
    node, decorator = _pick(source, function)
    spec, faults = _read(node, decorator, source, name or "")
    _raise_errors(faults, file)
    if spec is None:  # a fault is there whenever a specification is not
        raise InvalidDocument(faults, what=str(file))
    return spec


def _components(source: Source) -> list[tuple[FunctionNode, ast.expr]]:
    pairs = [(node, find_decorator(node, source)) for node in source.functions]
    return [(node, decorator) for node, decorator in pairs if decorator is not None]


def _pick(source: Source, function: str | None) -> tuple[FunctionNode, ast.expr]:
    found = [(node, decorator) for node, decorator in _components(source) if function in (None, node.name)]
    if len(found) == 1 or (found and function is not None):
        return found[-1]  # the later of two definitions is the one that Python would call
    names = [node.name for node, _ in _components(source)]
    if found:
        raise NotFound(f"{source.path} has several components", hint=f"name one of {', '.join(names)}")
    plain = next((node for node in source.functions if node.name == function), None)
    if plain is not None:
        place = source.location(plain)
        message, hint = f"function {function!r} is not a component", "write @component above it"
        raise InvalidDocument([Fault("not-a-component", message, str(function), place, hint)], what=str(source.path))
    if function is None:
        raise NotFound(
            f"{source.path} has no component", culprit=str(source.path), hint="write @component above a function"
        )
    hint = did_you_mean(function, names) or (f"it has {', '.join(names)}" if names else "it has no component at all")
    raise NotFound(f"{source.path} has no component function {function!r}", culprit=function, hint=hint)


def _read(
    node: FunctionNode, decorator: ast.expr, source: Source, name: str
) -> tuple[ComponentSpec | None, list[Fault]]:
    faults = Faults(source)
    _refuse_kinds(node, faults)
    declared = read_declaration(decorator, source, faults)
    doc = _docstring(node, faults)
    signature = Signature(node, source, faults, doc.args)
    outputs = read_outputs(node, source, faults, doc)
    _check_docstring(node, doc, signature, faults)
    if any(fault.severity is Severity.ERROR for fault in faults.found):
        return None, faults.found
    spec = ComponentSpec(
        name=ComponentName(declared.name or name or node.name),
        implementation=_implementation(node, declared, source),
        version=declared.text("version", "0"),
        title=declared.text("title") or doc.title,
        description=doc.description,
        tags=declared.texts("tags"),
        licence=declared.text("licence"),
        authors=declared.texts("authors"),
        params=signature.params,
        inputs=signature.inputs,
        outputs=outputs,
        requirements=declared.texts("requires"),
        resources=declared.resources(),
        isolation=Isolation(declared.text("isolation", "fork")),
        cache=declared.facts.get("cache") is not False,
    )
    return spec, faults.found


def _implementation(node: FunctionNode, declared: Declaration, source: Source) -> FunctionImplementation:
    preload = declared.texts("preload") if "preload" in declared.facts else third_party_imports(node, source)
    code = code_digest(node, source)
    return FunctionImplementation(node.name, str(source.path), code, module=source.module, preload=preload)


def _refuse_kinds(node: FunctionNode, faults: Faults) -> None:
    if isinstance(node, ast.AsyncFunctionDef):
        hint = "write a plain def; call asyncio.run inside it"
        faults.error("async", f"function {node.name!r} is async", node, culprit=node.name, hint=hint)
    stack: list[ast.AST] = list(node.body)
    while stack:
        inner = stack.pop()
        if isinstance(inner, (ast.Yield, ast.YieldFrom)):
            message = f"function {node.name!r} is a generator: calling it runs nothing"
            faults.error("generator", message, inner, culprit=node.name, hint="return the outputs")
            return
        if not isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.GeneratorExp)):
            stack.extend(ast.iter_child_nodes(inner))


def _docstring(node: FunctionNode, faults: Faults) -> Docstring:
    text = ast.get_docstring(node, clean=False)
    if not text or not text.strip():
        hint = "its first line becomes the title, its Args and Returns the help"
        faults.warning("no-docstring", f"function {node.name!r} has no docstring", node, culprit=node.name, hint=hint)
        return Docstring()
    return parse_docstring(text)


def _check_docstring(node: FunctionNode, doc: Docstring, signature: Signature, faults: Faults) -> None:
    names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    for name in doc.args:
        if name not in names:
            message = f"the docstring explains {name!r}, which is no parameter"
            faults.warning("unknown-in-docstring", message, node, culprit=name, hint=did_you_mean(name, names))
    if doc.title:
        entries: list[PortSpec | ParamSpec] = [*signature.inputs.values(), *signature.params.values()]
        for entry in entries:
            if not entry.help:
                message, hint = f"the docstring does not explain {entry.name!r}", f"write '{entry.name}: …' under Args"
                faults.warning("no-help", message, node, culprit=entry.name, hint=hint)


def _duplicate(name: str, source: Source, decorator: ast.expr) -> Fault:
    message = f"component {name!r} is declared twice in this file"
    return Fault("duplicate-component", message, name, source.location(decorator), "give one of them another name")


def _raise_errors(faults: tuple[Fault, ...] | list[Fault], file: Path) -> None:
    errors = [fault for fault in faults if fault.severity is Severity.ERROR]
    if errors:
        raise InvalidDocument(_in_order(errors), what=str(file))


def _in_order(faults: list[Fault]) -> list[Fault]:
    first = Location("", 0, 0)
    return sorted(faults, key=lambda fault: ((fault.location or first).line, (fault.location or first).column))
