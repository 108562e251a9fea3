"""A Python file as a syntax tree: what its names mean, and which files beside it they come from."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from assay.authoring.reached import note_file, note_source
from assay.errors import Fault, InvalidDocument, Location, NotFound

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
Definition = FunctionNode | ast.ClassDef | ast.expr
"""What a module-level name stands for: a function, a class, or the expression assigned to it last."""


class Near(NamedTuple):
    """Another file of the same project; the fields are those of its ``Source``."""

    path: Path
    module: str
    root: Path | None


@dataclass(frozen=True)
class Source:
    """One parsed file.

    Attributes:
        module: Importable name; empty for a user's file.
        root: The folder that a user's project is in, that of the file that is used; ``None`` for an importable package.
        stamp: Modification time in nanoseconds and size, when it was read.
        absent: Files of modules that were looked for and are not there.
    """

    path: Path
    text: str
    tree: ast.Module
    module: str = ""
    root: Path | None = None
    stamp: tuple[int, int] = field(default=(0, 0), repr=False)
    absent: set[Path] = field(default_factory=set, repr=False, compare=False)

    @cached_property
    def imports(self) -> dict[str, str]:
        """Local name to dotted origin, of every import at module level, also below ``if`` and ``try``."""
        found: dict[str, str] = {}
        for statement in module_level(self.tree.body):
            if isinstance(statement, ast.Import):
                for alias in statement.names:
                    first = alias.name.partition(".")[0]
                    found[alias.asname or first] = alias.name if alias.asname else first
            elif isinstance(statement, ast.ImportFrom):
                origin = self.absolute(statement)
                found.update(
                    {alias.asname or alias.name: f"{origin}.{alias.name}".lstrip(".") for alias in statement.names}
                )
        return found

    @cached_property
    def definitions(self) -> dict[str, Definition]:
        """Module-level functions, classes and assigned names."""
        found: dict[str, Definition] = {}
        for statement in module_level(self.tree.body):
            if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                found[statement.name] = statement
            elif isinstance(statement, ast.Assign):
                found.update({name.id: statement.value for name in statement.targets if isinstance(name, ast.Name)})
            elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value:
                found[statement.target.id] = statement.value
        return found

    @property
    def functions(self) -> list[FunctionNode]:
        """The functions at module level, in the order of the file."""
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
        return [statement for statement in module_level(self.tree.body) if isinstance(statement, kinds)]

    @cached_property
    def lines(self) -> list[str]:
        """The text by lines."""
        return self.text.splitlines()

    def location(self, node: ast.AST) -> Location:
        """Return the place of ``node`` in characters (the tree counts bytes)."""
        line, offset = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        before = self.lines[line - 1].encode()[:offset].decode(errors="replace") if line <= len(self.lines) else ""
        return Location(str(self.path), line, len(before) + 1)

    def dotted(self, node: ast.expr) -> str:
        """Return the full name that an expression such as ``np.ndarray`` stands for, or an empty string."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        return ".".join([self.imports.get(node.id, node.id), *reversed(parts)])

    def absolute(self, statement: ast.ImportFrom) -> str:
        """Return the module that ``from … import`` names; a relative one of a user's file begins at its folder."""
        if not statement.level:
            return statement.module or ""
        up = statement.level - (self.path.name == "__init__.py")
        package = self.module.split(".") if self.module else []
        return ".".join([*package[: len(package) - up], *filter(None, [statement.module])])

    def sibling(self, module: str) -> Near | None:
        """Return a module of the same project, or ``None``.

        The project is everything in the folder of a user's file, or the top-level package of an importable one.
        """
        if not module:
            return None
        root = self.root
        if root is None:
            parts = self.module.split(".")
            if module.partition(".")[0] != parts[0]:
                return None
            root = self.path.parents[len(parts) - 1 + (self.path.name == "__init__.py")]
        base = root.joinpath(*module.split("."))
        for candidate in (base.with_name(f"{base.name}.py"), base / "__init__.py"):
            if candidate.is_file():
                return Near(candidate, module, self.root)
            self.absent.add(candidate)
        return None

    def find(self, dotted: str) -> tuple[Source, Definition] | None:
        """Return where a full name is defined, in this file or in another of its project, following re-exports."""
        here, name = self, dotted
        for _ in range(_MOST_REEXPORTS):
            if name in here.definitions:
                return here, here.definitions[name]
            name = here.imports.get(name, name)
            module, _dot, name = name.rpartition(".")
            near = here.sibling(module)
            if near is None:
                return None
            try:
                here = load_source(*near)
            except (InvalidDocument, NotFound):
                return None
        return None


_MOST_REEXPORTS = 8
_MEMO: dict[Path, Source] = {}
"""Parsed files, kept as long as modification time and size stay."""


def load_source(path: Path, module: str = "", root: Path | None = None) -> Source:
    """Return the parsed file; raises ``NotFound``, or ``InvalidDocument`` when it is not Python."""
    if not module:
        root = path.parent
    try:
        status = path.stat()
        stamp = (status.st_mtime_ns, status.st_size)
        kept = _MEMO.get(path)
        if kept is not None and (kept.stamp, kept.module, kept.root) == (stamp, module, root):
            note_source(kept)
            return kept
        content = path.read_bytes()
    except OSError as error:
        raise NotFound(f"cannot read {path}: {error.strerror}", culprit=str(path)) from error
    note_file(path)  # also when it turns out not to be Python
    tree, text = _parse(path, content)
    source = Source(path, text, tree, module, root, stamp)
    _MEMO[path] = source
    note_source(source)
    return source


def _parse(path: Path, content: bytes) -> tuple[ast.Module, str]:
    import warnings  # a user's "\d" must not print warnings of the compiler from here

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(content, filename=str(path))
        text = content.decode(_encoding(content)).removeprefix("\ufeff")
    except SyntaxError as error:
        place = Location(str(path), error.lineno or 1, max(error.offset or 1, 1))
        raise _not_python(error.msg, place) from error
    except (ValueError, LookupError, RecursionError, MemoryError) as error:
        raise _not_python(str(error) or "nested too deeply", Location(str(path), 1, 1)) from error
    return tree, text


def _not_python(message: str, place: Location) -> InvalidDocument:
    return InvalidDocument([Fault("syntax", f"not Python: {message}", location=place)], what=place.file)


def _encoding(content: bytes) -> str:
    """Return the encoding that a coding cookie in the first two lines names (PEP 263), else UTF-8."""
    head = b"\n".join(content.splitlines()[:2])
    if b"coding" not in head:
        return "utf-8"
    import io  # rare: a file with a coding cookie
    import tokenize

    return tokenize.detect_encoding(io.BytesIO(content).readline)[0]


def module_level(body: list[ast.stmt]) -> list[ast.stmt]:
    """Return the statements that run when the module is imported, those inside ``if``, ``try`` and ``with`` after their own."""
    found: list[ast.stmt] = []
    stack = list(reversed(body))
    while stack:
        statement = stack.pop()
        found.append(statement)
        match statement:
            case (
                ast.If(body=inside, orelse=other)
                | ast.For(body=inside, orelse=other)
                | ast.While(body=inside, orelse=other)
            ):
                stack.extend(reversed([*inside, *other]))
            case ast.Try() | ast.TryStar():
                handlers = [inner for handler in statement.handlers for inner in handler.body]
                stack.extend(reversed([*statement.body, *handlers, *statement.orelse, *statement.finalbody]))
            case ast.With(body=inside):
                stack.extend(reversed(inside))
            case _:
                pass
    return found
