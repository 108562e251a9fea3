"""Policy files: YAML to ``Policy``, every fault of a file at once with its place."""

from __future__ import annotations

import fnmatch
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml

from assay.errors import Fault, InvalidDocument, Location, bounded, did_you_mean
from assay.trust.evidence.kinds import KINDS
from assay.trust.gate.policy import EVERYBODY, Bound, End, Level, Need, Policy, Rule, Scope, Signer

FORMAT = 1
_KEYS = ("assay-policy", "name", "description", "expires", "signer", "rules")
_RULE_KEYS = ("id", "title", "statement", "on", "bound", "level", "fewest", "need", "by", "why")
NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_COMPARED = re.compile(rf"(\w+)\s*(>=|<=)\s*({NUMBER})")
_WITHIN = re.compile(rf"(\w+)\s+within\s+\[\s*({NUMBER})\s*,\s*({NUMBER})\s*\]")
_DURATION = re.compile(r"(\d{1,6})\s*([smhdwy])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400, "y": 365 * 86400}
_BOUND_HINT = "such as 'low >= 0.8', 'high <= 0.1', 'whole within [-0.1, 0.1]' or 'point >= 0.9'"


def read_policy(text: str, file: str) -> Policy:
    """Return the policy that ``text`` holds.

    Raises:
        InvalidDocument: With every fault, each with line, column and, where there is one, the name that was meant.
    """
    return _Reader(text, file).policy()


class _Reader:
    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file
        self._faults: list[Fault] = []

    def policy(self) -> Policy:
        root = self._root()
        top = self._map(root, _KEYS, "a policy") if root is not None else {}
        if isinstance(root, yaml.MappingNode):
            self._needed(root, top, ("assay-policy", "name", "expires", "rules"), "a policy")
        if "assay-policy" in top and self._plain(top["assay-policy"]) != str(FORMAT):
            self._add("unknown-format", f"this version reads policies of format {FORMAT}", top["assay-policy"])
        name, description = self._string(top.get("name")), self._string(top.get("description"))
        expires = self._duration(top.get("expires"))
        signer = Signer(self._choice(top.get("signer"), [*Signer], Signer.ANY))
        rules = self._rules(top.get("rules"))
        if self._faults:
            raise InvalidDocument(self._faults, what=f"policy {self._file}")
        digest = hashlib.sha256(self._text.encode()).hexdigest()
        return Policy(name, " ".join(description.split()), expires, signer, rules, self._text, digest)

    def _root(self) -> yaml.Node | None:
        try:
            root: yaml.Node | None = yaml.compose(self._text, Loader=yaml.SafeLoader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
            place = Location(self._file, mark.line + 1, mark.column + 1) if mark else Location(self._file, 1, 1)
            what = str(getattr(error, "problem", "") or error)
            self._faults.append(Fault("yaml", f"this is no YAML: {bounded(what, 200)}", location=place))
            return None
        except RecursionError:
            self._faults.append(Fault("yaml", "the file is nested too deeply", location=Location(self._file, 1, 1)))
            return None
        if root is None:
            self._faults.append(Fault("yaml", "the file is empty", location=Location(self._file, 1, 1)))
        return root

    def _rules(self, node: yaml.Node | None) -> list[Rule]:
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            self._add("wrong-type", "'rules' is a list of at least one rule", node)
            return []
        rules = [self._rule(item) for item in node.value]
        seen: set[str] = set()
        for item, rule in zip(node.value, rules, strict=True):
            if rule.id and rule.id in seen:
                self._add("duplicate-rule", f"two rules are called {rule.id!r}", item, rule.id)
            seen.add(rule.id)
        return rules

    def _rule(self, node: yaml.Node) -> Rule:
        fields = self._map(node, _RULE_KEYS, "a rule")
        if isinstance(node, yaml.MappingNode):
            self._needed(node, fields, ("id", "title", "statement", "bound"), "a rule")
        return Rule(
            id=self._string(fields.get("id")),
            title=self._string(fields.get("title")),
            statement=self._statement(fields.get("statement")),
            scope=self._scope(fields.get("on")),
            bound=self._bound(fields.get("bound")),
            level=Level(self._choice(fields.get("level"), [*Level], Level.REQUIRED)),
            fewest=self._count(fields.get("fewest")),
            need=Need(self._choice(fields.get("need"), [*Need], Need.EVERY)),
            by=self._string(fields.get("by")) or "*",
            why=" ".join(self._string(fields.get("why")).split()),
        )

    def _statement(self, node: yaml.Node | None) -> str:
        name = self._string(node)
        if node is not None and name and not fnmatch.filter(KINDS, name):
            hint = (
                did_you_mean(name, KINDS)
                or f"there are {', '.join(sorted({kind.partition('.')[0] for kind in KINDS}))}"
            )
            self._add("unknown-statement", f"no evidence states {name!r}", node, name, hint)
        return name

    def _scope(self, node: yaml.Node | None) -> Scope:
        if node is None:
            return EVERYBODY
        if isinstance(node, yaml.MappingNode):
            columns = {key: self._plain(value) for key, value in self._map(node, None, "a group").items()}
            if not columns:
                self._add("wrong-type", "a group names at least one column", node)
            return Scope(everybody=False, columns=columns)
        words = {"everybody": EVERYBODY, "groups": Scope(everybody=False, groups=True), "all": Scope(groups=True)}
        return words[self._choice(node, words, "everybody", 'or a map of columns to values, such as {sex: "*"}')]

    def _bound(self, node: yaml.Node | None) -> Bound | None:
        text = self._string(node).strip()
        if node is None or text in {"", "declared"}:
            return None
        if found := _WITHIN.fullmatch(text):
            end, least, most = found[1], float(found[2]), float(found[3])
            if least > most:
                self._add(
                    "bad-bound",
                    f"no number is within [{found[2]}, {found[3]}]",
                    node,
                    text,
                    "write the smaller one first",
                )
        elif found := _COMPARED.fullmatch(text):
            end, value = found[1], float(found[3])
            least, most = (value, None) if found[2] == ">=" else (None, value)  # type: ignore[assignment]  # one of them
        else:
            self._add("bad-bound", f"{text!r} is no bound", node, text, _BOUND_HINT)
            return None
        if end not in [*End]:
            self._add(
                "bad-bound", f"an interval has no {end!r}", node, text, did_you_mean(end, map(str, End)) or _BOUND_HINT
            )
            return None
        return Bound(End(end), least, most)

    def _duration(self, node: yaml.Node | None) -> float:
        found = _DURATION.fullmatch(self._string(node).strip())
        if node is not None and (not found or found[1].strip("0") == ""):
            self._add(
                "bad-duration", f"{self._plain(node)!r} is no time", node, self._plain(node), "such as 180d, 12w or 1y"
            )
        return float(int(found[1]) * _SECONDS[found[2]]) if found else 0.0

    def _count(self, node: yaml.Node | None) -> int:
        if node is None:
            return 0
        text = self._plain(node)
        if not text.isdecimal() or len(text) > 9:
            self._add("wrong-type", f"expected a whole number from 0, not {text!r}", node, text)
            return 0
        return int(text)

    def _choice(self, node: yaml.Node | None, known: Iterable[str], default: str, otherwise: str = "") -> str:
        if node is None:
            return default
        text, names = self._plain(node), [str(name) for name in known]
        if text in names:
            return text
        hint = did_you_mean(text, names) or ", ".join(filter(None, [f"one of {', '.join(names)}", otherwise]))
        self._add("unknown-value", f"{text!r} is not known here", node, text, hint)
        return default

    def _string(self, node: yaml.Node | None) -> str:
        if node is None:
            return ""
        if not isinstance(node, yaml.ScalarNode) or node.tag == "tag:yaml.org,2002:null":
            self._add("wrong-type", "expected a text", node)
            return ""
        return str(node.value)

    @staticmethod
    def _plain(node: yaml.Node) -> str:
        return str(node.value) if isinstance(node, yaml.ScalarNode) else "a list or map"

    def _map(self, node: yaml.Node, known: Sequence[str] | None, what: str) -> dict[str, Any]:
        """Return key to node; keys that are unknown or stand twice are faults."""
        if not isinstance(node, yaml.MappingNode):
            self._add("wrong-type", f"expected {what}, a map", node)
            return {}
        found: dict[str, Any] = {}
        for key, value in node.value:
            name = self._plain(key)
            if name in found:
                self._add("duplicate-key", f"the key {name!r} stands twice", key, name)
            elif known is not None and name not in known:
                hint = did_you_mean(name, known) or f"it has {', '.join(known)}"
                self._add("unknown-key", f"{what} has no key {name!r}", key, name, hint)
            else:
                found[name] = value
        return found

    def _needed(self, node: yaml.Node, fields: Mapping[str, Any], names: Sequence[str], what: str) -> None:
        for name in names:
            if name not in fields:
                self._add("missing-key", f"{what} needs {name!r}", node, name)

    def _add(self, code: str, message: str, node: yaml.Node, culprit: str = "", hint: str = "") -> None:
        mark = node.start_mark
        place = Location(self._file, mark.line + 1, mark.column + 1)
        self._faults.append(Fault(code, bounded(message, 300), bounded(culprit, 120), place, hint))
