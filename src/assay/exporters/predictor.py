"""The predictor as an image: Assay itself, pinned requirements, and a bundle with the public keys that it is verified by.

The image starts ``assay serve``, which verifies the bundle again at every start: an image that was tampered with does not answer.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path

import assay
from assay.errors import Fault, InvalidDocument
from assay.exporters.containerfile import USER, check_containerfile, quoted
from assay.exporters.exporter import Document, Documents
from assay.exporters.image import build_tried, find_builder
from assay.exporters.naming import check_reference
from assay.exporters.pins import check_index, pin, requirements_text

HTTP_PORT, GRPC_PORT = 8080, 8081
BUNDLE = "bundle"
"""Folder of the build context, and of the image's root, that the bundle is in."""

KEYS = "keys"
_APP = "app"
_EXTRAS = ("serve", "grpc")
_REGISTRY = "oras>=0.2.40"
"""By it, a pod takes its bundle from a registry."""

_LEFT_OUT = frozenset({"__pycache__", "web"})
_REQUIREMENTS, _FILE = "requirements.txt", "Containerfile"
_TRIAL = ("--rm", "--network", "none", "--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL")  # noqa: S108  (in the container)

_ASSAY = f"""#!/usr/bin/env python3
\"\"\"The assay command, from the sources in /{_APP}.\"\"\"
import sys

sys.path.insert(0, "/{_APP}")
from assay.cli import main

main()
"""

_HEALTHY = f"""#!/usr/bin/env python3
\"\"\"Whether the predictor answers.\"\"\"
import sys
import urllib.request

try:
    urllib.request.urlopen("http://127.0.0.1:{HTTP_PORT}/v2/health/ready", timeout=5).read()
except OSError as error:
    sys.exit(f"not ready: {{error}}")
"""

_TRY = f"""#!/usr/bin/env python3
\"\"\"Start what the image starts, and end it as soon as it answers.\"\"\"
import subprocess
import sys
import time

served = subprocess.Popen(["assay", *sys.argv[1:]])
for _ in range(240):
    if subprocess.run(["/{_APP}/bin/healthy"], capture_output=True, check=False).returncode == 0:
        print("the predictor answers in its image")
        break
    if served.poll() is not None:
        sys.exit(served.returncode or 1)
    time.sleep(0.5)
else:
    served.kill()
    sys.exit("it did not become ready within two minutes")
served.terminate()
served.wait(30)
"""


def predictor_documents(
    keys: Mapping[str, str], about: Mapping[str, str], *, base_image: str, index: str = "", bundle: bool = True
) -> Documents:
    """Return the build context but for the bundle, which is to be copied to ``bundle/``.

    Args:
        keys: Name to PEM text of the public keys that the bundle is verified by.
        about: Labels of the image.
        base_image: What the image is built on: a Python of the version that runs this.
        index: Another package index that packages may come from.
        bundle: Whether there will be one; without, the image serves what its arguments name.

    Raises:
        InvalidDocument: A requirement that is not installed here cannot be pinned; the base is no image; the index is no address.
    """
    faults: list[Fault] = check_reference(base_image, "--base-image")
    if index:
        faults += check_index(index)
    pins = pin([*_own_requirements(), _REGISTRY], faults)
    files = {
        _REQUIREMENTS: Document(requirements_text(pins, index).encode()),
        ".dockerignore": Document(b"**/__pycache__\n"),
        f"{_APP}/bin/assay": Document(_ASSAY.encode(), executable=True),
        f"{_APP}/bin/healthy": Document(_HEALTHY.encode(), executable=True),
        f"{_APP}/bin/try": Document(_TRY.encode(), executable=True),
        f"{KEYS}/README": Document(b"Public keys that the bundle is verified by.\n"),
        **{f"{KEYS}/{name}.pub": Document(pem.encode()) for name, pem in keys.items()},
        **_sources(),
    }
    text = _containerfile(base_image, about, bundle=bundle)
    files[_FILE] = Document(text.encode())
    there = files | ({f"{BUNDLE}/bundle.json": Document(b"")} if bundle else {})
    faults += check_containerfile(text, there)
    if faults:
        raise InvalidDocument(faults)
    return files


