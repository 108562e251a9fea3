"""Templates and what is made of them."""

from __future__ import annotations

from pydantic import BaseModel


class Template(BaseModel):
    """A template: what a person calls it, what it is, the extras it wants installed, and its pipeline."""

    name: str
    label: str
    title: str
    needs: list[str]
    pipeline: str
    text: str


class NewProject(BaseModel):
    """The folder of the workspace that the files go to; made when it is not there."""

    folder: str


class Made(BaseModel):
    """The pipeline to open, the files that were written, and those that were there and are kept."""

    pipeline: str
    new: list[str]
    kept: list[str]
