"""The digest of what a function does, and the third-party modules it imports.

The digest covers the function's syntax tree, every name of its module that it reaches, and, whole, every module of its own
project that is imported on the way. Comments, docstrings, layout and what is not reached do not count; nor does Assay's
own interface (``assay.runtime``, ``assay.model``), which is no part of what a component computes.
"""

from __future__ import annotations

import ast
import copy
import hashlib
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

from assay.authoring.decorator import find_decorator
from assay.authoring.source import FunctionNode, Near, Source, load_source
from assay.authoring.trace import Trace, trace
from assay.errors import InvalidDocument, NotFound
from assay.ids import Digest

_DYNAMIC = frozenset({"globals", "locals", "vars", "eval", "exec", "__import__"})
"""Names with which a function may reach anything in its module."""

_INTERFACE = ("assay", "assay.runtime", "assay.errors", "assay.ids", "assay.model")


def code_digest(node: FunctionNode, source: Source) -> Digest:
    """Return the digest of what the function ``node`` of ``source`` does."""
    texts, modules = _reach(node, _module(source))
    parts = [*texts, *(f"{name} {digest}" for name, digest in sorted(_closure(modules, source)))]
    return Digest(hashlib.sha256("\n".join(parts).encode(errors="surrogatepass")).hexdigest())


def third_party_imports(node: FunctionNode, source: Source) -> tuple[str, ...]:
    """Return the modules worth importing before the fork, sorted: what the function, its module, and the project's modules
    that these import, take from outside the standard library."""
    module = _module(source)
    imports = [*module.eager_imports, *module.trace(node).imports]
    for _, loaded in _reachable(_local_modules(imports, source), source):
        imports.extend(loaded.eager_imports if loaded else ())
    own = {"assay", source.module.partition(".")[0]}
    tops = {name.partition(".")[0] for name in _imported(imports)}
    beside = {name for name in tops if source.sibling(name)}
    return tuple(sorted(tops - own - beside - sys.stdlib_module_names - {""}))


def file_digest(source: Source, more: Iterable[str]) -> Digest:
    """Return the digest of all that a file does, of the project's modules that it imports, and of the texts ``more``."""
    whole, modules = _module(source).whole
    parts = [whole, *more, *(f"{name} {digest}" for name, digest in sorted(_closure(modules, source)))]
    return Digest(hashlib.sha256("\n".join(parts).encode(errors="surrogatepass")).hexdigest())


def file_imports(source: Source) -> tuple[str, ...]:
    """Return what a file and the project's modules that it imports take from outside the standard library, sorted."""
    imports = [*_module(source).eager_imports]
    for _, loaded in _reachable(_local_modules(imports, source), source):
        imports.extend(loaded.eager_imports if loaded else ())
    tops = {name.partition(".")[0] for name in _imported(imports)}
    beside = {name for name in tops if source.sibling(name)}
    return tuple(sorted(tops - beside - sys.stdlib_module_names - {"assay", ""}))


class _Module:
    """What the digest needs of one file, computed at most once."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._traces: dict[int, Trace] = {}

    def trace(self, statement: ast.stmt) -> Trace:
        """Return the trace of one statement at the top of the file."""
        kept = self._traces.get(id(statement))
        if kept is None:
            kept = self._traces[id(statement)] = trace(statement)
        return kept

    @cached_property
    def statements_of(self) -> dict[str, list[ast.stmt]]:
        """Name to the top-level statements that bind it, or that may change what it stands for."""
        found: dict[str, list[ast.stmt]] = {}
        for statement in self.source.tree.body:
            for name in self._concerns(statement):
                found.setdefault(name, []).append(statement)
        return found

    def _concerns(self, statement: ast.stmt) -> Iterable[str]:
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                return (statement.name,)
            case ast.Import() | ast.ImportFrom():
                return [alias.asname or alias.name.partition(".")[0] for alias in statement.names]
            case ast.Assign(targets=targets) if all(isinstance(target, ast.Name) for target in targets):
                return [target.id for target in targets if isinstance(target, ast.Name)]
            case ast.AnnAssign(target=ast.Name(id=name)):
                return (name,)
            case ast.If(test=ast.Compare(left=ast.Name(id="__name__"))):
                return ()
            case _:
                seen = self.trace(statement)
                bound = (alias.asname or alias.name.partition(".")[0] for node in seen.imports for alias in node.names)
                return {*seen.names, *seen.defined, *bound}

    @cached_property
    def eager_imports(self) -> list[ast.Import | ast.ImportFrom]:
        """The imports that run with the module itself, without those for type checkers only."""
        found: list[ast.Import | ast.ImportFrom] = []
        for statement in self.source.tree.body:
            checking = isinstance(statement, ast.If) and self.source.dotted(statement.test) == "typing.TYPE_CHECKING"
            if not checking and not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
                found.extend(self.trace(statement).imports)
        return found

    @cached_property
    def whole(self) -> tuple[str, list[Near]]:
        """The digest of the whole file, and the modules of its project that it imports anywhere."""
        traces = [self.trace(statement) for statement in self.source.tree.body]
        text = "\n".join(found.text for found in traces if found.text)
        imports = [node for found in traces for node in found.imports]
        return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest(), _local_modules(imports, self.source)


_MODULES: dict[Path, _Module] = {}


def _module(source: Source) -> _Module:
    kept = _MODULES.get(source.path)
    if kept is None or kept.source is not source:
        kept = _MODULES[source.path] = _Module(source)
    return kept


def _loaded(near: Near) -> _Module | None:
    try:
        return _module(load_source(*near))
    except (InvalidDocument, NotFound):
        return None


def _reach(node: FunctionNode, module: _Module) -> tuple[list[str], list[Near]]:
    """Return the texts of the function and of all it reaches in its file, in the file's order, and the modules it needs."""
    body = module.source.tree.body
    start = trace(_without_declaration(node, module.source))
    if any(alias.name == "*" for found in module.eager_imports for alias in found.names):
        return _everything(module)
    reached: dict[int, Trace] = {}
    names: set[str] = set()
    waiting: deque[Trace] = deque([start])
    imports: list[ast.Import | ast.ImportFrom] = []
    while waiting:
        found = waiting.popleft()
        imports.extend(found.imports)
        if not _DYNAMIC.isdisjoint(found.names):
            return _everything(module)
        for name in found.names - names:
            names.add(name)
            for statement in module.statements_of.get(name, ()):
                if statement is node or id(statement) in reached:
                    continue
                if isinstance(statement, (ast.Import, ast.ImportFrom)):
                    imports.append(_only(statement, name))
                    continue
                reached[id(statement)] = module.trace(statement)
                waiting.append(reached[id(statement)])
    texts = [reached[id(statement)].text for statement in body if id(statement) in reached]
    origins = sorted(set(_imported(imports)))
    return [start.text, *texts, *origins], _local_modules(imports, module.source)


