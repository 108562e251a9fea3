"""A function's parameters as input ports and parameters of the component."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace

from assay.authoring.annotations import ParamShape, PortShape, read_annotation
from assay.authoring.faults import Faults, shown
from assay.authoring.literal import NotLiteral, literal
from assay.authoring.source import FunctionNode, Source
from assay.errors import did_you_mean
from assay.ids import NAME, ParamName, PortName
from assay.model.artifacts import Json
from assay.model.component import MISSING, Missing, ParamSpec, ParamType, PathKind, PortSpec
from assay.model.params import ParamError, conform


class Signature:
    """The input ports and parameters of one function, read on construction.

    Args:
        explained: Parameter to its help in the docstring.
    """

    def __init__(self, node: FunctionNode, source: Source, faults: Faults, explained: Mapping[str, str]) -> None:
        self.inputs: dict[PortName, PortSpec] = {}
        self.params: dict[ParamName, ParamSpec] = {}
        self._source, self._faults, self._help = source, faults, explained
        self._refuse_shapes(node.args)
        arguments = list(_arguments(node.args))
        for argument, default in arguments:
            self._read(argument, default)
        for argument, _ in arguments:
            if argument.arg in self.params:
                self._check_picked(self.params[ParamName(argument.arg)], argument)

    def _refuse_shapes(self, arguments: ast.arguments) -> None:
        for star, argument in (("*", arguments.vararg), ("**", arguments.kwarg)):
            if argument is not None:
                text = f"{star}{argument.arg}"
                message = f"a component has no {text}: its ports and parameters are named one by one"
                self._faults.error("variadic", message, argument, culprit=text, hint="name each parameter")
        for argument in arguments.posonlyargs:
            message = f"parameter {argument.arg!r} is positional only, but a step passes everything by name"
            self._faults.error("positional-only", message, argument, culprit=argument.arg, hint="remove the '/'")

    def _read(self, argument: ast.arg, default: ast.expr | None) -> None:
        what = f"parameter {argument.arg!r}"
        if not NAME.fullmatch(argument.arg):
            hint = "use letters a-z, digits and underscores, at most 63"
            self._faults.error("illegal-name", f"{what} has an illegal name", argument, culprit=argument.arg, hint=hint)
            return
        if argument.annotation is None:
            hint = "write a type, such as ': int' or ': Images'"
            self._faults.error("unannotated", f"{what} has no type", argument, culprit=argument.arg, hint=hint)
            return
        shape = read_annotation(argument.annotation, self._source, self._faults, what)
        if isinstance(shape, PortShape):
            self._port(argument, shape, default)
        elif shape is not None:
            self._param(argument, shape, default)

    def _port(self, argument: ast.arg, shape: PortShape, default: ast.expr | None) -> None:
        name = PortName(argument.arg)
        empty = isinstance(default, ast.Constant) and default.value is None
        if default is not None and not empty:
            message = f"port {name!r} has the default {shown(default)}; a port's only default is None"
            self._faults.error("port-default", message, default, culprit=shown(default))
        elif empty and not shape.nullable:
            message = f"port {name!r} may be left out, but its type says nothing of None"
            self._faults.error(
                "port-default", message, argument, culprit=name, hint=f"write {shape.type} | None = None"
            )
        elif shape.nullable and default is None:
            message = f"port {name!r} may be None, but has no default"
            hint = f"write {shape.type} | None = None"
            self._faults.error("port-default", message, argument, culprit=name, hint=hint)
        self.inputs[name] = PortSpec(name, shape.type, optional=empty, help=self._help.get(name, ""))

    def _param(self, argument: ast.arg, shape: ParamShape, default: ast.expr | None) -> None:
        limits = dict(shape.limits)
        choices = limits.get("choices")
        spec = ParamSpec(
            ParamName(argument.arg),
            shape.type,
            items=shape.items,
            nullable=shape.nullable,
            min=_number(limits.get("min")),
            max=_number(limits.get("max")),
            choices=tuple(choices) if isinstance(choices, list) else shape.choices,
            unit=str(limits.get("unit", "")),
            help=self._help.get(argument.arg) or str(limits.get("help", "")),
            secret=limits.get("secret") is True,
            path=PathKind(str(limits.get("path", PathKind.ANY))),
            column_of=str(limits.get("column_of", "")),
        )
        self._check_limits(spec, argument)
        value = self._default(spec, default)
        self.params[spec.name] = replace(spec, default=value)

    def _check_limits(self, spec: ParamSpec, argument: ast.arg) -> None:
        what = f"parameter {spec.name!r}"
        if spec.min is not None and spec.max is not None and spec.min > spec.max:
            message = f"{what} has min {spec.min:g} above max {spec.max:g}"
            self._faults.error("empty-range", message, argument, culprit=spec.name, hint="swap them")
        if (spec.min is not None or spec.max is not None) and spec.type in _WITHOUT_RANGE:
            message = f"{what} is {spec.type}, which has no range"
            self._faults.error("bad-param", message, argument, culprit=spec.name, hint="remove min and max")
        if spec.secret and spec.type is not ParamType.STR:
            self._faults.error("bad-param", f"{what} is secret, so its type is str", argument, culprit=spec.name)
        bare = ParamSpec(spec.name, spec.type, items=spec.items)
        for choice in spec.choices:
            _, problem = _conformed(bare, [choice] if spec.type is ParamType.LIST else choice)
            if problem:
                self._faults.error("bad-param", f"{what} has a wrong choice: {problem}", argument, culprit=str(choice))

    def _check_picked(self, spec: ParamSpec, argument: ast.arg) -> None:
        what = f"parameter {spec.name!r}"
        if spec.path is not PathKind.ANY and ParamType.PATH not in (spec.type, spec.items):
            message = f"{what} is {spec.type}, but names a {spec.path}"
            self._faults.error("bad-param", message, argument, culprit=spec.name, hint="annotate Path")
        if not spec.column_of:
            return
        if spec.type is not ParamType.STR and (spec.type, spec.items) != (ParamType.LIST, ParamType.STR):
            message = f"{what} is {spec.type}, but names columns, which are texts"
            hint = "annotate str or Sequence[str]"
            self._faults.error("bad-param", message, argument, culprit=spec.name, hint=hint)
            return
        paths = [name for name, other in self.params.items() if other.type is ParamType.PATH]
        known = [*self.inputs, *paths]
        if spec.column_of not in known:
            message = f"{what} names a column of {spec.column_of!r}, which is no input port and no Path parameter"
            hint = did_you_mean(spec.column_of, known) or f"there are {', '.join(known) or 'none'}"
            self._faults.error("bad-param", message, argument, culprit=spec.column_of, hint=hint)

    def _default(self, spec: ParamSpec, node: ast.expr | None) -> Json | Missing:
        if node is None:
            return MISSING
        what = f"parameter {spec.name!r}"
        if isinstance(node, (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)):
            hint = "annotate Sequence[…] and default to a tuple, or default to None"
            self._faults.error("mutable-default", f"{what} has a mutable default", node, culprit=shown(node), hint=hint)
            return MISSING
        try:
            value = literal(node, self._source)
        except NotLiteral:
            hint = "write a literal, or a module constant that is one"
            message = f"{what} has a default that cannot be read without running code"
            self._faults.error("not-literal", message, node, culprit=shown(node), hint=hint)
            return MISSING
        if spec.secret and value:
            message = f"{what} is secret, but its default is written here"
            self._faults.error("secret-default", message, node, culprit=spec.name, hint="remove the default")
            return MISSING
        if value is None and not spec.nullable:
            hint = f"write {spec.type} | None = None"
            self._faults.error(
                "bad-default", f"{what} is not null, but its default is None", node, culprit="None", hint=hint
            )
            return MISSING
        value, problem = _conformed(spec, value)
        if problem:
            self._faults.error("bad-default", f"the default does not fit: {problem}", node, culprit=shown(node))
            return MISSING
        return value


_WITHOUT_RANGE = (ParamType.STR, ParamType.BOOL, ParamType.PATH)


def _arguments(arguments: ast.arguments) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    plain = [*arguments.posonlyargs, *arguments.args]
    missing = len(plain) - len(arguments.defaults)
    yield from zip(plain, [*[None] * missing, *arguments.defaults], strict=True)
    yield from zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)


def _conformed(spec: ParamSpec, value: Json) -> tuple[Json, str]:
    try:
        return conform(spec, value), ""
    except ParamError as error:
        return None, error.message


def _number(value: Json) -> float | None:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
