"""Many threads ask for the same structs at once, for the first time: as the first requests of a page do."""

import subprocess
import sys

import pytest
from msgspec import ValidationError, defstruct

from assay.server.wire.converting import convert

CROWD = """
import sys, threading
from msgspec import defstruct
from assay.server.wire.converting import convert

sys.setswitchinterval(1e-6)
wrong = []
for _ in range(40):
    inner = defstruct("Inner", [(f"f{n}", "list[int] | None", None) for n in range(30)])
    kinds = [defstruct(name, [("a", list[inner]), ("b", dict[str, inner])]) for name in ("One", "Other")]
    together = threading.Barrier(4)

    def ask(kind):
        together.wait()
        for _ in range(5):
            found = convert({"a": [{"f1": [1]}], "b": {"x": {}}}, kind)
            if (found.a[0].f1, found.b["x"].f1) != ([1], None):
                wrong.append(found)

    crowd = [threading.Thread(target=ask, args=(kinds[n % 2],)) for n in range(4)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
print(len(wrong))
"""


def test_no_thread_sees_a_struct_that_another_is_learning():
    done = subprocess.run([sys.executable, "-c", CROWD], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "0\n"), done.stderr


def test_it_converts_as_msgspec_does():
    kind = defstruct("Kind", [("count", int)])
    assert convert({"count": 3}, kind).count == 3
    assert convert("3", int, strict=False) == 3
    assert convert(None, int | None) is None
    with pytest.raises(ValidationError, match=r"Expected `int`, got `str` - at `\$.count`"):
        convert({"count": "3"}, kind)