def _everything(module: _Module) -> tuple[list[str], list[Near]]:
    digest, modules = module.whole
    return [digest], modules


def _without_declaration(node: FunctionNode, source: Source) -> FunctionNode:
    bare = copy.copy(node)
    declaration = find_decorator(node, source)
    bare.decorator_list = [decorator for decorator in node.decorator_list if decorator is not declaration]
    return bare


def _only(statement: ast.Import | ast.ImportFrom, name: str) -> ast.Import | ast.ImportFrom:
    """Return the part of an import that binds ``name``."""
    part = copy.copy(statement)
    part.names = [alias for alias in statement.names if (alias.asname or alias.name.partition(".")[0]) == name]
    return part


def _imported(imports: Iterable[ast.Import | ast.ImportFrom]) -> Iterator[str]:
    """Yield ``package.name`` for every absolute import."""
    for node in imports:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _local_modules(imports: Iterable[ast.Import | ast.ImportFrom], source: Source) -> list[Near]:
    """Return the files of the same project that these imports name, Assay's own interface left out."""
    found: dict[Near, None] = {}
    for node in imports:
        if isinstance(node, ast.Import):
            candidates = [[alias.name] for alias in node.names]
        else:
            origin = source.absolute(node)
            candidates = [[f"{origin}.{alias.name}".lstrip("."), origin] for alias in node.names]
        for names in candidates:
            near = next(filter(None, (source.sibling(name) for name in names if not _is_interface(name))), None)
            if near is not None and near.path != source.path:
                found[near] = None
    return list(found)


def _is_interface(module: str) -> bool:
    return module in _INTERFACE or module.startswith(tuple(f"{name}." for name in _INTERFACE[1:]))


def _reachable(start: Iterable[Near], source: Source) -> Iterator[tuple[Near, _Module | None]]:
    """Yield the modules of ``start`` and, transitively, those of the project that they import; ``None`` for broken ones."""
    seen = {source.path}
    waiting = deque(start)
    while waiting:
        near = waiting.popleft()
        if near.path in seen:
            continue
        seen.add(near.path)
        loaded = _loaded(near)
        yield near, loaded
        waiting.extend(loaded.whole[1] if loaded else ())


def _closure(modules: Iterable[Near], source: Source) -> Iterator[tuple[str, str]]:
    """Yield name and digest of every module reached."""
    for near, loaded in _reachable(modules, source):
        if loaded is None and not near.path.is_file():
            continue  # removed since the file that imports it was parsed
        digest = loaded.whole[0] if loaded else hashlib.sha256(near.path.read_bytes()).hexdigest()
        yield near.module, digest


def reached_modules(source: Source) -> tuple[Near, ...]:
    """Return the modules of its project that running ``source`` may import, those imported inside functions too, and the
    packages that it and they are in."""
    found: dict[Path, Near] = {}
    waiting = [*_module(source).whole[1], *_packages(source.module, source)]
    while waiting:
        new = [near for near, _ in _reachable(waiting, source) if near.path not in found]
        found.update({near.path: near for near in new})
        waiting = [outer for near in new for outer in _packages(near.module, source) if outer.path not in found]
    return tuple(near for path, near in sorted(found.items()) if path != source.path)


def _packages(module: str, source: Source) -> list[Near]:
    parts = module.split(".")
    return list(filter(None, (source.sibling(".".join(parts[:length])) for length in range(1, len(parts)))))
