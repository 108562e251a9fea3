"""A bundle as an image that serves it: the folder to build from, and the image when that was asked for."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assay.cli.bundling import staged, tell
from assay.cli.terminal import document, note, say

if TYPE_CHECKING:
    from assay.bundle.source import Source
    from assay.deployment.candidate import Candidate


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for.

    Attributes:
        tag: Name of the image; empty: none is built.
        out: Folder to build from; ``None``: named after the bundle.
        base_image: What it is built on.
        network: That it is built in; empty for the builder's own.
        index: Another package index; empty for none.
    """

    tag: str
    out: Path | None
    base_image: str
    network: str
    index: str


def write_image(where: str, wanted: Wanted, *, key: Path | None, shelf: Path | None, json: bool) -> None:
    """Write the folder of a verified bundle's image, and build it when it has a name.

    Raises:
        SignatureFault, Rejected: The bundle must not be used.
        InvalidDocument: Something cannot be pinned, or a name is none.
        MissingDependency: No builder answers.
        AssayError: The image cannot be built, or does not answer.
    """
    from assay import __version__
    from assay.exporters.predictor import BUNDLE, build_predictor, check_tag, predictor_documents

    if wanted.tag:
        check_tag(wanted.tag)
    with _given(where, key, shelf) as given:
        about = {"org.opencontainers.image.title": "Assay predictor", "ml.assay.version": __version__}
        title, keys = f"assay-{__version__}", {}
        if given is not None:
            candidate = given[0]
            manifest, keys = candidate.manifest, dict(candidate.keys)
            title = f"{manifest.name}-{manifest.version}"
            about |= {
                "org.opencontainers.image.title": manifest.title,
                "org.opencontainers.image.version": manifest.version,
                "ml.assay.bundle": f"sha256:{candidate.found.digest}",
                "ml.assay.overridden": "yes" if manifest.overridden else "no",
                **({"org.opencontainers.image.licenses": manifest.licence} if manifest.licence else {}),
            }
        files = predictor_documents(
            keys, about, base_image=wanted.base_image, index=wanted.index, bundle=given is not None
        )
        target = wanted.out or Path(f"{title}-image")
        with staged(target) as folder:
            for name, content in files.items():
                place = folder / name
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content.content)
                place.chmod(0o755 if content.executable else 0o644)
            if given is not None:
                _copy(given[1], folder / BUNDLE)
        if not json and given is not None:
            tell(given[0].found)
    if wanted.tag:
        build_predictor(target, wanted.tag, wanted.network, lambda line: note(line, "dim"), bundle=given is not None)
    if json:
        document({"folder": str(target), "image": wanted.tag or None}, indent=None)
        return
    say(str(target))
    if wanted.tag:
        say(f"✔ {wanted.tag} answers", "bold green")
        if where:
            say(f"docker run --read-only --tmpfs /tmp --cap-drop ALL -p 127.0.0.1:8080:8080 {wanted.tag}", "dim")
    else:
        say(f"docker build --tag IMAGE --file {target}/Containerfile {target}", "dim")


@contextmanager
def _given(where: str, key: Path | None, shelf: Path | None) -> Iterator[tuple[Candidate, Source] | None]:
    """Yield a verified bundle and where it lies; ``None`` when none was named."""
    if not where:
        yield None
        return
    from assay.cli.deploying import candidate_of

    with candidate_of(where, key, shelf) as found:
        yield found


def _copy(source: Source, target: Path) -> None:
    for path in source.sizes():
        place = target / path
        place.parent.mkdir(parents=True, exist_ok=True)
        with source.open(path) as content, place.open("wb") as copy:
            shutil.copyfileobj(content, copy)
