"""A component that is a program in an image, as a container of a cluster: its own image, its own command."""

from __future__ import annotations

from assay.errors import Fault
from assay.exporters.cluster import INPUTS, OUTPUTS, secret_variables
from assay.exporters.exporter import Request
from assay.exporters.values import carried
from assay.model.artifacts import Json
from assay.model.command import Role, Slot, Word, slots, text_of_word, words
from assay.model.component import ContainerImplementation
from assay.runtime.loading import SECRET_PREFIX

Values = dict[tuple[Role, str], Json]


def foreign_container(request: Request, code: ContainerImplementation, faults: list[Fault]) -> dict[str, Json]:
    """Return the fields of a container that runs the command of a component with the values of the request.

    An input is the entry of its name in the folder of inputs. What a platform cannot do is a fault: a list of files that nobody
    knows before it runs, and an output that no placeholder names.
    """
    values: Values = {(Role.PARAM, str(name)): value for name, value in carried(request, faults).items()}
    for port in request.spec.inputs.values():
        if port.type.many:
            message = f"input port {port.name!r} takes a list of files, which a Job cannot put into a command"
            faults.append(
                Fault("no-list", message, str(port.name), hint="--to image and a component of Assay's own can")
            )
        elif not port.optional:
            values[Role.INPUT, str(port.name)] = f"{INPUTS}/{port.name}"
    named = {slot.port for slot in slots((*code.command, *code.args, *code.env.values())) if slot.role is Role.OUTPUT}
    for name in request.spec.outputs:
        values[Role.OUTPUT, str(name)] = f"{OUTPUTS}/{name}"
        if name not in named:
            message = f"no placeholder names the output {name!r}, so it would stay inside the container"
            faults.append(Fault("no-place", message, str(name), hint=f"write {{{{outputs.{name}}}}} into the command"))
    return {
        "image": request.image or code.image,
        **({"command": _escaped(words(code.command, values))} if code.command else {}),
        "args": _escaped(words(code.args, values)),
        "env": [*secret_variables(request), *_variables(request, code, values)],
        **({"workingDir": code.workdir} if code.workdir else {}),
    }


def _variables(request: Request, code: ContainerImplementation, values: Values) -> list[Json]:
    """Return the variables of the environment; a secret stands in one that the cluster fills, and these refer to it."""
    secrets = {str(param.name): f"$({SECRET_PREFIX}{param.name.upper()})" for param in request.secret_params}
    found: list[Json] = []
    for name, word in code.env.items():
        parts = [_part(part, secrets, values) for part in word.parts]
        if None not in parts:
            found.append({"name": name, "value": "".join(filter(None, parts))})
    return found


def _part(part: str | Slot, secrets: dict[str, str], values: Values) -> str | None:
    if isinstance(part, Slot) and part.port in secrets:
        return secrets[part.port]
    text = text_of_word(Word((part,)), values)
    return None if text is None else text.replace("$", "$$")


def _escaped(texts: list[str]) -> list[Json]:
    """Return texts in which the kubelet expands no ``$(NAME)``: every dollar is doubled."""
    return [text.replace("$", "$$") for text in texts]
