"""Pipelines in Python, for people who prefer code: the same model as the file's, which ``dump`` writes as text.

>>> from assay.model.builder import PipelineBuilder
>>> p = PipelineBuilder("covid-ct")
>>> epochs = p.param("epochs", int, default=8, min=1)
>>> scans = p.step("scans", "input/ct-phantom", patients=240, seed=7)
>>> split = p.step("split", "transform/split-by-patient", images=scans.images)
>>> train = p.step("train", "train/image-classifier", train=split.train, epochs=epochs)
>>> train = train.retry(2, delay="10s").resources(cpu=2, memory="4Gi").when("split.patients > 20")
>>> list(p.build().steps)
['scans', 'split', 'train']
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from assay.errors import AssayError
from assay.ids import NAME, RESERVED_STEP_NAMES, ParamName, PortName, StepName
from assay.model.artifacts import Json
from assay.model.codec.templates import joined_list, joined_map
from assay.model.component import MISSING, Isolation, Missing, ParamSpec, ParamType
from assay.model.expression import parse_expression
from assay.model.params import conform
from assay.model.pipeline import (
    FileItems,
    Foreach,
    ItemRef,
    ListItems,
    Literal,
    ParamRef,
    Pipeline,
    PortRef,
    ResourceRequest,
    Retry,
    Source,
    Step,
    Template,
)
from assay.model.quantities import parse_duration, parse_memory

_TYPES: dict[type, ParamType] = {
    int: ParamType.INT,
    float: ParamType.FLOAT,
    str: ParamType.STR,
    bool: ParamType.BOOL,
    list: ParamType.LIST,
    dict: ParamType.MAP,
}


class BuilderError(AssayError):
    """A pipeline cannot be built so."""

    code = "builder"


@dataclass(frozen=True, slots=True)
class Value:
    """What fills in a parameter when the step starts: stands under ``with:``."""

    ref: PortRef | ParamRef | ItemRef


@dataclass(frozen=True, slots=True)
class Port:
    """What carries an artifact: stands under ``in:``. ``port.value`` reads a Value port for a parameter."""

    ref: Source

    @property
    def value(self) -> Value:
        """The JSON value of a Value port, for a parameter or ``foreach``."""
        return Value(self.ref)


ITEM = Value(ItemRef())
"""The element of a ``foreach`` step, for a parameter: ``$item``."""

ITEM_FILE = Port(ItemRef())
"""The file of a ``foreach`` step over files, for an input."""


def item_key(key: str) -> Value:
    """Return a field of the element, or ``name``, ``stem``, ``suffix`` of its file: ``$item.key``."""
    return Value(ItemRef(key))


class StepBuilder:
    """A step that is being built. ``step.images`` (or ``step["images"]``) is its output port; methods add what the file's keys say."""

    def __init__(self, steps: dict[StepName, Step], name: StepName) -> None:
        self._steps = steps
        self._name = name

    def __str__(self) -> str:
        return self._name

    def __getattr__(self, port: str) -> Port:
        if port.startswith("_"):
            raise AttributeError(port)
        return self[port]

    def __getitem__(self, port: str) -> Port:
        return Port(PortRef(self._name, PortName(_named(port, "port"))))

    def titled(self, title: str) -> Self:
        """Say what the canvas shows."""
        return self._with(title=title)

    def when(self, condition: str) -> Self:
        """Run only when the expression is true (``if:``); raises ``ExpressionError``."""
        return self._with(condition=parse_expression(condition))

    def after(self, *steps: StepBuilder) -> Self:
        """Wait for steps without taking anything from them."""
        return self._with(after=(*self._now.after, *(StepName(str(step)) for step in steps)))

    def foreach(self, items: Sequence[Any] | Value, *, parallel: int | None = None) -> Self:
        """Map over a list, a list parameter of the pipeline, or a Value port."""
        return self._with(foreach=Foreach(ListItems(template(items)), parallel))

    def foreach_file(self, folder: str | Port | Value, pattern: str = "*", *, parallel: int | None = None) -> Self:
        """Map over the files of a folder: a path, a folder port, or a path parameter of the pipeline."""
        over = folder if isinstance(folder, str) else folder.ref
        if isinstance(over, ItemRef):
            raise BuilderError("'foreach' cannot go over its own element", culprit="$item")
        return self._with(foreach=Foreach(FileItems(over, pattern), parallel))

    def retry(self, limit: int, *, delay: str | float = 1.0, backoff: float = 2.0) -> Self:
        """Run again after a failure, at most ``limit`` more times."""
        return self._with(retry=Retry(limit, parse_duration(delay), backoff))

    def timeout(self, duration: str | float) -> Self:
        """End an attempt that takes longer: ``"30m"`` or seconds."""
        return self._with(timeout=parse_duration(duration))

    def resources(self, *, cpu: float | None = None, memory: str | int | None = None, gpu: int | None = None) -> Self:
        """Ask for cores, memory (``"4Gi"`` or bytes) and accelerators."""
        size = None if memory is None else parse_memory(memory)
        return self._with(resources=ResourceRequest(None if cpu is None else float(cpu), size, gpu))

    def cached(self, *, cache: bool = True) -> Self:
        """Say whether an earlier execution of the same content may be taken."""
        return self._with(cache=cache)

    def isolated(self, isolation: Isolation) -> Self:
        """Say how the step's process is made."""
        return self._with(isolation=isolation)

    def env(self, **variables: str) -> Self:
        """Set environment variables."""
        return self._with(env={**self._now.env, **variables})

    def secrets(self, **names: str) -> Self:
        """Bind environment variables or secret parameters to secrets, by name."""
        return self._with(secrets={**self._now.secrets, **names})

    def image(self, image: str) -> Self:
        """Run in a container image."""
        return self._with(image=image)

    @property
    def _now(self) -> Step:
        return self._steps[self._name]

    def _with(self, **changes: Any) -> Self:
        self._steps[self._name] = replace(self._now, **changes)
        return self


