"""``input/bundle``: the model of a verified bundle, as the beginning of a pipeline."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import tempfile
from pathlib import Path
from typing import Annotated

from assay import Model, Param, component, step
from assay.bundle.layout import Part
from assay.bundle.opening import opened
from assay.bundle.shelf import copy_files
from assay.bundle.verifying import examine
from assay.signing import Keyring, keyring_folder, load_public
from assay.trust.gate.words import headline, warnings


@component(
    "input/bundle",
    version="1.0.0",
    tags=("model", "bundle", "signature"),
    licence="Apache-2.0",
    requires=("cryptography", "pyyaml", "requests"),
    cache=False,
)
def bundle(*, bundle: Path, key: Annotated[Path | None, Param(path="file")] = None) -> Model:
    """Verify a bundle that another hospital made, and take its model out of it.

    Signatures, every byte, the verdict and its age are checked before anything is unpacked, as assay bundle verify does; a bundle that is
    refused ends the step, and nothing of it is written. A verdict expires, so this step is never reused.

    Args:
        bundle: A folder or archive; assay bundle list says where those that were taken in lie.
        key: The signer's public key; default: all keys in this user's folder of keys.

    Returns:
        model: The model as it was judged.
    """
    ring = Keyring(keyring_folder(os.environ))
    keys = [load_public(key.read_text(encoding="utf-8", errors="replace"), key.name)] if key else ring.trusted()
    whole = Path(tempfile.mkdtemp(dir="."))
    with opened(str(bundle)) as source:
        found = examine(source, keys, dt.datetime.now(dt.UTC), development=ring.development_ids())
        copy_files(source, found, whole)
    admission = found.admission
    print(found.manifest.title)
    print(headline(admission.verdict))
    print("\n".join(f"! {line}" for line in warnings(admission.verdict, admission.override)))
    model = step.output("model", Model)
    shutil.copytree(whole / Part.MODEL, model.path, dirs_exist_ok=True, copy_function=shutil.copyfile)
    shutil.rmtree(whole)
    return model
