"""Where secrets come from: the process environment, or one file each with no rights for others. They are never written down."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from assay.errors import Fault, InvalidDocument


def read_secrets(names: Iterable[str], folder: Path) -> dict[str, str]:
    """Return the value of each secret.

    ``ASSAY_SECRET_<NAME>`` in the environment comes first, then the file ``<folder>/<NAME>`` (its last newline is left out).

    Raises:
        InvalidDocument: Names every secret that is missing, or whose file others may read.
    """
    values: dict[str, str] = {}
    faults: list[Fault] = []
    for name in sorted(set(names)):
        variable = f"ASSAY_SECRET_{name}"
        file = folder / name
        if variable in os.environ:
            values[name] = os.environ[variable]
        elif not file.is_file():
            hint = f"set {variable}, or write it to {file} with mode 600"
            faults.append(Fault("missing-secret", f"the secret {name!r} has no value", name, hint=hint))
        elif stat.S_IMODE(file.stat().st_mode) & 0o077:
            hint = f"type: chmod 600 {file}"
            faults.append(Fault("open-secret", f"others may read the file of the secret {name!r}", name, hint=hint))
        else:
            values[name] = file.read_text(encoding="utf-8").removesuffix("\n")
    if faults:
        raise InvalidDocument(faults, what="the secrets")
    return values
