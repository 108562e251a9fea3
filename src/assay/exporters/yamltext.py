"""YAML that every reader takes alike: whatever one of them might take for something else than a text is in double quotes."""

from __future__ import annotations

import re
import sys

import yaml

from assay.errors import Fault
from assay.model.artifacts import Json

_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9 ./_-]*[A-Za-z0-9]|[A-Za-z]")
_WORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity", "none"])


class _Dumper(yaml.SafeDumper):
    """Writes no anchors, keeps the order of keys, and quotes."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002  (PyYAML's signature)
        """Write everything out: not every reader knows anchors."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS and "  " not in text
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


_Dumper.add_representer(str, _text)


def yaml_text(document: Json, head: str = "") -> bytes:
    """Return a document as YAML behind comment lines; Unicode outside ASCII is escaped, so that any encoding carries it."""
    text = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=False, width=sys.maxsize)
    comments = "".join(f"# {line}\n" for line in head.splitlines())
    return f"{comments}{text}".encode("ascii", errors="replace")


def read_yaml(content: bytes, name: str, faults: list[Fault]) -> dict[str, Json]:
    """Return the one document of a file; what is none is a fault."""
    try:
        found = yaml.safe_load(content)
    except yaml.YAMLError as error:
        faults.append(Fault("bad-document", f"{name} is not YAML: {error}", name))
        return {}
    if isinstance(found, dict):
        return found
    faults.append(Fault("bad-document", f"{name} is no map", name))
    return {}
