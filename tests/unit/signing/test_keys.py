"""Keys: who may read them, what they refuse, and that nothing of a private half leaks."""

from __future__ import annotations

import os
import stat
import threading

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from assay.errors import NotFound
from assay.signing import DEVELOPMENT, KeyFault, Keyring, Trust, keyring_folder, load_private, load_public, new_key


@pytest.fixture
def ring(tmp_path):
    return Keyring(tmp_path / "keys")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_a_private_key_is_for_its_owner_alone(ring, umask):
    before = os.umask(umask)
    try:
        ring.add("clinic")
    finally:
        os.umask(before)
    assert mode(ring.folder) == 0o700
    assert mode(ring.folder / "clinic.key") == 0o600
    assert sorted(path.name for path in ring.folder.iterdir()) == ["clinic.key", "clinic.pub"]


def test_a_private_key_that_others_may_read_is_refused(ring):
    ring.add("clinic")
    (ring.folder / "clinic.key").chmod(0o640)
    with pytest.raises(KeyFault, match="others may read the private key 'clinic'") as caught:
        ring.private("clinic")
    assert "chmod 600" in caught.value.hint


def test_a_passphrase_encrypts_the_file_and_is_asked_for(ring):
    made = ring.add("clinic", "open sesame")
    text = (ring.folder / "clinic.key").read_text()
    assert "ENCRYPTED" in text
    assert ring.private("clinic", "open sesame").public == made
    with pytest.raises(KeyFault, match="is encrypted"):
        ring.private("clinic")
    with pytest.raises(KeyFault, match="cannot be read with this passphrase"):
        ring.private("clinic", "close sesame")
    ring.add("open")
    with pytest.raises(KeyFault, match="is not encrypted, but a passphrase was given"):
        ring.private("open", "open sesame")


def test_the_private_half_is_in_no_representation_and_no_message(ring):
    ring.add("clinic")
    body = (ring.folder / "clinic.key").read_text().splitlines()[1]
    assert body not in repr(ring.private("clinic"))
    with pytest.raises(KeyFault) as caught:
        load_private(f"-----BEGIN PRIVATE KEY-----\n{body}", "clinic")
    assert body not in str(caught.value)
    with pytest.raises(KeyFault, match="this is the private half") as caught:
        load_public((ring.folder / "clinic.key").read_text(), "clinic.key")
    assert body not in str(caught.value)


def test_keys_of_another_kind_are_refused():
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = other.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    public = other.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    with pytest.raises(KeyFault, match="not of the kind ed25519"):
        load_private(private, "rsa")
    with pytest.raises(KeyFault, match="not of the kind ed25519"):
        load_public(public.decode(), "rsa")


def test_no_key_is_ever_overwritten(ring):
    first = ring.add("clinic")
    with pytest.raises(KeyFault, match="there is a key 'clinic' already"):
        ring.add("clinic")
    with pytest.raises(KeyFault, match="there is a key 'clinic' already"):
        ring.add_public("clinic", new_key("x").public.pem)
    assert ring.public("clinic") == first


@pytest.mark.parametrize("name", ["", "../x", "A", "a b", ".hidden", "x" * 65])
def test_names_cannot_leave_the_folder(ring, name):
    with pytest.raises(KeyFault, match="cannot be the name of a key"):
        ring.add(name)
    with pytest.raises(KeyFault, match="cannot be the name of a key"):
        ring.public(name)


def test_an_unknown_key_is_told_with_its_neighbour(ring):
    with pytest.raises(NotFound, match="'assay keys new NAME' makes one"):
        ring.public("clinic")
    ring.add("clinic")
    with pytest.raises(NotFound, match="did you mean 'clinic'"):
        ring.public("clinik")


def test_the_development_key_is_made_once_and_always_known_as_such(ring):
    first, second = ring.development(), ring.development()
    assert first.public == second.public
    assert first.trust is second.trust is Trust.DEVELOPMENT
    assert mode(ring.folder / f"{DEVELOPMENT}.key") == 0o600
    assert ring.trust_of(load_private(first.pem(), "pretends").public) is Trust.DEVELOPMENT
    assert ring.trust_of(ring.add("clinic")) is Trust.NAMED
    with pytest.raises(KeyFault, match="the key that Assay makes itself"):
        ring.add(DEVELOPMENT)


def test_steps_that_need_the_development_key_at_the_same_moment_get_the_same_one(ring):
    found = []
    threads = [threading.Thread(target=lambda: found.append(ring.development().public.id)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_trusted_key_of_somebody_else_verifies_and_does_not_sign(ring):
    theirs = new_key("theirs")
    ring.add_public("partner", theirs.public.pem)
    assert theirs.public in ring.trusted()
    with pytest.raises(KeyFault, match="only the public half is here"):
        ring.private("partner")


def test_the_folder_of_keys_follows_the_users_settings(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert keyring_folder({"ASSAY_KEYS": "keys"}).name == "keys"
    assert keyring_folder({"XDG_CONFIG_HOME": "conf"}).parts == ("conf", "assay", "keys")
    assert keyring_folder({}) == tmp_path / ".config" / "assay" / "keys"


def test_a_user_without_a_home_is_told_what_to_set(monkeypatch):
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("os.getuid", lambda: 4_000_000_000)
    with pytest.raises(KeyFault, match="no home folder") as caught:
        keyring_folder({})
    assert "ASSAY_KEYS" in caught.value.hint
