"""The decorator leaves the function alone; calling it needs no engine."""

from __future__ import annotations

import subprocess
import sys
import textwrap

from assay import Param, component


def test_the_decorator_returns_the_very_function():
    def plain(x: int) -> int:
        return 2 * x

    before = dict(vars(plain))
    assert component(plain) is plain
    assert component("a/b", version="1.0.0", tags=("t",), cache=False)(plain) is plain
    assert component()(plain) is plain
    assert vars(plain) == before


def test_param_is_immutable_and_comparable():
    assert Param(min=0, unit="mm") == Param(min=0, unit="mm")
    assert Param(secret=True) != Param()
    assert hash(Param(max=3.0)) == hash(Param(max=3.0))


def test_a_component_is_a_plain_function_in_a_plain_interpreter(tmp_path):
    source = """
        from typing import Annotated, NamedTuple
        from assay import Images, Metrics, Param, component, step

        class Out(NamedTuple):
            images: Images
            metrics: Metrics
            count: int

        @component("transform/copy", version="1.0.0")
        def copy(images: Images, *, times: Annotated[int, Param(min=1)] = 2) -> Out:
            out = step.output("images", Images)
            for n in range(times):
                step.progress(n + 1, times)
                (out / f"{n}.txt").write_text((images / "a.txt").read_text())
            metrics = step.output("metrics", Metrics)
            metrics.path.write_text("{}")
            step.log_metric("copies", times)
            return Out(out, metrics, times)

        import pathlib
        pathlib.Path("in").mkdir()
        pathlib.Path("in/a.txt").write_text("A")
        out = copy(Images("in"), times=3)
        print(out.count, sorted(p.read_text() for p in out.images.path.iterdir()), out.metrics.path.suffix)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(source)], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-2:] == ["copies = 3", "3 ['A', 'A', 'A'] .json"]
    assert done.stderr == ""
