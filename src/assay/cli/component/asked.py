"""``--input port:Type``, ``--output port:Type`` and ``--param name:type=default``: words to ports and parameters, all faults at once."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assay.authoring.decorator import NAME
from assay.errors import AssayError, Fault, InvalidDocument, NotFound, did_you_mean
from assay.ids import ParamName, PortName
from assay.model.artifacts import ArtifactType, Json, PortType
from assay.model.component import MISSING, Missing, ParamSpec, ParamType, PortSpec
from assay.model.params import parse_text

_ARTIFACTS = {str(kind): kind for kind in ArtifactType if kind is not ArtifactType.VALUE}
_VALUES = {"int": "int", "float": "float", "str": "str", "bool": "bool"}
_PARAMS = {**{str(kind): kind for kind in ParamType if kind is not ParamType.MAP}, "Path": ParamType.PATH}
"""A map has no default that can be written in a signature: it is added by hand, as ``Mapping[str, X] | None = None``."""
_TAKEN = frozenset({"step", "component"})
"""Names that the scaffold itself needs."""


@dataclass(frozen=True, slots=True)
class Result:
    """An output port: of an artifact class, or (``value``) a JSON value."""

    port: PortSpec
    value: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a new component is to be.

    Attributes:
        name: ``category/name``.
    """

    name: str
    inputs: tuple[PortSpec, ...]
    outputs: tuple[Result, ...]
    params: tuple[ParamSpec, ...]

    @property
    def function(self) -> str:
        """The name of its function and its file."""
        return self.name.partition("/")[2].replace("-", "_")


_DEFAULT = (("table:Dataset",), ("dataset:Dataset",), ("limit:float=0.5",))


_KINDS = ("function",)


def check_kind(kind: str) -> None:
    """Refuse a kind of component that there is no scaffold for; raises ``NotFound``."""
    if kind not in _KINDS:
        hint = did_you_mean(kind, _KINDS) or f"there is {', '.join(_KINDS)}"
        raise NotFound(f"no component is written as {kind!r}", culprit=kind, hint=hint)


def parse_asked(name: str, inputs: Sequence[str], outputs: Sequence[str], params: Sequence[str]) -> Asked:
    """Return what a new component is to be; with no port and no parameter named, a table in, a table out and a number.

    Raises:
        InvalidDocument: With every word that cannot be.
    """
    if not (inputs or outputs or params):
        inputs, outputs, params = _DEFAULT
    parser = _Parser()
    parser.check_name(name)
    asked = Asked(
        name,
        tuple(filter(None, map(parser.input, inputs))),
        tuple(filter(None, map(parser.output, outputs))),
        tuple(filter(None, map(parser.param, params))),
    )
    if parser.faults:
        raise InvalidDocument(parser.faults, what="command line")
    return asked


class _Parser:
    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._given: set[str] = set()
        self._made: set[str] = set()

    def check_name(self, name: str) -> None:
        function = name.partition("/")[2].replace("-", "_")
        if not NAME.fullmatch(name):
            hint = "write category/name in small letters, digits and single dashes, such as filter/drop-empty"
            self._fault("illegal-name", f"{name!r} is not the name of a component", name, hint)
        elif keyword.iskeyword(function) or function in _TAKEN:
            self._fault("illegal-name", f"a function cannot be called {function!r}", name, "choose another name")

    def input(self, word: str) -> PortSpec | None:
        name, kind = self._split(word, "--input", "table:Dataset")
        if not self._legal(name, word, "--input", self._given):
            return None
        port = self._port_type(kind)
        if port is None:
            self._unknown(word, "--input", kind, _ARTIFACTS)
            return None
        return PortSpec(PortName(name), port)

    def output(self, word: str) -> Result | None:
        name, kind = self._split(word, "--output", "dataset:Dataset")
        if not self._legal(name, word, "--output", self._made):
            return None
        if kind in _VALUES:
            return Result(PortSpec(PortName(name), PortType(ArtifactType.VALUE)), kind)
        port = self._port_type(kind)
        if port is None:
            self._unknown(word, "--output", kind, [*_ARTIFACTS, *_VALUES])
            return None
        return Result(PortSpec(PortName(name), port))

    def param(self, word: str) -> ParamSpec | None:
        head, equals, text = word.partition("=")
        name, kind = self._split(head, "--param", "limit:float=0.5")
        if not self._legal(name, word, "--param", self._given):
            return None
        outer, _, inner = kind.partition("[")
        items = _PARAMS.get(inner.removesuffix("]")) if inner else None
        if outer not in _PARAMS or (inner and (items is None or outer != "list" or not inner.endswith("]"))):
            self._unknown(word, "--param", kind, _PARAMS)
            return None
        spec = ParamSpec(ParamName(name), _PARAMS[outer], items)
        return ParamSpec(spec.name, spec.type, items, self._default(spec, word, text) if equals else MISSING)

    def _default(self, spec: ParamSpec, word: str, text: str) -> Json | Missing:
        try:
            return parse_text(spec, text)
        except AssayError as error:
            self._fault(error.code, f"--param {word}: {error.message}", text, error.hint)
            return MISSING

    def _port_type(self, kind: str) -> PortType | None:
        inner = kind.removeprefix("list[").removesuffix("]") if kind.startswith("list[") else kind
        return PortType(_ARTIFACTS[inner], many=inner != kind) if inner in _ARTIFACTS else None

    def _split(self, word: str, option: str, example: str) -> tuple[str, str]:
        name, colon, kind = word.partition(":")
        if not colon or not kind:
            self._fault("usage", f"{option} {word} is not name:Type", word, f"such as {option} {example}")
            return "", ""
        return name, kind

    def _legal(self, name: str, word: str, option: str, taken: set[str]) -> bool:
        if not name:
            return False
        if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("_") or name in _TAKEN | {"assay"}:
            self._fault("illegal-name", f"{option} {word}: {name!r} cannot be a name here", name, "use letters a-z")
            return False
        if name in taken:
            self._fault("usage", f"{option} {word}: {name!r} is named twice", name)
            return False
        taken.add(name)
        return True

    def _unknown(self, word: str, option: str, kind: str, known: Iterable[str]) -> None:
        names = list(known)
        hint = did_you_mean(kind, names) or f"there are {', '.join(names)}"
        self._fault("unknown-type", f"{option} {word}: there is no type {kind!r}", kind, hint)

    def _fault(self, code: str, message: str, culprit: str, hint: str = "") -> None:
        self.faults.append(Fault(code, message, culprit, hint=hint))
