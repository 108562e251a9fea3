"""Names and addresses, each its own type, so that mypy tells them apart."""

from __future__ import annotations

import re
from typing import NewType

RunId = NewType("RunId", str)
"""Sortable by time: ``20261123-141522-7f3a``."""

StepName = NewType("StepName", str)
PortName = NewType("PortName", str)
ParamName = NewType("ParamName", str)

ComponentName = NewType("ComponentName", str)
"""``category/name``, such as ``train/image-classifier``, or a file reference such as ``./steps.py:clean``."""

Digest = NewType("Digest", str)
"""Lower-case hexadecimal sha256, 64 characters, of content."""

Sequence = NewType("Sequence", int)
"""Position of an event in a run's log, from 1, without gaps."""

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,62}")
"""What a step, port or parameter may be called."""

RESERVED_STEP_NAMES = frozenset({"params", "inputs", "item", "run", "secrets"})
"""First words of a reference such as ``$params.epochs``; a step may not be called so."""
