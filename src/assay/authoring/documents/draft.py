"""A container component while it is read: what all kinds of descriptions have in common."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field, replace

from assay.authoring.documents.text import Text
from assay.authoring.interface import OUTPUT_SUFFIXES
from assay.authoring.reading import Reading
from assay.errors import Severity, did_you_mean
from assay.ids import NAME, ComponentName, ParamName, PortName
from assay.model.artifacts import FACTS, ArtifactType
from assay.model.codec.nodes import Node, ScalarNode
from assay.model.command import Item, Role, Slot, Word, slots
from assay.model.component import (
    ComponentSpec,
    ContainerImplementation,
    Missing,
    OutputPlace,
    ParamSpec,
    PortSpec,
    Resources,
)
from assay.model.params import ParamError, conform

_IMAGE = re.compile(
    r"(?:[A-Za-z0-9][A-Za-z0-9.-]*(?::\d+)?/)?[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*"
    r"(?:/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*(?::\w[\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(slots=True)
class Draft:
    """The parts of a container component, in the order in which they are found.

    Attributes:
        nodes: Role and name to where a placeholder of theirs stands first.
    """

    text: Text
    title: str = ""
    description: str = ""
    version: str = "0"
    tags: tuple[str, ...] = ()
    licence: str = ""
    authors: tuple[str, ...] = ()
    image: str = ""
    image_node: Node | None = None
    command: list[Item] = field(default_factory=list)
    args: list[Item] = field(default_factory=list)
    env: dict[str, Word] = field(default_factory=dict)
    workdir: str = ""
    network: bool = False
    cache: bool = True
    resources: Resources = field(default_factory=Resources)
    params: dict[ParamName, ParamSpec] = field(default_factory=dict)
    inputs: dict[PortName, PortSpec] = field(default_factory=dict)
    outputs: dict[PortName, PortSpec] = field(default_factory=dict)
    places: dict[PortName, OutputPlace] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)
    _declared: dict[PortName, Node] = field(default_factory=dict)

    def param(self, spec: ParamSpec, node: Node, *, checked: bool = False) -> None:
        """Take in a parameter; its default is held to its own rules.

        Args:
            checked: Whether name and default have been looked at already.
        """
        if not self._free(spec.name, node, checked=checked):
            return
        if not checked and spec.default is not None and not isinstance(spec.default, Missing):
            try:
                spec = replace(spec, default=conform(spec, spec.default))
            except ParamError as error:
                self.text.error("bad-default", f"the default does not fit: {error.message}", node, spec.name)
        self.params[spec.name] = spec

    def input(self, spec: PortSpec, node: Node) -> None:
        """Take in an input port."""
        if self._free(spec.name, node):
            self.inputs[spec.name] = spec

    def output(self, spec: PortSpec, place: OutputPlace, node: Node) -> None:
        """Take in an output port; without an ending of its own its file gets that of its type."""
        kind = spec.type.artifact
        if not NAME.fullmatch(spec.name):
            self._illegal(spec.name, node)
        elif spec.name in self.outputs:
            self.text.error("duplicate-port", f"{spec.name!r} is a second output of that name", node, spec.name)
        else:
            value = kind is ArtifactType.VALUE
            own = ".json" if value else place.suffix or OUTPUT_SUFFIXES.get(kind, "")
            suffix = "" if not value and FACTS[kind].folder else own
            self.outputs[spec.name] = spec
            self.places[spec.name] = replace(place, suffix=suffix)
            self._declared[spec.name] = node

    def _free(self, name: str, node: Node, *, checked: bool = False) -> bool:
        if not checked and not NAME.fullmatch(name):
            self._illegal(name, node)
            return False
        if name in self.params or name in self.inputs:
            message = f"{name!r} is a second input or parameter of that name"
            self.text.error("duplicate-port", message, node, name, "give it another name")
            return False
        return True

    def _illegal(self, name: str, node: Node) -> None:
        hint = "use letters a-z, digits and underscores, at most 63"
        self.text.error("illegal-name", f"{name!r} is no name for a parameter or port", node, name, hint)

    def slot(self, role: Role, name: str, node: ScalarNode, written: str, template: Slot | None = None) -> Slot | None:
        """Return the placeholder of a declared parameter or port; a fault for one that is not declared."""
        known = [*(self.params if role is Role.PARAM else self.inputs if role is Role.INPUT else self.outputs)]
        if name in known:
            self.nodes.setdefault(f"{role} {name}", node)
            return replace(template or Slot(role, name), role=role, port=name)
        what = {Role.PARAM: "parameter", Role.INPUT: "input", Role.OUTPUT: "output"}[role]
        hint = did_you_mean(name, known) or (f"declared: {', '.join(known)}" if known else f"no {what} is declared")
        self.text.error_inside("unknown-placeholder", f"there is no {what} {name!r}", node, written, hint)
        return None

    def variable(self, name: str, word: Word | None, node: Node) -> None:
        """Take in a variable of the environment."""
        if not _VARIABLE.fullmatch(name):
            self.text.error("bad-variable", f"{name!r} is no name of an environment variable", node, name)
        elif word is not None:
            self.env[name] = word

    def finish(self, name: str, way: str, missing_image: str) -> Reading:
        """Return the component, or all that is wrong with it.

        Args:
            way: Where a title could stand, for the warning that there is none.
            missing_image: Where an image would be named.
        """
        root = self.text.root
        if root is not None:
            self._check_image(root, missing_image)
            self._check_secrets()
            self._check_outputs()
            if not self.title:
                message = f"{self.text.file.name} says nowhere what it does"
                self.text.warning("no-description", message, root, self.text.file.name, f"write {way}")
                self.title = self.text.file.name.partition(".")[0].replace("_", " ").replace("-", " ").capitalize()
        faults = tuple(
            sorted(
                self.text.faults,
                key=lambda fault: (fault.location.line, fault.location.column) if fault.location else (0, 0),
            )
        )
        broken = root is None or any(fault.severity is Severity.ERROR for fault in faults)
        return Reading(() if broken else (self._spec(name),), faults)

    def _check_image(self, root: Node, missing: str) -> None:
        node = self.image_node or root
        if not self.image:
            self.text.error("no-image", "no container image is named", node, "", missing)
        elif not _IMAGE.fullmatch(self.image):
            hint = "write it as registry/name:tag or name@sha256:…, in small letters"
            self.text.error("bad-image", f"{self.image!r} is no name of an image", node, self.image, hint)

    def _check_secrets(self) -> None:
        for slot in slots((*self.command, *self.args)):
            if slot.role is Role.PARAM and self.params[ParamName(slot.port)].secret:
                message = f"secret parameter {slot.port!r} stands in the command, which others on the machine can read"
                node = self.nodes[f"{slot.role} {slot.port}"]
                self.text.error("secret-in-command", message, node, slot.port, "hand it over by a variable, under env")

    def _check_outputs(self) -> None:
        written = {
            slot.port for slot in slots((*self.command, *self.args, *self.env.values())) if slot.role is Role.OUTPUT
        }
        for name, place in self.places.items():
            if name not in written and not (place.glob or place.path or place.stdout):
                message = f"nothing tells the command where to write output {name!r}"
                hint = f"put {{{{outputs.{name}}}}} into args or env"
                self.text.error("unwritten-output", message, self._declared[name], name, hint)

    def _spec(self, name: str) -> ComponentSpec:
        code = ContainerImplementation(
            str(self.text.file),
            "",
            self.image,
            tuple(self.command),
            tuple(self.args),
            self.env,
            self.workdir,
            tuple(self.places.values()),
            network=self.network,
        )
        order = {key: value for key, value in code.order().items() if key != "file"}
        types = [f"{port.name} {port.type}" for port in (*self.inputs.values(), *self.outputs.values())]
        digest = hashlib.sha256(json.dumps([order, types], sort_keys=True).encode()).hexdigest()
        return ComponentSpec(
            name=ComponentName(name),
            implementation=replace(code, code=digest),
            version=self.version,
            title=self.title,
            description=self.description,
            tags=self.tags,
            licence=self.licence,
            authors=self.authors,
            params=self.params,
            inputs=self.inputs,
            outputs=self.outputs,
            resources=self.resources,
            cache=self.cache,
        )
