"""Objects below a prefix of an object store (S3, Google Cloud Storage, Azure), for ``foreach: {files: s3://bucket/prefix}``.

Credentials and endpoint are those that the stores' own tools read (``AWS_ACCESS_KEY_ID``, ``AWS_ENDPOINT_URL``, an instance's role, …); they
are never part of a pipeline, a record or a cache key.
"""

from __future__ import annotations

import datetime as dt
import fnmatch
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from assay.errors import AssayError, MissingDependency, NotFound, bounded
from assay.ids import Digest
from assay.model.artifacts import Artifact, ArtifactType

if TYPE_CHECKING:
    from obstore import GetOptions
    from obstore.store import ObjectStore

_ADDRESS = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<bucket>[^/]*)/?(?P<prefix>.*)", re.DOTALL)
_SCHEMES = ("s3", "gs", "az")
_BLOCK = 8 << 20
_LONGEST_TRY = dt.timedelta(seconds=30)
_MOST_LISTED = 1_000_000


class ObjectError(AssayError):
    """An object store cannot be reached, refuses, or has changed meanwhile."""

    code: ClassVar[str] = "source"


class Stopped(Exception):  # noqa: N818  (no error: somebody asked for it)
    """Fetching was given up because its step was stopped."""


def is_address(folder: str) -> bool:
    """Whether this names something in an object store, and not a folder."""
    return "://" in folder


