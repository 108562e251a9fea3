"""New projects from templates: folders of ``*.tmpl`` files with ``{{name}}`` in them, and of files that are taken as they are.

A pipeline that is an example of the repository too is a link to it, so that the two cannot drift; a wheel holds the file itself.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from assay.errors import NotFound, WouldOverwrite, did_you_mean
from assay.model.codec import load

_ROOT = Path(__file__).parent / "shipped"
_SUFFIX = ".tmpl"
_FACTS = "template.json"
_KEPT = frozenset({"README.md", ".gitignore"})
_NAMES = {"gitignore": ".gitignore"}
"""A real .gitignore would hide files of this repository."""


@dataclass(frozen=True, slots=True)
class Template:
    """A template.

    Attributes:
        label: What a person calls it, in two words.
        title: What it is, in one sentence.
        pipeline: The file to run first.
        needs: The extras it wants installed.
    """

    name: str
    label: str
    title: str
    pipeline: str
    needs: tuple[str, ...]


def templates() -> tuple[Template, ...]:
    """Return every template, by name."""
    return tuple(_read(facts) for facts in sorted(_ROOT.glob(f"*/{_FACTS}")))


def find_template(name: str) -> Template:
    """Return the template called ``name``; raises ``NotFound``."""
    known = {template.name: template for template in templates()}
    if name not in known:
        hint = did_you_mean(name, known) or f"there are {', '.join(known)}"
        raise NotFound(f"there is no template {name!r}", culprit=name, hint=hint)
    return known[name]


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a new project's files."""

    new: tuple[Path, ...]
    kept: tuple[Path, ...]


def write_project(template: Template, folder: Path) -> Written:
    """Write the files of ``template`` into ``folder``; a README or .gitignore that is there already is kept.

    Raises:
        WouldOverwrite: When any other file is there already; then nothing is written.
    """
    if folder.exists() and not folder.is_dir():
        raise WouldOverwrite(f"{folder} is a file", culprit=str(folder), hint="name a folder: assay init DIR")
    texts = _texts(template, project_name(folder))
    there = [name for name in texts if os.path.lexists(folder / name)]
    lost = [name for name in there if name not in _KEPT]
    if lost:
        raise WouldOverwrite(
            f"{folder / lost[0]} is there already" if len(lost) == 1 else f"{folder} has {', '.join(lost)} already",
            culprit=lost[0],
            hint="nothing was written; name an empty or new folder: assay init DIR",
        )
    new = [name for name in texts if name not in there]
    for name in new:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:  # "x": also a file made this instant is not replaced
            file.write(texts[name])
    return Written(tuple(folder / name for name in new), tuple(folder / name for name in there))


def project_name(folder: Path) -> str:
    """Return a pipeline name made from the name of ``folder``."""
    words = re.sub(r"[^a-z0-9]+", "-", folder.absolute().name.lower()).strip("-")
    return words if words[:1].isalpha() else f"project-{words}".strip("-")


def pipeline_text(template: Template, name: str) -> str:
    """Return the pipeline of ``template`` as a project called ``name`` gets it."""
    return _texts(template, name)[template.pipeline]


def _texts(template: Template, name: str) -> dict[str, str]:
    root = _ROOT / template.name
    texts = {}
    for path in sorted(path for path in root.rglob("*") if path.is_file() and path.name != _FACTS):
        text = path.read_text(encoding="utf-8")
        target = path.relative_to(root).as_posix().removesuffix(_SUFFIX)
        if path.suffix == _SUFFIX:
            text = text.replace("{{name}}", name)
        elif target == template.pipeline:
            text = load(text, target).set(("name",), name).text
        texts[_NAMES.get(target, target)] = text
    return texts


def _read(facts: Path) -> Template:
    data = json.loads(facts.read_text(encoding="utf-8"))
    return Template(facts.parent.name, data["label"], data["title"], data["pipeline"], tuple(data["needs"]))
