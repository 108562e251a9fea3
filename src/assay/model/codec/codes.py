"""Every fault that reading a pipeline file can find, by code: its sentence and the next thing to do.

The page of faults in the documentation is made from this table and from the docstrings of ``assay.check``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CodeFacts:
    """What is said of a fault when its finder says nothing more exact."""

    message: str
    hint: str = ""


CODES: dict[str, CodeFacts] = {
    "encoding": CodeFacts("the file is not UTF-8 text", "save it as UTF-8"),
    "character": CodeFacts(
        "a control character that YAML does not allow", "delete it, or write it as an escape in double quotes"
    ),
    "too-large": CodeFacts(
        "the file is larger than 10 MB", "keep data in files of its own and name them by a path parameter"
    ),
    "too-many-faults": CodeFacts("there are more faults than can be listed; the rest is left out"),
    "yaml": CodeFacts("the text is not YAML"),
    "yaml-alias": CodeFacts("anchors (&) and aliases (*) are not taken", "write the value out, or make it a parameter"),
    "yaml-tag": CodeFacts("tags (!) are not taken", "leave the tag out"),
    "yaml-depth": CodeFacts("the text is nested too deeply"),
    "yaml-documents": CodeFacts("a second document begins here", "one file holds one pipeline: delete the '---'"),
    "yaml-duplicate-key": CodeFacts("a key stands twice in one map", "delete or rename one of them"),
    "yaml-key": CodeFacts("a key is not a text", "put it in quotes"),
    "yaml-number": CodeFacts("this number cannot be kept exactly", "put it in quotes, or write a finite number"),
    "not-a-pipeline": CodeFacts("this is not a pipeline file", "begin with 'assay: 1', a name, and steps"),
    "format": CodeFacts("the format version is 1", "write 'assay: 1'"),
    "missing-key": CodeFacts("a key is missing"),
    "unknown-key": CodeFacts("this key has no meaning here", "begin it with 'x-' to keep it without a warning"),
    "wrong-type": CodeFacts("the value has the wrong type"),
    "unknown-choice": CodeFacts("the value is not one of those allowed"),
    "bad-name": CodeFacts(
        "this is not a name", "a name begins with a letter or _, and goes on with letters, digits, _ and -, 63 at most"
    ),
    "reserved-name": CodeFacts("this name is reserved", "choose another name"),
    "bad-source": CodeFacts("an input takes 'step.port', '$item', or a list of those"),
    "bad-reference": CodeFacts(
        "this is not a reference", "write $params.name, $step.port or $item; '$$' writes a plain dollar"
    ),
    "bad-condition": CodeFacts("the condition cannot be read"),
    "bad-foreach": CodeFacts(
        "'foreach:' takes a list, a reference to one, or {items: …} or {files: folder, pattern: \"*.png\"}"
    ),
    "bad-quantity": CodeFacts("this is not an amount"),
    "bad-secret-name": CodeFacts(
        "a secret is given by its name: capital letters, digits and _",
        "never write a secret's value into this file; if this was one, replace it where it came from",
    ),
    "bad-variable": CodeFacts(
        "this is not the name of an environment variable", "letters, digits and _, not a digit first"
    ),
    "bad-declaration": CodeFacts("the parameter is declared in a contradictory way"),
    "out-of-range": CodeFacts("the number is out of range"),
    "given-twice": CodeFacts("the same thing is said in two places", "delete one of them"),
}
