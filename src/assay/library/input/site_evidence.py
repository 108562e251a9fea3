"""``input/site-evidence``: what a hospital told of a shared model, as the beginning of a pipeline."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NamedTuple

from assay import Folder, component, step
from assay.signing import Keyring, keyring_folder, load_public
from assay.trust.meta.package import read_site


class Brought(NamedTuple):
    """What bringing in yields."""

    site: Folder


@component(
    "input/site-evidence",
    version="1.0.0",
    tags=("hospitals", "evidence", "signature"),
    licence="Apache-2.0",
    requires=("cryptography", "jsonschema", "pyyaml"),
)
def site_evidence(*, folder: Path, key: Path | None = None) -> Brought:
    """Bring in what a hospital wrote with assay bundle evaluate: figures, its verdict, its report; no image and no row is in it.

    The hospital's signature, and every byte that it is about, are checked before anything is copied; what was changed, left out, added, or
    signed by nobody who is trusted here ends the step.

    Args:
        folder: What the hospital handed over.
        key: The hospital's public key; default: all keys in this user's folder of keys.

    Returns:
        site: The same folder, checked: evidence/, verdict.json, report.html, site.json.
    """
    keys = (
        [load_public(key.read_text(encoding="utf-8", errors="replace"), key.name)]
        if key
        else Keyring(keyring_folder(os.environ)).trusted()
    )
    found = read_site(folder, keys)
    site = step.output("site", Folder)
    shutil.copytree(folder, site.path, dirs_exist_ok=True, copy_function=shutil.copyfile)
    read_site(site.path, keys)  # what was copied, not what was looked at before
    name, version, digest = found.about.bundle
    print(f"{found.about.site} measured {name} {version} ({digest[:12]}) on {found.about.made:%Y-%m-%d %H:%M} UTC")
    print(
        f"its verdict: {found.verdict.state.words} under {found.verdict.policy.name}; {len(found.evidence)} measurements"
    )
    for component_name, why in found.about.left_out:
        print(f"not measured there: {component_name}: {why}")
    return Brought(site)