class PipelineBuilder:
    """Collects steps and parameters; ``build`` gives the model. Raises ``BuilderError`` for names that are taken or not legal."""

    def __init__(self, name: str, description: str = "") -> None:
        self._name = name
        self._description = description
        self._params: dict[ParamName, ParamSpec] = {}
        self._steps: dict[StepName, Step] = {}
        self._final: dict[StepName, Step] = {}

    def param(
        self,
        name: str,
        type: type | ParamType,  # noqa: A002  (what the file calls it)
        *,
        default: Json | Missing = MISSING,
        min: float | None = None,  # noqa: A002
        max: float | None = None,  # noqa: A002
        choices: Sequence[Json] = (),
        help: str = "",  # noqa: A002
        unit: str = "",
        items: ParamType | None = None,
        nullable: bool = False,
    ) -> Value:
        """Declare a parameter of the pipeline and return it, to be given to steps."""
        kind = type if isinstance(type, ParamType) else _TYPES.get(type)
        if kind is None:
            raise BuilderError(
                f"{type!r} is not a type of parameter",
                culprit=str(type),
                hint="use int, float, str, bool, list or dict",
            )
        key = ParamName(_named(name, "parameter"))
        if key in self._params:
            raise BuilderError(f"parameter {name!r} is declared twice", culprit=name)
        spec = ParamSpec(key, kind, items, default, nullable, min, max, tuple(choices), unit, help)
        self._params[key] = spec if isinstance(default, Missing) else replace(spec, default=conform(spec, default))
        return Value(ParamRef(key))

    def step(self, name: str, use: str, /, **given: Any) -> StepBuilder:
        """Add a step. What is given by keyword is told apart by its kind.

        Ports (``split.train``, ``ITEM_FILE``) and lists of them are inputs; values (``epochs``, ``split.patients.value``, ``ITEM``) and
        everything else are parameters.
        """
        return self._add(self._steps, name, use, given)

    def final(self, name: str, use: str, /, **given: Any) -> StepBuilder:
        """Add a step that runs at the end of every run (``finally:``)."""
        return self._add(self._final, name, use, given)

    def build(self) -> Pipeline:
        """Return the model."""
        return Pipeline(
            self._name,
            dict(self._steps),
            self._description,
            dict(self._params),
            dict(self._final),
        )

    def _add(self, steps: dict[StepName, Step], name: str, use: str, given: Mapping[str, Any]) -> StepBuilder:
        key = StepName(_named(name, "step"))
        if key in self._steps or key in self._final or key in RESERVED_STEP_NAMES:
            raise BuilderError(f"a step cannot be called {name!r}: the name is taken", culprit=name)
        inputs: dict[PortName, tuple[Source, ...]] = {}
        params: dict[ParamName, Template] = {}
        for word, value in given.items():
            sources = _sources(value)
            if sources:
                inputs[PortName(word)] = sources
            else:
                params[ParamName(word)] = template(value)
        steps[key] = Step(key, use, inputs, params)
        return StepBuilder(steps, key)


def _sources(value: Any) -> tuple[Source, ...]:
    if isinstance(value, Port):
        return (value.ref,)
    if isinstance(value, list | tuple) and value and all(isinstance(item, Port) for item in value):
        return tuple(item.ref for item in value)
    return ()


def template(value: Any) -> Template:
    """Return the template of a Python value that may hold ``Value`` handles; raises ``BuilderError`` for what JSON cannot hold."""
    match value:
        case Value(ref):
            return ref
        case Port():
            raise BuilderError(
                "a port cannot stand inside a parameter", culprit=str(value.ref), hint="take its '.value'"
            )
        case None | bool() | int() | float() | str():
            return Literal(value)
        case list() | tuple():
            return joined_list([template(item) for item in value])
        case dict():
            return joined_map([(str(key), template(item)) for key, item in value.items()])
        case _:
            raise BuilderError(f"a parameter cannot hold {type(value).__name__}", culprit=repr(value)[:80])


def _named(name: str, what: str) -> str:
    if not NAME.fullmatch(name):
        raise BuilderError(f"{name!r} is not a name for a {what}", culprit=name)
    return name