@dataclass(frozen=True, slots=True)
class Origin:
    """One version of one object: what tells its content without reading it.

    Attributes:
        url: Its address.
        size: Bytes.
        tag: The store's own mark of the content (ETag); empty when the store gives none.
        version: Of the object, where the store keeps versions; else the time of its last change.
    """

    url: str
    size: int
    tag: str
    version: str

    def text(self) -> str:
        """Return the JSON that stands for the object in orders and offers."""
        return json.dumps([self.url, self.size, self.tag, self.version], separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what ``text`` made."""
        return cls(*json.loads(text))

    def artifact(self) -> Artifact:
        """Return the object as an artifact that is not in the store: its digest is that of this, not of its bytes."""
        digest = Digest(hashlib.sha256(self.text().encode()).hexdigest())
        suffix = os.path.splitext(self.url)[1]
        return Artifact(digest, ArtifactType.FILE, folder=False, size=self.size, suffix=suffix, origin=self.text())


def listed(address: str, pattern: str) -> Sequence[tuple[str, Origin]]:
    """Return the objects below ``address``, sorted by name: the name below the prefix, and what it is.

    Args:
        address: ``s3://bucket/prefix``, ``gs://…`` or ``az://container/prefix``.
        pattern: As in ``fnmatch``, against the name; ``*`` also matches ``/``.

    Raises:
        ObjectError: The address cannot be, or the store refuses or cannot be reached.
        NotFound: There is no such bucket, or nothing below the prefix.
        MissingDependency: The client is not installed.
    """
    root, prefix = _split(address)
    found: list[tuple[str, Origin]] = []
    count = 0
    with _told(address):
        for page in _open(root).list(prefix=prefix or None):
            for one in page:
                count += 1
                name = str(one["path"])
                below = name[len(prefix) :].lstrip("/") if prefix else name
                if below and not name.endswith("/") and fnmatch.fnmatch(below, pattern):
                    version = one.get("version") or one["last_modified"].isoformat()
                    found.append(
                        (below, Origin(f"{root}/{name}", int(one["size"]), one.get("e_tag") or "", str(version)))
                    )
            if count > _MOST_LISTED:
                raise ObjectError(f"there are more than {_MOST_LISTED} objects below {address}", culprit=address)
    if count == 0:
        raise NotFound(f"there is nothing below {address}", culprit=address, hint="check bucket and prefix")
    return sorted(found, key=lambda one: one[0])


def fetch(origin: Origin, target: str, stopped: Callable[[], bool]) -> None:
    """Write an object to a new file: whole, of exactly the version that was listed, or not at all.

    Raises:
        ObjectError: It cannot be read, or is another one by now.
        NotFound: It is gone.
        Stopped: ``stopped`` said so.
    """
    root, name = _split(origin.url)
    part = f"{target}.part"
    try:
        with _told(origin.url), open(part, "wb") as file:
            options: GetOptions = {"if_match": origin.tag} if origin.tag else {}
            size = 0
            for block in _open(root).get(name, options=options).stream(min_chunk_size=_BLOCK):
                if stopped():
                    raise Stopped
                size += len(block)
                file.write(block)
        if size != origin.size:
            raise ObjectError(f"{origin.url} has {size} bytes, {origin.size} were listed", culprit=origin.url)
        os.chmod(part, 0o444)
        os.rename(part, target)
    except OSError as error:
        raise ObjectError(f"cannot write {target}: {error.strerror}", culprit=target) from None
    finally:
        if os.path.exists(part):
            os.unlink(part)


def _split(address: str) -> tuple[str, str]:
    """Return scheme with bucket, and the rest; raises ``ObjectError``."""
    found = _ADDRESS.fullmatch(address)
    known = ", ".join(f"{scheme}://" for scheme in _SCHEMES)
    if found is None or found["scheme"] not in _SCHEMES:
        raise ObjectError(f"{address!r} is no address of an object store", culprit=address, hint=f"there are {known}")
    if not found["bucket"] or "@" in found["bucket"]:
        hint = "write s3://bucket/prefix; credentials are read from the environment, as the store's own tools do"
        raise ObjectError(f"{address!r} names no bucket", culprit=address, hint=hint)
    return f"{found['scheme']}://{found['bucket']}", found["prefix"].strip("/")


def _open(root: str) -> ObjectStore:
    try:
        from obstore.store import from_url
    except ModuleNotFoundError:
        raise MissingDependency(
            "object stores need the package 'obstore'", culprit="obstore", hint="type: pip install 'assay-ml[objects]'"
        ) from None
    named = [os.environ.get(name, "") for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")]
    endpoint = next((one for one in named if one), "") if root.startswith("s3://") else ""
    plain = endpoint.startswith("http://")  # whoever names an endpoint without TLS means it
    found: ObjectStore = from_url(
        root,
        client_options={"allow_http": plain},
        retry_config={"max_retries": 5, "retry_timeout": _LONGEST_TRY},
        **({"endpoint": endpoint} if endpoint else {}),
    )  # type: ignore[call-overload]  # which options there are depends on the scheme
    return found


def _words(said: str) -> str:
    """Return the sentence in what the client says: the server's own message, else all before its inner workings."""
    message = re.search(r"<Message>(.*?)</Message>", said, re.DOTALL)
    return bounded(" ".join((message[1] if message else said.partition("Debug source")[0]).split()), 300)


@contextmanager
def _told(address: str) -> Iterator[None]:
    """Turn what the client raises into this house's errors."""
    try:
        yield
    except (AssayError, Stopped):
        raise
    except Exception as error:
        kind, said = type(error).__name__, str(error)
        if (
            isinstance(error, OSError) and error.errno is not None
        ):  # of this computer's disk: some of the client's are OSErrors too
            raise
        text = _words(said)
        if kind in {"NotFoundError", "FileNotFoundError"} or "NoSuchBucket" in said:
            raise NotFound(f"there is no {address}", culprit=address, hint="check bucket and name") from None
        if kind in {"PermissionDeniedError", "PermissionError", "UnauthenticatedError"} or "credential" in text.lower():
            hint = "credentials are read from the environment, as the store's own tools do"
            raise ObjectError(f"{address} refuses: {text}", culprit=address, hint=hint) from None
        if kind == "PreconditionError":
            hint = "run again: the list is read anew"
            raise ObjectError(f"{address} was changed since it was listed", culprit=address, hint=hint) from None
        raise ObjectError(f"{address} cannot be read: {text}", culprit=address) from None
