"""A Jupyter notebook as a component."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

from assay.authoring.annotations import PortShape, read_annotation
from assay.authoring.cells import Cell, Notebook, NotebookSource, docs, load_notebook, parse_cells
from assay.authoring.code import file_digest, file_imports
from assay.authoring.environment import find_reads, plain, statement_comments
from assay.authoring.faults import Faults, shown
from assay.authoring.interface import NOTEBOOK_PORT, build
from assay.authoring.literal import NotLiteral, literal
from assay.authoring.mention import Mention, Stated, read_comment, stated_type
from assay.authoring.reached import note_source
from assay.authoring.reading import Reading, finish
from assay.authoring.tags import install_line, installed_by, read_tags
from assay.errors import Fault, InvalidDocument, NotFound, Severity
from assay.ids import ComponentName
from assay.model.artifacts import ArtifactType, PortType
from assay.model.component import ComponentSpec, Form, NotebookImplementation, PortSpec
from assay.model.params import type_of

_SHELL = ("IPython.core.interactiveshell",)
_OURS = "parameters"
_PYTHON = ("python", "ipython", "python3")
_MEMO: dict[Path, tuple[Notebook, NotebookSource, tuple[Fault, ...]]] = {}
"""Parsed notebooks, kept as long as modification time and size stay. What they import is looked at each time."""


def read_notebook(file: Path, name: str) -> Reading:
    """Read an ``.ipynb`` file as one component; never raises for what is in the file."""
    try:
        notebook, source, syntax = _parsed(file.absolute())
    except InvalidDocument as error:
        return Reading((), error.faults)
    except NotFound as error:
        return Reading((), (error.fault(),))
    if notebook.language not in _PYTHON:
        message = f"a notebook in {notebook.language}; only those in Python can be run"
        fault = Fault("kernel", message, notebook.language, notebook.place(1), "write it in Python, or as a script")
        return Reading((), (fault,))
    faults = list(syntax)
    note_source(source)
    spec = _component(notebook, source, name, faults)
    return finish(spec, faults, notebook.place(1), "a Markdown cell at its head")


def notebook_source(file: Path) -> NotebookSource:
    """Return the code of a notebook's cells; raises as ``load_notebook``."""
    return _parsed(file)[1]


def _parsed(path: Path) -> tuple[Notebook, NotebookSource, tuple[Fault, ...]]:
    try:
        status = path.stat()
    except OSError as error:
        raise NotFound(f"cannot read {path}: {error.strerror}", culprit=str(path)) from error
    stamp = (status.st_mtime_ns, status.st_size)
    kept = _MEMO.get(path)
    if kept is None or kept[1].stamp != stamp:
        notebook = load_notebook(path)
        faults: list[Fault] = []
        python = notebook.language in _PYTHON
        source = parse_cells(notebook if python else replace(notebook, cells=()), stamp, faults)
        kept = _MEMO[path] = (notebook, source, tuple(faults))
    return kept


def _component(notebook: Notebook, source: NotebookSource, name: str, faults: list[Fault]) -> ComponentSpec:
    tagged = _tagged(notebook, faults)
    after = tagged.number if tagged is not None else 0
    noted = Faults(source)
    assigned = _assignments(source, after, noted) if tagged is not None else []

    def form(line: int) -> Form:
        return Form.ASSIGN if after and source.cell_of(line) == after else Form.TEXT

    tags = read_tags(source.lines, source.place, form)
    metadata = _from_metadata(notebook, tagged, faults) if tagged is not None else []
    interface = build([*assigned, *find_reads(source), *metadata, *tags.mentions], notebook=True)
    faults += [*noted.found, *tags.faults, *interface.faults]
    requirements = list(tags.requirements)
    for line, text in source.magics:
        if install_line(text) is not None:
            found, unread = installed_by(text, source.place(line))
            requirements += found
            faults += unread
    if not any(cell.kind == "code" and cell.text.strip() for cell in notebook.cells):
        faults.append(Fault("no-code", "the notebook has no code", notebook.path.name, notebook.place(1)))
    title, description = docs(notebook)
    magics = [text for _, text in source.magics if install_line(text) is None]
    told = PortSpec(NOTEBOOK_PORT, PortType(ArtifactType.FILE), help="The notebook as it ran, with its figures.")
    return ComponentSpec(
        name=ComponentName(name),
        implementation=NotebookImplementation(
            str(notebook.path),
            file_digest(source, [str(after), *magics, *interface.digest_texts()]),
            variables=tuple(interface.variables),
            after=after,
            preload=(*_SHELL, *file_imports(source)),
        ),
        title=title,
        description=description,
        params=interface.params,
        inputs=interface.inputs,
        outputs={**interface.outputs, NOTEBOOK_PORT: told},
        requirements=tuple(dict.fromkeys(requirements)),
    )


