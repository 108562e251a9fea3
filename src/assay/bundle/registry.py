"""Bundles in registries: pushed and pulled by oras, blob by blob, so that a registry holds the bytes that an archive holds."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar, Self

from assay.bundle.address import Address
from assay.bundle.faults import Rejected
from assay.bundle.layout import LARGEST_DOCUMENT
from assay.bundle.manifest import Manifest
from assay.bundle.oci import EMPTY, EMPTY_TYPE, MANIFEST_TYPE, Blob, described, layers, sha256
from assay.bundle.source import Source
from assay.errors import AssayError, ExitCode, Fault, MissingDependency, NotFound, bounded

if TYPE_CHECKING:
    import requests
    from oras.client import OrasClient

_PATIENCE = 10.0
"""Seconds for a registry's first answer."""


class RegistryFault(AssayError):  # noqa: N818  (like its kin in errors.py)
    """A registry cannot be reached, or refuses."""

    code: ClassVar[str] = "registry"
    exit_code: ClassVar[ExitCode] = ExitCode.RUN_FAILED


class RegistryClient:
    """oras, with a registry's answers turned into this house's errors."""

    def __init__(self, address: Address) -> None:
        self._oras = _oras(address)
        self._address = address
        self._container = self._oras.get_container(
            f"{address.registry}/{address.repository}" + (f"@{address.digest}" if address.digest else f":{address.tag}")
        )
        self._oras.auth.load_configs(self._container)
        with self._heard():
            # Before anything else: oras asks five times, for two minutes in all, before it says that nobody answers.
            self._oras.session.get(f"{self._oras.prefix}://{address.registry}/v2/", timeout=_PATIENCE)

    def manifest(self, kind: str = MANIFEST_TYPE) -> bytes:
        """Return the OCI manifest, or index, as it is stored."""
        response = self._ask("GET", self._container.manifest_url(), headers={"Accept": kind})
        text: bytes = response.content
        if len(text) > LARGEST_DOCUMENT:
            raise Rejected(str(self._container), [Fault("too-large", "its OCI manifest is too large", "")])
        if self._address.digest and sha256(text) != self._address.digest:
            message = f"the registry answers with {sha256(text)}"
            raise Rejected(str(self._container), [Fault("changed", message, self._address.digest)])
        return text

    def put_manifest(self, text: bytes, kind: str = MANIFEST_TYPE) -> bool:
        """Store an OCI manifest, or index, under the tag; return whether the registry lists it among the referrers of its subject."""
        response = self._ask("PUT", self._container.manifest_url(), data=text, headers={"Content-Type": kind})
        return "OCI-Subject" in response.headers

    def fetch(self, blob: Blob, target: Path) -> None:
        """Write a blob to a file, never more of it than its manifest says."""
        with (
            self._ask("GET", self._container.get_blob_url(blob.digest), stream=True) as response,
            target.open("wb") as file,
        ):
            size = 0
            for block in response.iter_content(1 << 20):
                size += len(block)
                if size > blob.size:
                    raise Rejected(
                        str(self._container), [Fault("changed", f"{blob.digest} is larger than it should be", "")]
                    )
                file.write(block)

    def put(self, blob: Blob, kind: str, content: Path) -> None:
        """Store a blob unless it is there."""
        layer = {"digest": blob.digest, "size": blob.size, "mediaType": kind}
        with self._heard():
            self._held(self._oras.upload_blob(str(content), self._container, layer))

    def _ask(self, method: str, path: str, **how: Any) -> requests.Response:
        with self._heard():
            return self._held(self._oras.do_request(f"{self._oras.prefix}://{path}", method, **how))

    def _held(self, response: requests.Response) -> requests.Response:
        if response.status_code in {200, 201, 202}:
            return response
        where = f"{self._address.registry}/{self._address.repository}"
        if response.status_code == 404:
            raise NotFound(
                f"there is nothing at {self._container}", culprit=str(self._container), hint="check name and tag"
            )
        if response.status_code in {401, 403}:
            raise RegistryFault(
                f"{where} refuses you", culprit=where, hint=f"type: docker login {self._address.registry}"
            )
        raise RegistryFault(
            f"{where} answers {response.status_code} {response.reason}: {bounded(response.text, 300)}", culprit=where
        )

    @contextmanager
    def _heard(self) -> Iterator[None]:
        import requests

        where = self._address.registry
        try:
            yield
        except requests.exceptions.SSLError as error:
            hint = "without TLS only registries on this computer are spoken to"
            raise RegistryFault(
                f"{where} cannot be trusted: {bounded(str(error), 300)}", culprit=where, hint=hint
            ) from None
        except (requests.exceptions.RequestException, OSError) as error:
            hint = "check the address, and whether the registry runs"
            raise RegistryFault(
                f"{where} cannot be reached: {bounded(str(error), 300)}", culprit=where, hint=hint
            ) from None
        except ValueError as error:  # what oras raises when it has no credentials that are asked for
            hint = f"type: docker login {where}"
            raise RegistryFault(f"{where} refuses: {bounded(str(error), 300)}", culprit=where, hint=hint) from None


def _oras(address: Address) -> OrasClient:
    try:
        from oras.client import OrasClient
    except ModuleNotFoundError:
        raise MissingDependency(
            "registries need the package 'oras'", culprit="oras", hint="type: pip install 'assay-ml[bundle]'"
        ) from None
    return OrasClient(hostname=address.registry, insecure=address.plain)


class RegistrySource:
    """A bundle in a registry. What is read of it lies in a temporary folder meanwhile."""

    def __init__(self, where: str) -> None:
        address = Address.parse(where)
        self.name = where
        self._client = RegistryClient(address if address.digest or address.tag else Address.parse(address.at("latest")))
        text = self._client.manifest()
        self.digest = sha256(text)
        self._files = layers(text, where)
        self._folder = Path(tempfile.mkdtemp(prefix="assay-pull-"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def sizes(self) -> Mapping[str, int]:
        """Return path to bytes of every file there is."""
        return {path: blob.size for path, blob in self._files.items()}

    def open(self, path: str) -> BinaryIO:
        """Open one of these files."""
        blob = self._files[path]
        kept = self._folder / blob.digest.removeprefix("sha256:")
        if not kept.exists():
            part = kept.with_suffix(".part")
            self._client.fetch(blob, part)
            part.rename(kept)
        return kept.open("rb")


def push(source: Source, manifest: Manifest, where: str) -> str:
    """Store a verified bundle in a registry; return the address by digest, which nobody can move to another bundle.

    Args:
        where: ``oci://registry/repository``, with a tag or without: then the version is the tag.

    Raises:
        AssayError: ``where`` is no address, or one by digest.
        RegistryFault: The registry cannot be reached or refuses.
        NotFound: There is no such registry path.
    """
    address = Address.parse(where)
    if address.digest:
        raise AssayError(
            "a bundle is pushed to a tag, its digest is its own", culprit=where, hint="leave out '@sha256:…'"
        )
    tagged = address if address.tag else Address.parse(address.at(manifest.version.replace("+", "_")))
    client = RegistryClient(tagged)
    text = described(source, manifest)
    with tempfile.TemporaryDirectory(prefix="assay-push-") as folder:
        content = Path(folder) / "blob"
        content.write_bytes(EMPTY)
        client.put(Blob(sha256(EMPTY), len(EMPTY)), EMPTY_TYPE, content)
        for path, blob in layers(text, source.name).items():
            with source.open(path) as original, content.open("wb") as copy:
                shutil.copyfileobj(original, copy)
            client.put(blob, "application/octet-stream", content)
    client.put_manifest(text)
    return address.at("", sha256(text))
