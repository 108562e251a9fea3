"""What a component is: data, read from its source without running it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from assay.ids import ComponentName, ParamName, PortName
from assay.model.artifacts import Json, PortType
from assay.model.command import Item, Role, Word, item_to_json


class ParamType(enum.StrEnum):
    """The type of a parameter. ``PATH`` names a file or folder outside the store; its content counts, not its name."""

    INT = "int"
    FLOAT = "float"
    STR = "str"
    BOOL = "bool"
    LIST = "list"
    MAP = "map"
    PATH = "path"


class PathKind(enum.StrEnum):
    """What a parameter of type ``PATH`` names."""

    ANY = "any"
    FILE = "file"
    FOLDER = "folder"


class Missing(enum.Enum):
    """The default of a parameter that has none."""

    MISSING = "missing"


MISSING = Missing.MISSING


@dataclass(frozen=True, slots=True)
class ParamSpec:
    """One parameter.

    Attributes:
        type: What it takes.
        items: Type of the elements of a list or the values of a map; ``None`` for any.
        default: Used when a step says nothing; ``MISSING`` makes it required.
        nullable: Whether ``null`` is a value.
        min: Smallest number (or shortest list) allowed, inclusive.
        max: Largest, inclusive.
        choices: The only values allowed; empty for no such limit.
        unit: Such as ``mm`` or ``years``.
        secret: Comes from ``secrets:`` by name and is never written down.
        path: What a ``PATH`` names.
        column_of: The input port, or the ``PATH`` parameter, whose table has the column that this names (a list: the columns);
            empty when it names none. It is what an editor offers; any name may be written.
    """

    name: ParamName
    type: ParamType
    items: ParamType | None = None
    default: Json | Missing = MISSING
    nullable: bool = False
    min: float | None = None
    max: float | None = None
    choices: tuple[Json, ...] = ()
    unit: str = ""
    help: str = ""
    secret: bool = False
    path: PathKind = PathKind.ANY
    column_of: str = ""

    @property
    def required(self) -> bool:
        """Whether a step must give it."""
        return self.default is MISSING


@dataclass(frozen=True, slots=True)
class PortSpec:
    """One input or output port."""

    name: PortName
    type: PortType
    optional: bool = False
    help: str = ""


class Isolation(enum.StrEnum):
    """How a step's process is made: forked from a warm server, or started anew (CUDA, threads before fork)."""

    FORK = "fork"
    SPAWN = "spawn"


@dataclass(frozen=True, slots=True)
class Resources:
    """What a step holds while it runs.

    Attributes:
        cpu: Cores (may be a fraction). Also the number of threads numerical libraries may use, rounded up.
        memory: Bytes; a step that needs more is ended. ``None`` sets no limit.
        gpu: Accelerators.
    """

    cpu: float = 1.0
    memory: int | None = None
    gpu: int = 0


@dataclass(frozen=True, slots=True)
class FunctionImplementation:
    """A Python function, imported by module name or loaded from a file, never both.

    Attributes:
        function: Its name in the module.
        module: Importable name, such as ``assay.library.input.ct_phantom``; empty for a file.
        file: Absolute path of the source.
        code: Digest of what the function does: its syntax tree without docstrings and comments, and the same of every
            name of its own project that it reaches.
        preload: Modules worth importing once, before the fork: the third-party imports of the function and its module.
    """

    function: str
    file: str
    code: str
    module: str = ""
    preload: tuple[str, ...] = ()
    kind: str = field(default="function", init=False)

    def order(self) -> dict[str, Json]:
        """Return what a step's process needs to run it."""
        return {"kind": self.kind, "module": self.module, "file": self.file, "function": self.function}


class Form(enum.StrEnum):
    """How a value reaches the code of a notebook or script.

    ``TEXT``, ``JSON`` and ``LITERAL`` (Python) are texts in the environment; ``ASSIGN`` is an assignment in the cell that is
    put in after the parameters cell. The others are words of the command line: ``OPTION`` is ``--name=value``, ``SPREAD``
    is ``--name value value``, ``REPEAT`` is ``--name=value --name=value``, and ``FLAG`` is the text for true or that for false.
    """

    TEXT = "text"
    JSON = "json"
    LITERAL = "literal"
    ASSIGN = "assign"
    OPTION = "option"
    SPREAD = "spread"
    REPEAT = "repeat"
    FLAG = "flag"

    @property
    def typed(self) -> bool:
        """Whether it is a word of the command line."""
        return self in (Form.OPTION, Form.SPREAD, Form.REPEAT, Form.FLAG)


@dataclass(frozen=True, slots=True)
class Variable:
    """The variable by which a notebook or script takes a parameter or input, or is told where an output goes.

    Attributes:
        role: What ``port`` is.
        port: Name of the parameter or port.
        name: Name of the environment variable, or of the Python variable (``ASSIGN``), or the option such as ``--epochs``;
            empty for a positional argument.
        true: Text that the code takes for true; of a ``FLAG`` the whole word, empty for none.
        false: Text that the code takes for false; ``bool(...)`` takes the empty one only.
        unset: The value for which the variable stays unset, so that the code takes its own default; ``None`` always does.
        suffix: Ending of an output file.
    """

    role: Role
    port: str
    name: str
    form: Form = Form.TEXT
    true: str = "True"
    false: str = "False"
    unset: Json = None
    suffix: str = ""

    def order(self) -> dict[str, Json]:
        """Return it as JSON."""
        return {
            "role": str(self.role),
            "port": self.port,
            "name": self.name,
            "form": str(self.form),
            "true": self.true,
            "false": self.false,
            "unset": self.unset,
            "suffix": self.suffix,
        }