def _tagged(notebook: Notebook, faults: list[Fault]) -> Cell | None:
    found = [cell for cell in notebook.cells if _OURS in cell.tags and cell.kind == "code"]
    for other in found[1:]:
        message = f"cell {other.number} is tagged 'parameters' too; only that of cell {found[0].number} counts"
        place = notebook.place(other.number)
        faults.append(Fault("second-parameters", message, _OURS, place, "remove the tag", Severity.WARNING))
    return found[0] if found else None


def _from_metadata(notebook: Notebook, cell: Cell, faults: list[Fault]) -> list[Mention]:
    """Return what the metadata of the parameters cell says of its names."""
    found: list[Mention] = []
    place = notebook.place(cell.number)
    for name, said in cell.stated.items():
        facts = said if isinstance(said, dict) else {"type": said}
        stated = stated_type(str(facts.get("type", "")))
        if stated is None:
            message = f"the metadata of cell {cell.number} gives {name!r} the type {facts.get('type')!r}"
            hint = "write int, float, str, bool, list, map, secret or an artifact type such as Images"
            faults.append(Fault("unknown-type", message, name, place, hint))
            continue
        text = str(facts.get("help", ""))
        found.append(
            Mention(name, place, stated=stated, help=text, comment=True, form=Form.ASSIGN, nullable=stated.optional)
        )
    return found


def _assignments(source: NotebookSource, cell: int, noted: Faults) -> list[Mention]:
    """Return the plain assignments of the parameters cell."""
    found: list[Mention] = []
    for statement in source.tree.body:
        if source.cell_of(statement.lineno) != cell:
            continue
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                mention = _assignment(statement, name, value, None, source, noted)
            case ast.AnnAssign(target=ast.Name(id=name), value=value, annotation=annotation):
                mention = _assignment(statement, name, value, annotation, source, noted)
            case _:
                continue
        if mention is not None:
            found.append(mention)
    return found


def _assignment(
    statement: ast.stmt,
    name: str,
    value: ast.expr | None,
    annotation: ast.expr | None,
    source: NotebookSource,
    noted: Faults,
) -> Mention | None:
    said = read_comment(statement_comments(statement, source), name)
    mention = Mention(name, source.location(statement), form=Form.ASSIGN, help=said.help, stated=said.stated)
    if annotation is not None:
        mention = _annotated(mention, annotation, source, noted) or mention
    if value is None:
        return mention
    try:
        default = plain(literal(value, source))
    except (NotLiteral, ValueError, TypeError, RecursionError):
        if not _reads_environment(value, source):
            text = shown(value)
            message, hint = f"{name!r} is computed: it is no parameter", "write a literal, or move it to another cell"
            noted.warning("not-literal", message, statement, culprit=text, hint=hint)
        return None
    return replace(
        mention,
        default=default,
        nullable=mention.nullable or default is None,
        type=mention.type or (None if default is None else type_of(default)),
    )


def _annotated(mention: Mention, annotation: ast.expr, source: NotebookSource, noted: Faults) -> Mention | None:
    shape = read_annotation(annotation, source, noted, f"parameter {mention.name!r}")
    if isinstance(shape, PortShape):
        return replace(mention, stated=Stated(port=shape.type, optional=shape.nullable))
    if shape is not None:
        return replace(mention, type=shape.type, items=shape.items, choices=shape.choices, nullable=shape.nullable)
    return None


def _reads_environment(value: ast.expr, source: NotebookSource) -> bool:
    names = {source.dotted(node) for node in ast.walk(value) if isinstance(node, (ast.Attribute, ast.Name))}
    return bool(names & {"os.environ", "os.getenv", "os.environ.get"})
