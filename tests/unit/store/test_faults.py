import errno

import pytest

from assay.errors import ExitCode, StoreError
from assay.store.faults import explaining, from_os_error, printable


@pytest.mark.parametrize(
    ("number", "code", "message"),
    [
        (errno.ENOSPC, "store-full", "cannot keep x: No space left on device"),
        (errno.EDQUOT, "store-full", "cannot keep x: Disk quota exceeded"),
        (errno.EROFS, "store-read-only", "cannot keep x: Read-only file system"),
        (errno.EACCES, "store-read-only", "cannot keep x: Permission denied"),
        (errno.EIO, "store-damaged", "cannot keep x: Input/output error"),
        (errno.EMFILE, "store", "cannot keep x: Too many open files"),
    ],
)
def test_the_systems_errors_become_ours_with_a_next_step(number, code, message):
    error = from_os_error(OSError(number, "whatever"), "keep x", "/data/x")

    assert (error.code, error.message, error.culprit) == (code, message, "/data/x")
    assert error.hint
    assert error.exit_code is ExitCode.STORE


def test_the_original_error_stays_as_the_cause():
    with pytest.raises(StoreError) as caught, explaining("read", "/x"):
        raise OSError(errno.EBADF, "")
    assert isinstance(caught.value.__cause__, OSError)


def test_other_errors_are_not_ours():
    with pytest.raises(ValueError, match="mine"), explaining("read"):
        raise ValueError("mine")


def test_a_name_that_is_not_utf8_can_be_shown():
    assert printable("caf\udce9 é") == "caf\\xe9 é"
    assert printable(b"\xff") == "\\xff"


def test_an_error_about_a_name_that_is_not_utf8_can_be_printed():
    error = from_os_error(OSError(errno.ENOSPC, ""), "keep caf\udce9", "/data/caf\udce9")

    assert str(error).encode().startswith(b"error [store-full] cannot keep caf\\xe9: No space left")
    assert error.culprit == "/data/caf\\xe9"
