"""Rules about what a component's code does: what it imports, reads and holds."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from assay.authoring.code import third_party_imports
from assay.authoring.source import Source, module_level
from assay.check.components.edits import with_keyword, with_requirement
from assay.check.components.packages import declared, package_of
from assay.check.components.subject import Finding, PythonSource, Subject
from assay.model.command import slots
from assay.model.component import ContainerImplementation

HEAVY = frozenset(
    {"cv2", "jax", "monai", "onnxruntime", "scipy", "sklearn", "tensorflow", "torch", "torchvision", "transformers"}
)
"""Modules whose import costs every test and notebook of the file tenths of a second or more."""

_HUNGRY = frozenset({"jax", "monai", "tensorflow", "torch", "transformers"})
_NO_CACHE = "cache=False"


def undeclared_import(subject: Subject) -> Iterator[Finding]:
    """What the source imports from outside the standard library stands in ``requires``, so that it can be installed elsewhere."""
    for module, node in _undeclared(subject):
        if not (module in HEAVY and node is not None and _eager(subject.python, node)):
            yield _undeclared_finding(subject, module, node, f"{module!r} is imported, but not in requires")


def heavy_import(subject: Subject) -> Iterator[Finding]:
    """A heavy package at the top of the file is declared at least: whoever imports the file pays for it."""
    for module, node in _undeclared(subject):
        if module in HEAVY and node is not None and _eager(subject.python, node):
            message = f"{module!r} is imported at the top of the file, but not in requires"
            yield _undeclared_finding(subject, module, node, message, "; better, import it inside the function")


def unused_parameter(subject: Subject) -> Iterator[Finding]:
    """Every port and parameter is read: one that changes nothing misleads whoever sets it."""
    if isinstance(subject.spec.implementation, ContainerImplementation):
        yield from _unused_in_command(subject, subject.spec.implementation)
    if subject.python is None:
        return
    read = {inner.id for part in subject.python.node.body for inner in ast.walk(part) if isinstance(inner, ast.Name)}
    if "locals" in read or ("step" in read and _reads_facts(subject.python.node)):
        return
    for name in (*subject.spec.inputs, *subject.spec.params):
        if name not in read:
            yield Finding(f"{name!r} is never read", name, "use it, or remove it", subject.argument(name))


def no_memory(subject: Subject) -> Iterator[Finding]:
    """A component that fits networks says how much memory it holds, so that two of them are not started beside each other."""
    if subject.spec.resources.memory is not None:
        return
    hungry = sorted(_HUNGRY & set(_imports(subject)))
    if hungry:
        name = subject.spec.name
        message = f"component {name!r} uses {hungry[0]}, but does not say how much memory it needs"
        hint = "write @component(…, memory='4Gi')" if subject.python else "write 'resources: {memory: 4Gi}' in the step"
        yield Finding(message, name, hint)


def cached_effect(subject: Subject) -> Iterator[Finding]:
    """A component without outputs is there for its effect, so it is not reused: the second run would do nothing."""
    if not subject.spec.outputs and subject.spec.cache:
        name = subject.spec.name
        message = f"component {name!r} has no output, and would be reused in place of being run again"
        own = isinstance(subject.spec.implementation, ContainerImplementation)
        where = "in the file, or in the step" if own else "in the step"
        hint = f"write @component(…, {_NO_CACHE})" if subject.python else f"write 'cache: false' {where}"
        yield Finding(message, name, hint, fix=with_keyword(subject, _NO_CACHE))


def moving_image(subject: Subject) -> Iterator[Finding]:
    """An image is named by a tag or digest: what `latest` means changes, and the result with it."""
    code = subject.spec.implementation
    if isinstance(code, ContainerImplementation) and "@" not in code.image:
        tag = code.image.rpartition("/")[2].partition(":")[2]
        if tag in ("", "latest"):
            message = f"image {code.image!r} is another one tomorrow"
            yield Finding(message, code.image, "name a tag or a digest: name:1.2 or name@sha256:…")


def _unused_in_command(subject: Subject, code: ContainerImplementation) -> Iterator[Finding]:
    read = {slot.port for slot in slots((*code.command, *code.args, *code.env.values()))}
    read |= {slot.port for place in code.outputs if place.glob is not None for slot in slots((place.glob,))}
    for name in (*subject.spec.inputs, *subject.spec.params):
        if name not in read:
            yield Finding(
                f"{name!r} stands nowhere in the command", name, "put its placeholder into args or env, or remove it"
            )


def _undeclared_finding(subject: Subject, module: str, node: ast.AST | None, message: str, more: str = "") -> Finding:
    package = package_of(module)
    hint = f"write requires=(…, {package!r}){more}" if subject.python else f"write '# @dependency {package}'"
    return Finding(message, module, hint, node, with_requirement(subject, package))


def _undeclared(subject: Subject) -> Iterator[tuple[str, ast.AST | None]]:
    known = declared(subject.spec.requirements)
    for module in _imports(subject):
        if not known & {module.lower(), package_of(module).lower()}:
            yield module, _import_of(subject.python, module)


def _imports(subject: Subject) -> list[str]:
    if subject.python is None:
        tops = {name.partition(".")[0] for name in subject.spec.implementation.preload}
        return sorted(tops - {"IPython"})  # what runs a notebook, not what it imports
    found = third_party_imports(subject.python.node, subject.python.source)
    return sorted({name.partition(".")[0] for name in found})


def _import_of(python: PythonSource | None, module: str) -> ast.AST | None:
    """Return the import of ``module`` in the file; ``None`` when another file of the project makes it."""
    if python is None:
        return None
    for node in ast.walk(python.source.tree):
        names = (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom) and not node.level
            else []
        )
        if any(name.partition(".")[0] == module for name in names):
            return node
    return None


def _eager(python: PythonSource | None, node: ast.AST) -> bool:
    return python is not None and any(node is statement for statement in _top(python.source))


def _top(source: Source) -> list[ast.stmt]:
    return module_level(source.tree.body)


def _reads_facts(node: ast.AST) -> bool:
    """Whether a function reads ``step.params`` or ``step.inputs``: then any of them may be used."""
    return any(
        isinstance(inner, ast.Attribute)
        and inner.attr in ("params", "inputs")
        and isinstance(inner.value, ast.Name)
        and inner.value.id == "step"
        for inner in ast.walk(node)
    )
