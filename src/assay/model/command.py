"""A command line with placeholders: words that become texts once the values of a step are known. Data, and one pure function.

A command is a list of words all the way to the kernel: no shell reads it, so that a value may hold any character.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from assay.model.artifacts import Json


class Role(enum.StrEnum):
    """What a variable or placeholder stands for."""

    PARAM = "param"
    INPUT = "input"
    OUTPUT = "output"
    CONTENT = "content"
    """The text in the file of an input; only in ``Values``, for placeholders that ask for it."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A placeholder: the value of a parameter, or the path of a port inside the container.

    Attributes:
        port: Name of the parameter or port.
        true: Text for true.
        false: Text for false.
        separator: What joins the elements of a list; empty writes it as JSON.
        content: Of an input, the text in its file in place of its path.
    """

    role: Role
    port: str
    true: str = "true"
    false: str = "false"
    separator: str = ""
    content: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """One word: texts and placeholders, joined. It is left out when one of its placeholders has no value."""

    parts: tuple[str | Slot, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Words that are there together, or not at all.

    Attributes:
        given: The placeholder that decides: they are there when it has a value. ``None``: they are there when all
            placeholders among them have one.
        truth: Whether ``False`` and an empty list count as no value of ``given``.
        otherwise: What is there in their place.
    """

    items: tuple[Item, ...]
    given: Slot | None = None
    otherwise: tuple[Item, ...] = ()
    truth: bool = True


@dataclass(frozen=True, slots=True)
class Each:
    """The elements of a list, or the paths of a port that takes many, each as a word of its own.

    Attributes:
        before: A word put before each; empty for none.
        joined: Whether ``before`` and the element are one word.
    """

    slot: Slot
    before: str = ""
    joined: bool = False


Item = Word | Group | Each
Values = Mapping[tuple[Role, str], Json]
"""The value of each parameter, and the path (a list of paths for a port that takes many) of each port that is connected; beside it the text of
each input that a placeholder wants so."""


def words(items: Sequence[Item], values: Values) -> list[str]:
    """Return the words of a command; what has no value in ``values``, or ``None``, is left out."""
    return list(_words(items, values))


def text_of_word(word: Word, values: Values) -> str | None:
    """Return the text of one word, ``None`` when a placeholder in it has no value."""
    parts = [part if isinstance(part, str) else _text(part, values) for part in word.parts]
    kept = [part for part in parts if part is not None]
    return "".join(kept) if len(kept) == len(parts) else None


def slots(items: Sequence[Item]) -> Iterator[Slot]:
    """Yield every placeholder of a command, those in groups too."""
    for item in items:
        match item:
            case Word(parts=parts):
                yield from (part for part in parts if isinstance(part, Slot))
            case Group(items=inner, given=given, otherwise=otherwise):
                if given is not None:
                    yield given
                yield from slots((*inner, *otherwise))
            case Each(slot=slot):
                yield slot


def _words(items: Sequence[Item], values: Values) -> Iterator[str]:
    for item in items:
        match item:
            case Word():
                text = text_of_word(item, values)
                if text is not None:
                    yield text
            case Group(items=inner, otherwise=otherwise):
                yield from _words(inner if _applies(item, values) else otherwise, values)
            case Each(slot=slot, before=before, joined=joined):
                found = _value(slot, values)
                for element in found if isinstance(found, list) else [] if found is None else [found]:
                    text = _written(element, slot)
                    yield from [before + text] if joined else [before, text] if before else [text]


def _applies(group: Group, values: Values) -> bool:
    if group.given is None:
        return all(_value(slot, values) is not None for slot in slots(group.items))
    value = _value(group.given, values)
    return value is not None and not (group.truth and (value is False or value == []))


def _text(slot: Slot, values: Values) -> str | None:
    value = _value(slot, values)
    return None if value is None else _written(value, slot)


def _value(slot: Slot, values: Values) -> Json:
    return values.get((Role.CONTENT if slot.content else slot.role, slot.port))


def _written(value: Json, slot: Slot) -> str:
    match value:
        case bool():
            return slot.true if value else slot.false
        case str():
            return value
        case list() if slot.separator:
            return slot.separator.join(_written(element, slot) for element in value)
        case list() | dict():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return repr(value)


def item_to_json(item: Item) -> Json:
    """Return a word, group or list as JSON, for the digest of a component and for whoever runs it elsewhere."""
    match item:
        case Word(parts=parts):
            return {"word": [part if isinstance(part, str) else _slot_to_json(part) for part in parts]}
        case Group(items=inner, given=given, otherwise=otherwise):
            return {
                "group": [item_to_json(one) for one in inner],
                "given": None if given is None else _slot_to_json(given),
                "otherwise": [item_to_json(one) for one in otherwise],
                "truth": item.truth,
            }
        case Each(slot=slot, before=before, joined=joined):
            return {"each": _slot_to_json(slot), "before": before, "joined": joined}


def _slot_to_json(slot: Slot) -> Json:
    return {
        "role": str(slot.role),
        "port": slot.port,
        "true": slot.true,
        "false": slot.false,
        "separator": slot.separator,
        "content": slot.content,
    }
