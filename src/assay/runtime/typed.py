"""What a person types behind a packed component: an option for every parameter and port, made from its description."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from typing import Any

from assay.errors import AssayError
from assay.model.component import ParamSpec, ParamType, PortSpec
from assay.model.params import parse_text
from assay.runtime.loading import SECRET_PREFIX
from assay.runtime.packed import Packed
from assay.runtime.stepwords import Given, finish, read_params_file, read_variable

OURS: dict[str, dict[str, Any]] = {
    "out": {"metavar": "DIR", "help": "folder for the outputs; default: a new one, outputs-NAME"},
    "params": {"metavar": "FILE", "help": "parameters as one JSON object; options come before it"},
    "json": {"action": "store_true", "help": "say where the outputs are as JSON, the log on stderr"},
    "describe": {"action": "store_true", "help": "write the component's description as JSON, run nothing"},
    "check": {"action": "store_true", "help": "say whether it can run here, run nothing"},
    "help": {"action": "help", "help": "show this and exit"},
}
"""Options of every packed component; where the component has one of the name, only ``--assay-NAME`` is ours."""


class Typed:
    """The command line of one packed component."""

    def __init__(self, packed: Packed, program: str) -> None:
        self._packed = packed
        facts = packed.facts
        self._parser = argparse.ArgumentParser(
            program,
            description=_plain("\n\n".join(filter(None, (facts["title"], facts["description"])))),
            epilog=_plain(self._epilog()),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
            argument_default=argparse.SUPPRESS,
            add_help=False,
        )
        self._taken = {f"--{name}" for name in (*packed.params, *packed.inputs)} | {f"--assay-{name}" for name in OURS}
        # Before any of ours: a component's own names are the plain ones.
        self._words = {name: self._options(name) for name in (*packed.inputs, *packed.params)}
        for port in packed.inputs.values():
            self._add_input(port)
        for param in packed.params.values():
            if not param.secret:
                self._add_param(param)
        for name, settings in OURS.items():
            short = {"out": ["-o"], "help": ["-h"]}.get(name, [])
            words = [*short, *self._free(f"--{name}"), f"--assay-{name}"]
            self._parser.add_argument(*words, dest=f"assay_{name}", **settings)

    def read(self, words: Sequence[str]) -> tuple[Given, frozenset[str]]:
        """Return what the words give, and which of ``json``, ``describe`` and ``check`` are asked for.

        Ends the process (status 2) when a word is no option, as ``argparse`` does.
        """
        found = vars(self._parser.parse_args(list(words)))
        asked = frozenset(name for name in ("json", "describe", "check") if found.get(f"assay_{name}"))
        given = Given()
        if asked & {"describe", "check"}:
            return given, asked
        read_variable(given)
        if "assay_params" in found:
            read_params_file(given, found["assay_params"])
        self._take(found, given)
        given.out = found.get("assay_out") or self._free_folder()
        self._check_room(given)
        finish(self._packed, given)
        return given, asked

    def _take(self, found: dict[str, Any], given: Given) -> None:
        for name in self._packed.inputs:
            if f"input {name}" in found:
                given.inputs[name] = found[f"input {name}"]
        for name, param in self._packed.params.items():
            if f"param {name}" in found:
                try:
                    given.values[name] = parse_text(param, found[f"param {name}"])
                except AssayError as error:
                    given.faults.append(error.fault())

    def _free(self, word: str) -> list[str]:
        """Return the option when nothing else is called so, else nothing."""
        if word in self._taken:
            return []
        self._taken.add(word)
        return [word]

    def _options(self, name: str) -> list[str]:
        return [*self._free(f"--{name.replace('_', '-')}"), f"--{name}"]

    def _add_input(self, port: PortSpec) -> None:
        told = f"{port.type}{', optional' if port.optional else ''}{', again for more' if port.type.many else ''}"
        text = _plain(f"{port.help} ({told})".strip())
        names = self._words[port.name]
        self._parser.add_argument(*names, dest=f"input {port.name}", action="append", metavar="PATH", help=text)

    def _add_param(self, param: ParamSpec) -> None:
        facts = [str(param.type)]
        if param.choices:
            facts = [", ".join(map(str, param.choices))]
        facts.append("needed" if param.required else f"default: {param.default}")
        text = _plain(f"{param.help} ({'; '.join([*facts, *([param.unit] if param.unit else [])])})")
        dest = f"param {param.name}"
        if param.type is not ParamType.BOOL:
            self._parser.add_argument(*self._words[param.name], dest=dest, metavar="VALUE", help=text)
            return
        self._parser.add_argument(
            *self._words[param.name], dest=dest, nargs="?", const="true", metavar="true|false", help=text
        )
        for word in self._free(f"--no-{param.name}"):
            self._parser.add_argument(word, dest=dest, action="store_const", const="false", help=argparse.SUPPRESS)

    def _epilog(self) -> str:
        secrets = [param for param in self._packed.params.values() if param.secret]
        if not secrets:
            return ""
        return "\n".join(
            ["secrets, by the environment only:", *(f"  {SECRET_PREFIX}{p.name.upper()}  {p.help}" for p in secrets)]
        )

    def _free_folder(self) -> str:
        wanted, number = f"outputs-{self._packed.short}", 1
        name = wanted
        while os.path.exists(name):
            number += 1
            name = f"{wanted}-{number}"
        return name

    def _check_room(self, given: Given) -> None:
        """Refuse a folder that holds an output already, before anything is run."""
        there = os.listdir(given.out) if os.path.isdir(given.out) else []
        if os.path.exists(given.out) and not os.path.isdir(given.out):
            given.fault("would-overwrite", f"{given.out} is a file", given.out, "name a folder: --out DIR")
        for entry in sorted(there):
            if entry.partition(".")[0] in self._packed.outputs:
                place = os.path.join(given.out, entry)
                given.fault("would-overwrite", f"{place} is there already", place, "name a new folder: --out DIR")


def _plain(text: str) -> str:
    """Return a text in which ``argparse`` sees no placeholder."""
    return text.replace("%", "%%")
