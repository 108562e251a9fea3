"""``--to cli``: one program file, for any machine with Python and the packages that the component requires."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

from assay.errors import Fault
from assay.exporters.exporter import Document, Documents, Request
from assay.exporters.naming import dns_label, short_name
from assay.exporters.pack import check_pack, pack


class ProgramExporter:
    """A stand-alone command-line program with its own ``--help``."""

    help = "one program file with an option for every parameter and port"
    next = "python3 {folder}/*.pyz --help"
    containers = False

    def documents(self, request: Request, faults: list[Fault]) -> Documents:  # noqa: ARG002  (nothing stands against a file)
        """Return the one file."""
        spec = request.spec
        packed = pack(spec, request.params)
        return {f"{dns_label(short_name(spec.name))}.pyz": Document(packed.zipped(), executable=True)}

    def check(self, documents: Documents) -> Sequence[Fault]:
        """Hold the pack in the file against its rules."""
        return [fault for document in documents.values() for fault in check_pack(unzipped(document.content))]


def unzipped(content: bytes) -> dict[str, bytes]:
    """Return the files of a program file."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


EXPORTER = ProgramExporter()