def build_predictor(folder: Path, reference: str, network: str, tell: Callable[[str], None], *, bundle: bool) -> None:
    """Build the image of a context, start it as it will be started, and tag it when it answered.

    Args:
        folder: The context, bundle included.
        reference: Name and tag.
        network: That it is built in, such as ``host``; empty for the builder's own.
        tell: Gets each line that the builder prints.
        bundle: Whether there is one; without, only ``assay serve --help`` can be tried.

    Raises:
        MissingDependency: Neither docker nor podman answers.
        AssayError: The build failed, or the predictor does not answer in its image; then nothing is tagged.
    """
    entry = ("--entrypoint", f"/{_APP}/bin/try") if bundle else ()
    words = _serve_words() if bundle else ["serve", "--help"]
    build_tried(
        find_builder(), folder, reference, (*_TRIAL, *entry), words, network=network, tell=tell, what="the predictor"
    )


def check_tag(reference: str) -> None:
    """Raise ``InvalidDocument`` when this is no name of an image."""
    if faults := check_reference(reference, "--tag"):
        raise InvalidDocument(faults)


def _containerfile(base: str, about: Mapping[str, str], *, bundle: bool) -> str:
    """Return the instructions: packages first, the bundle last, so that another bundle is another layer and no more."""
    labels = " \\\n    ".join(f"{key}={quoted(value)}" for key, value in about.items())
    check = f'HEALTHCHECK --interval=10s --timeout=6s --start-period=60s CMD ["/{_APP}/bin/healthy"]'
    lines = [
        "# assay serve, as a user that is not root; run it read-only: docker run --read-only --tmpfs /tmp --cap-drop ALL -p 8080:8080 IMAGE",
        *(
            ["# Pin the base by digest for builds that never change: --base-image NAME@sha256:DIGEST"]
            if "@" not in base
            else []
        ),
        f"FROM {base}",
        "",
        f"COPY {_REQUIREMENTS} /tmp/{_REQUIREMENTS}",
        f"RUN PIP_BREAK_SYSTEM_PACKAGES=1 python3 -m pip install --no-cache-dir --no-deps -r /tmp/{_REQUIREMENTS} && rm /tmp/{_REQUIREMENTS}",
        f"COPY {_APP} /{_APP}",
        f"RUN python3 -m compileall -q /{_APP}/assay",
        f"COPY {KEYS} /{KEYS}",
        f'ENV PATH="/{_APP}/bin:/usr/local/bin:/usr/bin:/bin" ASSAY_KEYS="/{KEYS}" HOME="/tmp" PYTHONUNBUFFERED="1" PYTHONDONTWRITEBYTECODE="1" OMP_NUM_THREADS="1"',
        *([f"COPY {BUNDLE} /{BUNDLE}"] if bundle else []),
        *([f"LABEL {labels}"] if labels else []),
        "WORKDIR /tmp",
        f"EXPOSE {HTTP_PORT} {GRPC_PORT}",
        *([check] if bundle else []),
        f"USER {USER}:{USER}",
        'ENTRYPOINT ["assay"]',
        "CMD [" + ", ".join(f'"{word}"' for word in (_serve_words() if bundle else ["serve", "--help"])) + "]",
    ]
    return "\n".join(lines) + "\n"


def _serve_words() -> list[str]:
    return [
        "serve", f"/{BUNDLE}", "--host", "0.0.0.0", "--port", str(HTTP_PORT), "--grpc-port", str(GRPC_PORT),  # noqa: S104  (the container's own network)
    ]  # fmt: skip


def _own_requirements() -> list[str]:
    """Return what Assay needs to serve, of the extras that serving has."""
    from packaging.requirements import Requirement

    found: dict[str, None] = {}
    for text in metadata.requires("assay-ml") or []:
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *_EXTRAS)):
            requirement.marker = None
            found[str(requirement)] = None
    return list(found)


def _sources() -> dict[str, Document]:
    """Return Assay's own files, without the editor's page."""
    root = Path(assay.__file__).parent
    found = {}
    for folder, below, files in os.walk(root):
        below[:] = sorted(name for name in below if name not in _LEFT_OUT)
        for name in sorted(files):
            path = Path(folder) / name
            found[f"{_APP}/assay/{path.relative_to(root).as_posix()}"] = Document(path.read_bytes())
    return found
