"""The user's keys: a folder outside every project and store, one pair of files a key.

``NAME.key`` is the private half (mode 600), ``NAME.pub`` the public one. A name with the public half alone is somebody else's key that
this user trusts.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path

from assay.errors import NotFound, did_you_mean
from assay.signing.keys import KeyFault, PrivateKey, PublicKey, Trust, load_private, load_public, new_key

DEVELOPMENT = "development"
"""The name of the key that Assay makes itself when it has to sign and nobody gave it a key."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


def keyring_folder(environment: Mapping[str, str]) -> Path:
    """Return ``$ASSAY_KEYS``, else ``assay/keys`` in the user's configuration folder (XDG base directories).

    Raises:
        KeyFault: This user has no home, as in some containers.
    """
    if environment.get("ASSAY_KEYS"):
        return Path(environment["ASSAY_KEYS"])
    base = environment.get("XDG_CONFIG_HOME")
    try:
        return (Path(base) if base else Path.home() / ".config") / "assay" / "keys"
    except RuntimeError:
        raise KeyFault("this user has no home folder to keep keys in", hint="set ASSAY_KEYS to a folder") from None


class Keyring:
    """The keys in one folder, which need not be there yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> list[str]:
        """Return the names of all keys, sorted."""
        return sorted(path.stem for path in self.folder.glob("*.pub")) if self.folder.is_dir() else []

    def has_private(self, name: str) -> bool:
        """Whether this user can sign with the key."""
        return self._private_file(name).is_file()

    def public(self, name: str) -> PublicKey:
        """Return the public half; raises ``NotFound`` and ``KeyFault``."""
        self._check(name)
        file = self.folder / f"{name}.pub"
        if not file.is_file():
            known = self.names()
            hint = did_you_mean(name, known) or (
                f"there are {', '.join(known)}" if known else "'assay keys new NAME' makes one"
            )
            raise NotFound(f"there is no key {name!r}", culprit=name, hint=hint)
        return load_public(file.read_text(encoding="utf-8", errors="replace"), str(file))

    def trusted(self) -> list[PublicKey]:
        """Return every public key of the folder."""
        return [self.public(name) for name in self.names()]

    def trust_of(self, key: PublicKey) -> Trust:
        """Return what a signature by ``key`` is worth: the development key is known by its id, whatever file it comes from."""
        made = DEVELOPMENT in self.names() and self.public(DEVELOPMENT).id == key.id
        return Trust.DEVELOPMENT if made else Trust.NAMED

    def add(self, name: str, passphrase: str = "") -> PublicKey:
        """Make a new key and keep both halves.

        Raises:
            KeyFault: There is one of this name, or the name is illegal or reserved.
        """
        if name == DEVELOPMENT:
            raise KeyFault(f"{name!r} is the key that Assay makes itself", culprit=name, hint="choose another name")
        return self._keep(new_key(name), passphrase).public

    def add_public(self, name: str, pem: str) -> PublicKey:
        """Keep somebody else's public key under a name: what it signed is believed here from now on."""
        key = load_public(pem, name)
        self._refuse_taken(name)
        self._make_folder()
        self._write(self.folder / f"{name}.pub", key.pem, 0o644)
        return key

    def private(self, name: str, passphrase: str = "") -> PrivateKey:
        """Return the private half.

        Raises:
            KeyFault: This user has only the public half, others may read the file, or the passphrase is wrong.
        """
        public = self.public(name)
        file = self._private_file(name)
        if not file.is_file():
            raise KeyFault(f"of the key {name!r} only the public half is here", culprit=name)
        if stat.S_IMODE(file.stat().st_mode) & 0o077:
            raise KeyFault(f"others may read the private key {name!r}", culprit=name, hint=f"type: chmod 600 {file}")
        text = file.read_text(encoding="utf-8", errors="replace")
        return load_private(text, name, passphrase=passphrase, trust=self.trust_of(public))

    def development(self) -> PrivateKey:
        """Return this user's development key, made now when there is none."""
        if not self.has_private(DEVELOPMENT):
            made = new_key(DEVELOPMENT, Trust.DEVELOPMENT)
            self._make_folder()
            with contextlib.suppress(FileExistsError):  # another step was faster: its key counts
                self._write(self._private_file(DEVELOPMENT), made.pem(), 0o600)
        text = self._private_file(DEVELOPMENT).read_text(encoding="utf-8")
        key = load_private(text, DEVELOPMENT, trust=Trust.DEVELOPMENT)
        with contextlib.suppress(FileExistsError):
            self._write(self.folder / f"{DEVELOPMENT}.pub", key.public.pem, 0o644)
        return key

    def signing_key(self, name: str, pem: str, passphrase: str = "") -> PrivateKey:
        """Return the key that PEM text holds, known as a development key if it is one; without text, the development key itself.

        Where no key can be kept (a read-only home), the development key is a fresh one that nobody can verify later.
        """
        if not pem:
            try:
                return self.development()
            except OSError:
                return new_key(DEVELOPMENT, Trust.DEVELOPMENT)
        trust = self.trust_of(load_private(pem, name, passphrase=passphrase).public)
        return load_private(pem, name, passphrase=passphrase, trust=trust)

    def development_ids(self) -> list[str]:
        """Return the ids of keys that are development keys here, whatever a verdict claims."""
        return [self.public(DEVELOPMENT).id] if DEVELOPMENT in self.names() else []

    def _keep(self, key: PrivateKey, passphrase: str) -> PrivateKey:
        self._refuse_taken(key.name)
        self._make_folder()
        # The private half first: a public half without it would look like somebody else's key.
        self._write(self._private_file(key.name), key.pem(passphrase), 0o600)
        self._write(self.folder / f"{key.name}.pub", key.public.pem, 0o644)
        return key

    def _refuse_taken(self, name: str) -> None:
        self._check(name)
        if name in self.names() or self.has_private(name):
            raise KeyFault(
                f"there is a key {name!r} already",
                culprit=name,
                hint="choose another name: what the old key signed could not be verified any more",
            )

    def _private_file(self, name: str) -> Path:
        return self.folder / f"{name}.key"

    def _make_folder(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)

    @staticmethod
    def _write(path: Path, text: str, mode: int) -> None:
        """Write a new file, whole from the first moment on and never open to others; raises ``FileExistsError``."""
        if path.exists():
            raise FileExistsError(path)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                os.fchmod(file.fileno(), mode)
            os.link(temporary, path)
        finally:
            os.unlink(temporary)

    @staticmethod
    def _check(name: str) -> None:
        if not _NAME.fullmatch(name):
            raise KeyFault(
                f"{name!r} cannot be the name of a key",
                culprit=name,
                hint="use small letters, digits, '.', '_' and '-'",
            )
