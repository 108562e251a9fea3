"""``-p name=value``: words of the command line to parameters, all faults at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assay.check import check_params
from assay.errors import AssayError, Fault, InvalidDocument
from assay.ids import ParamName
from assay.model.artifacts import Json
from assay.model.params import parse_text
from assay.model.pipeline import Pipeline


def parse_given(pipeline: Pipeline, words: Sequence[str]) -> dict[ParamName, Json]:
    """Return a value for every parameter of ``pipeline``: the given ones, and defaults for the others.

    Raises:
        InvalidDocument: With a fault for every word without ``=``, name given twice, unknown name, value that does not fit, and
            parameter that is required and missing.
    """
    faults: list[Fault] = []
    texts: dict[str, str] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals or not name:
            faults.append(Fault("bad-param", f"-p {word} is not name=value", word, hint=_example(pipeline)))
        elif name in texts:
            faults.append(Fault("bad-param", f"parameter {name!r} is given twice", name))
        else:
            texts[name] = text
    values, unfit = _parse_texts(pipeline, texts)
    complete, found = check_params(pipeline, values)
    unfit_names = {fault.culprit for fault in unfit}
    faults += unfit + [fault for fault in found if fault.culprit not in unfit_names]
    if faults:
        raise InvalidDocument(faults, what="command line")
    return complete


def _parse_texts(pipeline: Pipeline, texts: Mapping[str, str]) -> tuple[dict[str, Json], list[Fault]]:
    values: dict[str, Json] = {}
    faults: list[Fault] = []
    for name, text in texts.items():
        spec = pipeline.params.get(ParamName(name))
        if spec is None:
            values[name] = text
            continue
        try:
            values[name] = parse_text(spec, text)
        except AssayError as error:
            faults.append(Fault(error.code, f"-p {name}: {error.message}", name, hint=error.hint))
    return values, faults


def _example(pipeline: Pipeline) -> str:
    for name in pipeline.params:
        return f"such as -p {name}=…"
    return "this pipeline has no parameters"
