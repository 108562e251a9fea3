"""Nodes under ``inputs:`` and ``outputs:``: the ports that a pipeline has as a step of another, and these two as text."""

from __future__ import annotations

import re

from assay.errors import bounded
from assay.ids import PortName, StepName
from assay.model.artifacts import ArtifactType, Json, PortType
from assay.model.codec.nodes import MapNode, Node, ScalarNode
from assay.model.codec.reading import Reading
from assay.model.codec.templates import PORT
from assay.model.component import PortSpec
from assay.model.pipeline import PipelineOutput, PortRef

_INPUT_KEYS = ("type", "optional", "help")
_OUTPUT_KEYS = ("from", "help")
_TYPES = [str(kind) for kind in ArtifactType if kind is not ArtifactType.VALUE]
_LIST = re.compile(r"list\[(\w+)\]")


def read_inputs(reading: Reading, node: Node | None) -> dict[PortName, PortSpec]:
    """Return the inputs of a pipeline: ``images: {type: Images, optional: true}``, or short, ``images: Images``."""
    inputs: dict[PortName, PortSpec] = {}
    for text, key, value in reading.map(node, "a map of inputs: 'name: Images'") or ():
        with reading.at(text):
            name = PortName(reading.name(key, "port"))
            body = value if isinstance(value, MapNode) else None
            if body is None:
                inputs[name] = PortSpec(name, _read_type(reading, value))
                continue
            reading.leftovers(body, _INPUT_KEYS, "an input")
            if body.get("type") is None:
                reading.missing(body, "type", "the input does not say what it takes", "add 'type: Images'")
            with reading.at("type"):
                kind = _read_type(reading, body.get("type"))
            with reading.at("optional"):
                optional = reading.boolean(body.get("optional")) or False
            with reading.at("help"):
                help_text = reading.words(body.get("help")) or ""
            inputs[name] = PortSpec(name, kind, optional, help_text)
    return inputs


def read_outputs(reading: Reading, node: Node | None) -> dict[PortName, PipelineOutput]:
    """Return the outputs of a pipeline: ``model: {from: train.model, help: …}``, or short, ``model: train.model``."""
    outputs: dict[PortName, PipelineOutput] = {}
    for text, key, value in reading.map(node, "a map of outputs: 'name: step.port'") or ():
        with reading.at(text):
            name = PortName(reading.name(key, "port"))
            source: Node | None = value
            help_text = ""
            if isinstance(value, MapNode):
                reading.leftovers(value, _OUTPUT_KEYS, "an output")
                source = value.get("from")
                if source is None:
                    reading.missing(
                        value, "from", "the output does not say where it comes from", "add 'from: step.port'"
                    )
                with reading.at("help"):
                    help_text = reading.words(value.get("help")) or ""
            ref = _read_from(reading, source) if source is not None else None
            if ref is not None:
                outputs[name] = PipelineOutput(ref, help_text)
    return outputs


def _read_type(reading: Reading, node: Node | None) -> PortType:
    many = _LIST.fullmatch(node.text) if isinstance(node, ScalarNode) else None
    if many is not None and many[1] in _TYPES:
        return PortType(ArtifactType(many[1]), many=True)
    word = reading.choice(node, _TYPES, "a type of artifact")
    return PortType(ArtifactType(word) if word in _TYPES else ArtifactType.FILE)


def _read_from(reading: Reading, node: Node) -> PortRef | None:
    text = reading.string(node, "'step.port'")
    match = PORT.fullmatch(text) if text is not None else None
    if match is not None:
        return PortRef(StepName(match[1]), PortName(match[2]))
    if text is not None:
        message = f"{bounded(text, 60)!r} is not an output of a step"
        reading.problems.add("bad-source", message, at=node.start, culprit=text, hint="write 'step.port'")
    return None


def input_json(port: PortSpec) -> Json:
    """Return an input as it stands under its name."""
    if not port.optional and not port.help:
        return str(port.type)
    body: dict[str, Json] = {"type": str(port.type)}
    if port.optional:
        body["optional"] = True
    return body | ({"help": port.help} if port.help else {})


def output_json(output: PipelineOutput) -> Json:
    """Return an output as it stands under its name."""
    return {"from": str(output.source), "help": output.help} if output.help else str(output.source)
