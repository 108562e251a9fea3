"""From everything that a notebook or script mentions to its parameters, its ports and the variables that carry them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from assay.authoring.mention import Mention, Stated
from assay.errors import Fault, Location, Severity, bounded
from assay.ids import NAME, ParamName, PortName
from assay.model.artifacts import FACTS, ArtifactType, Json, PortType
from assay.model.command import Role
from assay.model.component import MISSING, Form, Missing, ParamSpec, ParamType, PortSpec, Variable
from assay.model.params import ParamError, conform, type_of

_PREFIXES = {"input_": Role.INPUT, "output_": Role.OUTPUT}
_SECRETS = ("password", "passwd", "token", "secret", "api_key", "apikey", "access_key")
OUTPUT_SUFFIXES = {
    ArtifactType.DATASET: ".csv",
    ArtifactType.PREDICTIONS: ".csv",
    ArtifactType.METRICS: ".json",
    ArtifactType.EVIDENCE: ".json",
    ArtifactType.VERDICT: ".json",
    ArtifactType.REPORT: ".html",
}
"""Endings of output files that say nothing of theirs."""
_FOLDER_WORDS = ("folder", "dir", "directory")
NOTEBOOK_PORT = PortName("notebook")
"""The output port of every notebook: the notebook as it ran."""


@dataclass(slots=True)
class Interface:
    """Parameters, ports and variables, and what is wrong with them."""

    params: dict[ParamName, ParamSpec] = field(default_factory=dict)
    inputs: dict[PortName, PortSpec] = field(default_factory=dict)
    outputs: dict[PortName, PortSpec] = field(default_factory=dict)
    variables: list[Variable] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def error(self, code: str, message: str, place: Location, culprit: str, hint: str = "") -> None:
        """Note an error."""
        self.faults.append(Fault(code, message, culprit, place, hint))

    def warning(self, code: str, message: str, place: Location, culprit: str, hint: str = "") -> None:
        """Note a warning."""
        self.faults.append(Fault(code, message, culprit, place, hint, Severity.WARNING))

    def digest_texts(self) -> list[str]:
        """Return what of the interface the code does not say: types and ways that stand in comments."""
        ports = [f"{name} {port.type}" for name, port in (*self.inputs.items(), *self.outputs.items())]
        return [*ports, *(repr(sorted(variable.order().items())) for variable in self.variables)]


def build(mentions: Iterable[Mention], *, notebook: bool = False) -> Interface:
    """Return the interface that ``mentions`` make together, in their order; comments add to what the code says."""
    interface = Interface()
    groups: dict[str, list[Mention]] = {}
    for mention in sorted(mentions, key=lambda mention: mention.comment):
        groups.setdefault(mention.name, []).append(mention)
    for name, group in groups.items():
        merged = _merge(group, interface)
        if not NAME.fullmatch(name):
            hint = "use letters a-z, digits and underscores, at most 63"
            interface.error("illegal-name", f"{name!r} is no name for a parameter or port", merged.location, name, hint)
            continue
        match _role(merged):
            case Role.PARAM:
                _param(merged, interface)
                _other_ways(group, merged, interface)
            case role:
                _port(merged, role, interface, notebook=notebook)
    return interface


def _merge(group: list[Mention], interface: Interface) -> Mention:
    merged = group[0]
    for other in group[1:]:
        if MISSING not in (merged.default, other.default) and not _same(merged.default, other.default):
            message = f"{other.name!r} has the default {_cut(other.default)} here and {_cut(merged.default)} in {merged.location}"
            interface.error("two-defaults", message, other.location, other.name, "write one default, once")
        better = merged if merged.type is not None or other.type is None else other
        same_read = other.comment or merged.default is not MISSING
        merged = replace(
            better,
            location=merged.location,
            default=merged.default if merged.default is not MISSING else other.default,
            own_default=merged.own_default and other.own_default,
            nullable=merged.nullable if same_read else other.nullable,
            help=merged.help or other.help,
            stated=merged.stated or other.stated,
            role=merged.role or other.role,
            form=merged.form if other.comment else better.form,
            false="" if "" in (merged.false, other.false) else better.false,
        )
    return merged


def _other_ways(group: list[Mention], merged: Mention, interface: Interface) -> None:
    """Hand a parameter over in both ways when the code both assigns it in the parameters cell and reads the environment."""
    spec = interface.params.get(ParamName(merged.name))
    other = next(
        (one for one in group if not one.comment and (one.form is Form.ASSIGN) != (merged.form is Form.ASSIGN)), None
    )
    if spec is not None and other is not None:
        interface.variables.append(_variable(other, spec.type, spec.default, merged.stated or Stated()))


def _cut(value: Json | Missing) -> str:
    return bounded(repr(value), 100)


def _same(one: Json | Missing, two: Json | Missing) -> bool:
    return str(one) == str(two)  # as texts: that is how the environment holds them


def _role(mention: Mention) -> Role:
    stated = mention.stated
    if mention.role is not None:
        return mention.role
    prefixed = next((role for prefix, role in _PREFIXES.items() if _is_prefixed(mention.name, prefix)), None)
    if stated is not None:
        if prefixed is Role.OUTPUT:
            return Role.OUTPUT
        artifact = stated.port is not None and stated.port.artifact is not ArtifactType.VALUE
        return Role.INPUT if artifact else Role.PARAM
    textual = mention.type in (None, ParamType.STR) and (mention.default in (MISSING, None) or _is_text(mention))
    holds_path = mention.form in (Form.TEXT, Form.ASSIGN, Form.OPTION) and not mention.choices
    return prefixed if prefixed is not None and textual and holds_path else Role.PARAM


def _is_prefixed(name: str, prefix: str) -> bool:
    return name.lower().startswith(prefix) and len(name) > len(prefix)


def _is_text(mention: Mention) -> bool:
    return isinstance(mention.default, str)


def _param(mention: Mention, interface: Interface) -> None:
    stated = mention.stated or Stated()
    default = mention.default
    kind = stated.param or mention.type or type_of(None if default is MISSING else default)
    named = kind is ParamType.STR and mention.name.lower().endswith(_SECRETS) and not mention.choices
    secret = stated.secret or mention.secret or named
    if stated.optional and default is MISSING:
        default = None
    if mention.own_default:
        message = (
            f"the default of {mention.name!r} cannot be read without running code: it is used when no value is given"
        )
        interface.warning("own-default", message, mention.location, mention.name, "write a literal to see it here")
        default = None
    if secret and default is not MISSING and default:
        message = f"parameter {mention.name!r} is secret, but its default is written here"
        interface.error("secret-default", message, mention.location, mention.name, "remove the default")
        return
    if secret and default == "":
        default = None
    spec = ParamSpec(
        ParamName(mention.name),
        kind,
        mention.items,
        nullable=mention.nullable or default is None,
        min=mention.least,
        max=mention.most,
        choices=mention.choices,
        help=mention.help,
        secret=secret,
    )
    if default is not MISSING:
        try:
            default = conform(replace(spec, nullable=True), default)
        except ParamError as error:
            interface.error("bad-default", f"the default does not fit: {error.message}", mention.location, mention.name)
            return
    interface.params[spec.name] = replace(spec, default=default)
    interface.variables.append(_variable(mention, kind, default, stated))
    uncast = mention.type is None and stated.param is None and mention.form is Form.TEXT
    if uncast and kind is not ParamType.STR:
        message = f"parameter {mention.name!r} has the default {_cut(default)}, but other values reach the code as text"
        hint = f"write {kind}(…) around it" if kind not in (ParamType.LIST, ParamType.MAP) else "write json.loads(…)"
        interface.warning("uncast", message, mention.location, mention.name, hint)


def _variable(mention: Mention, kind: ParamType, default: Json | Missing, stated: Stated) -> Variable:
    if mention.form.typed:
        asked = default is MISSING or not mention.option  # a positional argument left out would move those after it
        unset = None if isinstance(default, Missing) or asked else default
        return Variable(Role.PARAM, mention.name, mention.option, mention.form, mention.true, mention.false, unset)
    form, true, false, unset = mention.form, mention.true, mention.false, None
    uncast = mention.type is None and form is Form.TEXT
    if uncast and kind is ParamType.BOOL:
        false = "" if stated.param is None else false
    if uncast and stated.param is None and default is not MISSING and not isinstance(default, str):
        unset = default
    if form is Form.TEXT and kind in (ParamType.LIST, ParamType.MAP):
        form = Form.JSON
    return Variable(Role.PARAM, mention.name, mention.name, form, true, false, unset)


def _port(mention: Mention, role: Role, interface: Interface, *, notebook: bool) -> None:
    name = PortName(_short(mention.name, role))
    kind = _port_type(mention, role)
    ports = interface.inputs if role is Role.INPUT else interface.outputs
    if name in ports or (notebook and role is Role.OUTPUT and name == NOTEBOOK_PORT):
        message = f"{mention.name!r} is a second {role} {name!r}"
        if notebook and name == NOTEBOOK_PORT:
            message = f"the output {name!r} is the notebook as it ran"
        interface.error("duplicate-port", message, mention.location, mention.name, "give it another name")
        return
    stated = mention.stated or Stated()
    optional = stated.optional or (role is Role.INPUT and mention.default is None)
    ports[name] = PortSpec(name, kind, optional=optional, help=mention.help)
    many = kind.many and role is Role.INPUT  # the many files of an output are put into one folder
    form = Form.JSON if many and mention.form is Form.TEXT else mention.form
    suffix = _suffix(mention, kind.artifact) if role is Role.OUTPUT else ""
    called = mention.option if form.typed else mention.name
    interface.variables.append(Variable(role, name, called, form, suffix=suffix))


def _short(name: str, role: Role) -> str:
    prefix = f"{role}_"
    return name[len(prefix) :] if _is_prefixed(name, prefix) and NAME.fullmatch(name[len(prefix) :]) else name


def _port_type(mention: Mention, role: Role) -> PortType:
    stated = mention.stated or Stated()
    if stated.port is not None:
        return stated.port
    if stated.param is not None and role is Role.OUTPUT:
        return PortType(ArtifactType.VALUE)
    default = mention.default if isinstance(mention.default, str) else ""
    words = mention.name.lower().split("_")
    named = default.endswith("/") or any(word in _FOLDER_WORDS for word in words)
    return PortType(ArtifactType.FOLDER if named else ArtifactType.FILE)


def _suffix(mention: Mention, kind: ArtifactType) -> str:
    if kind is ArtifactType.VALUE:
        return ".json"
    if FACTS[kind].folder:
        return ""
    default = mention.default if isinstance(mention.default, str) else ""
    return os.path.splitext(default)[1] or OUTPUT_SUFFIXES.get(kind, "")
