"""``--to image``: an image, built by docker or podman from the folder of ``--to containerfile``, and tried before it gets its name."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from assay.errors import AssayError, MissingDependency, bounded
from assay.exporters.containerfile import ContainerfileExporter
from assay.exporters.exporter import Request

_BUILDERS = ("docker", "podman")
_CHOICE = "ASSAY_CONTAINER_ENGINE"
_LONGEST_LOG = 3000
_HINT = "start one, or build the folder elsewhere: --to containerfile"
_TRIAL = ("--rm", "--network", "none", "--read-only", "--tmpfs", "/tmp:rw,exec")  # noqa: S108  (in the container)


class ImageExporter(ContainerfileExporter):
    """The folder of ``--to containerfile``, and the image that is built from it."""

    help = "an image that runs as non-root, tried before it was tagged"
    next = "docker run --rm {image} --help"

    def finish(self, request: Request, folder: Path, tell: Callable[[str], None]) -> None:
        """Build the image, have it check itself, and tag it.

        Args:
            folder: Where the files are.
            tell: Gets each line that the builder prints.

        Raises:
            MissingDependency: Neither docker nor podman answers.
            AssayError: The build failed, or the component cannot run in its image; then nothing is tagged.
        """
        build_tried(
            find_builder(),
            folder,
            request.reference,
            _TRIAL,
            ["--check"],
            network=request.network,
            tell=tell,
            what="the component",
        )


def build_tried(
    builder: str,
    folder: Path,
    reference: str,
    trial: Sequence[str],
    words: Sequence[str],
    *,
    network: str,
    tell: Callable[[str], None],
    what: str,
) -> None:
    """Build a folder, run the image once, and tag it when that went well.

    Args:
        builder: ``docker`` or ``podman``.
        folder: With a Containerfile in it.
        reference: What the image is called in the end.
        trial: Options of the run.
        words: What the image is told in it.
        network: That it is built in; empty for the builder's own.
        tell: Gets each line that the builder prints.
        what: Runs in it, for messages.

    Raises:
        AssayError: The build or the run failed; then nothing is tagged.
    """
    name = f"localhost/assay-trial:{secrets.token_hex(8)}"
    network_words = ["--network", network] if network else []
    build = ["build", "--tag", name, "--file", str(folder / "Containerfile"), *network_words, str(folder)]
    _run(builder, build, "the image cannot be built", tell)
    try:
        _run(builder, ["run", *trial, name, *words], f"{what} cannot run in its image", tell)
        _run(builder, ["tag", name, reference], "the image cannot be tagged", tell)
    finally:
        subprocess.run([builder, "rmi", name], capture_output=True, check=False)


def find_builder() -> str:
    """Return ``docker`` or ``podman``, the first that answers; ``ASSAY_CONTAINER_ENGINE`` names the one to take.

    Raises:
        MissingDependency: There is none, or its daemon does not answer.
    """
    chosen = os.environ.get(_CHOICE)
    found = [name for name in ((chosen,) if chosen else _BUILDERS) if shutil.which(name)]
    if not found:
        message = f"there is no {chosen or 'docker or podman'} on this machine"
        raise MissingDependency(message, culprit=chosen or "", hint=f"install it, or {_HINT.partition(', or ')[2]}")
    said = ""
    for name in found:
        done = subprocess.run([name, "info"], capture_output=True, text=True, check=False)
        if not done.returncode:
            return name
        said = said or bounded((done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1], 300)
    raise MissingDependency(f"{found[0]} does not answer: {said}", culprit=found[0], hint=_HINT)


def _run(builder: str, words: list[str], failed: str, tell: Callable[[str], None]) -> None:
    """Run the builder; its last lines are part of the error when it fails."""
    lines: list[str] = []
    command = [builder, *words]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            tell(line.rstrip("\n"))
    if process.returncode:
        told = "".join(lines)[-_LONGEST_LOG:].strip()
        raise AssayError(
            f"{failed}: {told}", culprit=" ".join(words[:1]), hint="the lines above say why; nothing was tagged"
        )


EXPORTER = ImageExporter()
