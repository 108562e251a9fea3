"""Templates and what is made of them."""

from __future__ import annotations

from assay.server.wire import Wire


class Template(Wire):
    """A template: what a person calls it, what it is, the extras it wants installed, and its pipeline."""

    name: str
    label: str
    title: str
    needs: list[str]
    pipeline: str
    text: str


class NewProject(Wire):
    """The folder of the workspace that the files go to; made when it is not there."""

    folder: str


class Made(Wire):
    """The pipeline to open, the files that were written, and those that were there and are kept."""

    pipeline: str
    new: list[str]
    kept: list[str]
