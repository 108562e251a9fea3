"""``--to containerfile``: a folder that docker, podman or buildah make an image of, without Assay."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from assay.errors import Fault
from assay.exporters.exporter import Document, Documents, Request
from assay.exporters.naming import check_reference, shared_name
from assay.exporters.pack import Pack, check_pack, pack
from assay.exporters.pins import check_index, needs, pin, requirements_text
from assay.model.component import ComponentSpec, Language, ScriptImplementation

HOME = "/component"
"""Where the packed component is in an image; ``python /component`` runs it."""

USER = 10001
"""Number of the user that runs it: not root, and no user of the host by accident."""

_FILE = "Containerfile"
_REQUIREMENTS = "requirements.txt"
_FOLDER = "component"
_PINNED = re.compile(r"[a-z0-9][a-z0-9.-]*===?[^\s;*]+")
_LABEL = "ml.assay.component"


class ContainerfileExporter:
    """A build context: Containerfile, pinned requirements, the packed component."""

    help = "a folder to build an image from: Containerfile, pinned requirements, the component; runs as non-root"
    next = "docker build --tag {image} --file {folder}/Containerfile {folder}"
    containers = False

    def documents(self, request: Request, faults: list[Fault]) -> Documents:
        """Return the files of the folder."""
        packed = pack(request.spec, request.params)
        pins = pin(needs(request.spec), faults)
        if request.index:
            faults += check_index(request.index)
        texts = {
            _FILE: containerfile(request, packed, requirements=bool(pins)),
            _REQUIREMENTS: requirements_text(pins, request.index),
            ".dockerignore": "**/__pycache__\nassay-build.json\n",
        }
        files = {name: Document(text.encode()) for name, text in texts.items()}
        return files | {f"{_FOLDER}/{path}": Document(content) for path, content in packed.files.items()}

    def check(self, documents: Documents) -> Sequence[Fault]:
        """Hold the instructions, the pins and the pack against their rules."""
        inside = {
            path.removeprefix(f"{_FOLDER}/"): document.content
            for path, document in documents.items()
            if path.startswith(f"{_FOLDER}/")
        }
        return [
            *check_containerfile(documents[_FILE].content.decode(), documents),
            *_check_pins(documents[_REQUIREMENTS].content.decode()),
            *check_pack(inside),
        ]


def containerfile(request: Request, packed: Pack, *, requirements: bool) -> str:
    """Return the Containerfile. Values stand in JSON or double quotes, in which a builder expands nothing that is escaped."""
    lines = [f"# {_one_line(request.spec.title or request.spec.name)}"]
    if "@" not in request.base_image:
        lines.append("# Pin the base by digest for builds that never change: --base-image NAME@sha256:DIGEST")
    lines += [f"FROM {request.base_image}", ""]
    system = _system_packages(request.spec)
    if system:
        lines.append(f"RUN apt-get update && apt-get install -y --no-install-recommends {' '.join(system)} \\")
        lines.append("    && rm -rf /var/lib/apt/lists/*")
    if requirements:
        lines += [
            f"COPY {_REQUIREMENTS} /tmp/{_REQUIREMENTS}",
            f"RUN PIP_BREAK_SYSTEM_PACKAGES=1 python3 -m pip install --no-cache-dir --no-deps -r /tmp/{_REQUIREMENTS} && rm /tmp/{_REQUIREMENTS}",
        ]
    lines += [
        f"COPY {_FOLDER} {HOME}",
        f"RUN python3 -m compileall -q {HOME} && mkdir /work && chown {USER}:{USER} /work",
        "ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp",
        "LABEL " + " \\\n    ".join(f"{key}={quoted(value)}" for key, value in labels(request.spec, packed).items()),
        "WORKDIR /work",
        f"USER {USER}:{USER}",
        f'ENTRYPOINT ["python3", "{HOME}"]',
    ]
    return "\n".join(lines) + "\n"


def labels(spec: ComponentSpec, packed: Pack) -> dict[str, str]:
    """Return the labels of an image: those of the OCI image specification, and which component it holds."""
    found = {
        "org.opencontainers.image.title": spec.title or shared_name(spec.name),
        "org.opencontainers.image.description": spec.description,
        "org.opencontainers.image.version": spec.version,
        "org.opencontainers.image.licenses": spec.licence,
        "org.opencontainers.image.authors": ", ".join(spec.authors),
        f"{_LABEL}.name": shared_name(spec.name),
        f"{_LABEL}.version": spec.version,
        f"{_LABEL}.code": f"sha256:{spec.implementation.code}",
        f"{_LABEL}.digest": f"sha256:{packed.digest}",
    }
    return {key: _one_line(value) for key, value in found.items() if value}


_INSTRUCTIONS = frozenset(
    {"FROM", "RUN", "COPY", "ENV", "LABEL", "WORKDIR", "EXPOSE", "HEALTHCHECK", "USER", "ENTRYPOINT", "CMD"}
)


def check_containerfile(text: str, documents: Documents) -> list[Fault]:
    """Return what stands against a Containerfile of ours: an instruction that we never write, a source that is not in the folder,
    root as the last user, a base that is no image, an entry point that is no JSON list."""
    faults: list[Fault] = []
    seen: dict[str, str] = {}
    for line in text.replace("\\\n", " ").splitlines():
        word, _, rest = line.partition(" ")
        if not line or line.startswith("#"):
            continue
        if word not in _INSTRUCTIONS:
            faults.append(Fault("bad-containerfile", f"{word!r} is no instruction that stands here", word))
        if word == "COPY" and not any(
            path == rest.split()[0] or path.startswith(f"{rest.split()[0]}/") for path in documents
        ):
            faults.append(Fault("bad-containerfile", f"{rest.split()[0]} is not in the folder", rest))
        seen[word] = rest
    faults += check_reference(seen.get("FROM", ""), "FROM")
    if seen.get("USER", "root").partition(":")[0] in ("root", "0"):
        faults.append(Fault("bad-containerfile", "the component would run as root", "USER"))
    try:
        entry = json.loads(seen.get("ENTRYPOINT", ""))
    except ValueError:
        entry = None
    if not isinstance(entry, list):
        faults.append(Fault("bad-containerfile", "the entry point is no list of words", "ENTRYPOINT"))
    return faults


def _check_pins(text: str) -> list[Fault]:
    lines = [line for line in text.replace("\\\n", " ").splitlines() if line and not line.lstrip().startswith("#")]
    return [
        Fault("unpinned", f"{line!r} is not pinned to one version", line)
        for line in lines
        if not line.startswith("--extra-index-url ") and not _PINNED.fullmatch(line.split(" --hash=")[0].strip())
    ]


def _system_packages(spec: ComponentSpec) -> tuple[str, ...]:
    """Return the Debian packages that the way a component is run needs, those of R too; a slim base has bash."""
    code = spec.implementation
    if isinstance(code, ScriptImplementation) and code.language is Language.R:
        return ("r-base-core", *(f"r-cran-{package.lower()}" for package in code.packages))
    return ()


def quoted(text: str) -> str:
    """Return a text in double quotes as a builder reads it back: nothing in it is expanded."""
    for sign in ("\\", '"', "$"):
        text = text.replace(sign, f"\\{sign}")
    return f'"{text}"'


def _one_line(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


EXPORTER = ContainerfileExporter()
