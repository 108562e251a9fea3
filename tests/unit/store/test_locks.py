import contextlib
import os

import pytest

from assay.errors import StoreError
from assay.store.locks import is_locked, locked


def lock(path, *, shared=False):
    return locked(str(path), shared=shared, patience=0.05, refusal="taken", hint="wait")


def test_an_exclusive_lock_keeps_everybody_out_and_names_its_holder(tmp_path):
    for shared in (False, True):
        with (
            lock(tmp_path / "x"),
            pytest.raises(StoreError, match="taken") as caught,
            lock(tmp_path / "x", shared=shared),
        ):
            pass
        assert caught.value.culprit == f"process {os.getpid()}"
        assert caught.value.hint == "wait"


def test_shared_locks_share_and_keep_exclusive_ones_out(tmp_path):
    with lock(tmp_path / "x", shared=True), lock(tmp_path / "x", shared=True):
        with pytest.raises(StoreError, match="taken"), lock(tmp_path / "x"):
            pass
        assert not is_locked(str(tmp_path / "x"))


def test_a_lock_is_free_after_an_error_and_without_its_file(tmp_path):
    with contextlib.suppress(ValueError), lock(tmp_path / "x"):
        assert is_locked(str(tmp_path / "x"))
        raise ValueError
    assert not is_locked(str(tmp_path / "x"))
    assert not is_locked(str(tmp_path / "y"))


def test_a_forked_child_holds_nothing(tmp_path):
    reader, writer = os.pipe()
    with lock(tmp_path / "x"):
        child = os.fork()
        if child == 0:
            os.read(reader, 1)
            os._exit(0)
    try:
        assert not is_locked(str(tmp_path / "x"))
    finally:
        os.write(writer, b"x")
        os.waitpid(child, 0)
        os.close(reader)
        os.close(writer)