class Language(enum.StrEnum):
    """What a script is written in."""

    PYTHON = "python"
    SHELL = "shell"
    R = "r"


@dataclass(frozen=True, slots=True)
class NotebookImplementation:
    """A Jupyter notebook.

    Attributes:
        file: Absolute path of the source.
        code: Digest of what its cells do, without comments, outputs and metadata, and of the modules beside it that they import.
        kernel: Language of its kernel.
        after: Number of the cell tagged ``parameters``, from 1; 0 when there is none.
        preload: Modules worth importing once, before the fork.
    """

    file: str
    code: str
    kernel: str = "python"
    variables: tuple[Variable, ...] = ()
    after: int = 0
    preload: tuple[str, ...] = ()
    kind: str = field(default="notebook", init=False)

    def order(self) -> dict[str, Json]:
        """Return what a step's process needs to run it."""
        variables: list[Json] = [variable.order() for variable in self.variables]
        return {"kind": self.kind, "file": self.file, "after": self.after, "variables": variables}


@dataclass(frozen=True, slots=True)
class ScriptImplementation:
    """A Python, shell or R script.

    Attributes:
        file: Absolute path of the source.
        code: Digest of a Python script's syntax tree and of the modules beside it that it imports; of a shell script's text;
            of an R script's tokens without comments.
        preload: Modules worth importing once, before the fork.
        packages: R packages that it needs; those of Python are the component's ``requirements``.
    """

    file: str
    code: str
    language: Language
    variables: tuple[Variable, ...] = ()
    preload: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    kind: str = field(default="script", init=False)

    def order(self) -> dict[str, Json]:
        """Return what a step's process needs to run it."""
        variables: list[Json] = [variable.order() for variable in self.variables]
        return {"kind": self.kind, "file": self.file, "language": str(self.language), "variables": variables}


@dataclass(frozen=True, slots=True)
class OutputPlace:
    """Where a container leaves an output.

    Attributes:
        suffix: Ending of the file that a placeholder of this port names.
        glob: Pattern in the working directory that finds it in place of a placeholder; ``None`` for none.
        path: Absolute path inside the container, for a tool that writes where it likes; empty for none.
        stdout: Whether it is what the tool prints.
    """

    port: PortName
    suffix: str = ""
    glob: Word | None = None
    path: str = ""
    stdout: bool = False

    def order(self) -> dict[str, Json]:
        """Return it as JSON."""
        return {
            "port": self.port,
            "suffix": self.suffix,
            "glob": None if self.glob is None else item_to_json(self.glob),
            "path": self.path,
            "stdout": self.stdout,
        }


@dataclass(frozen=True, slots=True)
class ContainerImplementation:
    """A command in a container image.

    Attributes:
        file: Absolute path of the source.
        code: Digest of image, command and environment; not of titles and help.
        image: Name of the image, with tag or digest.
        command: Words that take the place of the image's entrypoint; empty keeps it.
        args: Words behind the command, or for the entrypoint.
        env: Variables of its environment.
        workdir: Where it runs; empty for the step's own folder, which is where an output's ``glob`` looks.
        outputs: One for each output port.
        network: Whether it may reach the network.
        preload: Nothing: no Python of ours runs in it.
    """

    file: str
    code: str
    image: str
    command: tuple[Item, ...] = ()
    args: tuple[Item, ...] = ()
    env: Mapping[str, Word] = field(default_factory=dict)
    workdir: str = ""
    outputs: tuple[OutputPlace, ...] = ()
    network: bool = False
    preload: tuple[str, ...] = ()
    kind: str = field(default="container", init=False)

    def order(self) -> dict[str, Json]:
        """Return what runs, as JSON."""
        return {
            "kind": self.kind,
            "file": self.file,
            "image": self.image,
            "command": [item_to_json(item) for item in self.command],
            "args": [item_to_json(item) for item in self.args],
            "env": {name: item_to_json(word) for name, word in self.env.items()},
            "workdir": self.workdir,
            "outputs": [place.order() for place in self.outputs],
            "network": self.network,
        }


@dataclass(frozen=True, slots=True)
class PipelineImplementation:
    """Another pipeline, whose steps take the place of the step before anything runs: nothing ever runs this itself.

    Attributes:
        file: Absolute path of the source.
        code: Digest of its text.
    """

    file: str
    code: str
    preload: tuple[str, ...] = ()
    kind: str = field(default="pipeline", init=False)

    def order(self) -> dict[str, Json]:
        """Return what it is, as JSON."""
        return {"kind": self.kind, "file": self.file}


Implementation = (
    FunctionImplementation
    | NotebookImplementation
    | ScriptImplementation
    | ContainerImplementation
    | PipelineImplementation
)
"""How a component is run, told apart by ``kind``."""


@dataclass(frozen=True, slots=True)
class ComponentSpec:
    """A reusable unit: typed parameters, typed ports, one implementation."""

    name: ComponentName
    implementation: Implementation
    version: str = "0"
    title: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    licence: str = ""
    authors: tuple[str, ...] = ()
    params: Mapping[ParamName, ParamSpec] = field(default_factory=dict)
    inputs: Mapping[PortName, PortSpec] = field(default_factory=dict)
    outputs: Mapping[PortName, PortSpec] = field(default_factory=dict)
    requirements: tuple[str, ...] = ()
    resources: Resources = Resources()
    isolation: Isolation = Isolation.FORK
    cache: bool = True

    @property
    def category(self) -> str:
        """The part before the slash; empty for a component in a file beside the pipeline."""
        head, slash, _ = self.name.partition("/")
        return head if slash and not self.name.startswith(".") else ""
