"""What travels: the shapes of ``assay.views.shapes`` as structs, of which ``assay.server.openapi`` makes the document."""

from __future__ import annotations

from msgspec import Struct


class Wire(Struct):
    """Base of everything that travels; its docstring and its fields stand in the OpenAPI document."""
