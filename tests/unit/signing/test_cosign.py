"""P-256 keys for cosign: beside the others, never among them."""

from __future__ import annotations

import stat

import pytest

from assay.errors import NotFound
from assay.signing import Keyring
from assay.signing.cosign import CosignKeys, verifies
from assay.signing.keys import KeyFault


def test_a_pair_is_made_once_and_signs(tmp_path):
    keys = CosignKeys(tmp_path)
    public = keys.have("site")
    assert public.startswith("-----BEGIN PUBLIC KEY-----")
    assert keys.have("site") == public
    signature = keys.sign("site", b"payload")
    assert verifies(public, signature, b"payload")
    assert not verifies(public, signature, b"another")
    assert not verifies(CosignKeys(tmp_path / "b").have("site"), signature, b"payload")
    assert stat.S_IMODE((tmp_path / "cosign" / "site.key").stat().st_mode) == 0o600


def test_keys_that_sign_verdicts_are_not_disturbed(tmp_path):
    CosignKeys(tmp_path).have("site")
    ring = Keyring(tmp_path)
    assert ring.names() == []
    assert not verifies(ring.add("clinic").pem, b"signature", b"payload")


def test_what_is_no_such_key_is_told(tmp_path):
    keys = CosignKeys(tmp_path)
    with pytest.raises(NotFound, match="no key 'site' for cosign"):
        keys.sign("site", b"payload")
    with pytest.raises(KeyFault, match="cannot be the name of a key"):
        keys.have("../site")
    keys.have("site")
    Keyring(tmp_path).add("clinic")
    (tmp_path / "cosign" / "site.key").write_bytes((tmp_path / "clinic.key").read_bytes())
    with pytest.raises(KeyFault, match="is no private P-256 key"):
        keys.sign("site", b"payload")
