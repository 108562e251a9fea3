"""A good component's source becomes its specification, and nothing of it is run."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from assay.authoring import declared_components, read_file, read_function, read_functions
from assay.errors import InvalidDocument, NotFound
from assay.model.artifacts import ArtifactType, PortType
from assay.model.component import MISSING, Isolation, ParamSpec, ParamType, PortSpec, Resources

SPLIT = '''
    from pathlib import Path
    from typing import Annotated, Literal, NamedTuple
    import numpy as np
    from assay import ComponentError, Images, Param, component, step

    SHARE = 0.15

    class Split(NamedTuple):
        train: Images
        test: Images | None
        parts: list[Images]
        patients: int

    @component("transform/split-by-patient", version="1.0.0", tags=("data", "split"), requires=("numpy",),
               licence="Apache-2.0", authors=("A",), cpu=2, memory="1Gi", gpu=1, isolation="spawn", cache=False)
    def split_by_patient(
        images: Images,
        masks: Images | None = None,
        *,
        validation: Annotated[float, Param(min=0.0, max=0.9, unit="share")] = SHARE,
        by: Literal["label", "label+sex"] = "label",
        seed: int = 0,
        table: Path | None = None,
        token: Annotated[str, Param(secret=True)],
    ) -> Split:
        """Split images so that no patient is in two parts.

        Longer description,
        of two lines.

        Args:
            images: Slices with patient,
                label and sex.
            validation: Share kept: for validation.
        Returns:
            train: Slices to fit on.
            patients: How many.
        """
'''


def write(folder: Path, source: str, name: str = "steps.py") -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(textwrap.dedent(source))
    return file


def test_the_contracts_example(tmp_path):
    file = write(tmp_path, SPLIT)
    spec = read_function(file, "split_by_patient")
    assert (spec.name, spec.version, spec.category) == ("transform/split-by-patient", "1.0.0", "transform")
    assert spec.title == "Split images so that no patient is in two parts"
    assert spec.description == "Longer description,\nof two lines."
    assert (spec.tags, spec.licence, spec.authors, spec.requirements) == (
        ("data", "split"),
        "Apache-2.0",
        ("A",),
        ("numpy",),
    )
    assert spec.resources == Resources(cpu=2.0, memory=2**30, gpu=1)
    assert (spec.isolation, spec.cache) == (Isolation.SPAWN, False)
    images = PortType(ArtifactType.IMAGES)
    assert dict(spec.inputs) == {
        "images": PortSpec("images", images, help="Slices with patient, label and sex."),
        "masks": PortSpec("masks", images, optional=True),
    }
    assert dict(spec.outputs) == {
        "train": PortSpec("train", images, help="Slices to fit on."),
        "test": PortSpec("test", images, optional=True),
        "parts": PortSpec("parts", PortType(ArtifactType.IMAGES, many=True)),
        "patients": PortSpec("patients", PortType(ArtifactType.VALUE), help="How many."),
    }
    assert dict(spec.params) == {
        "validation": ParamSpec(
            "validation",
            ParamType.FLOAT,
            default=0.15,
            min=0.0,
            max=0.9,
            unit="share",
            help="Share kept: for validation.",
        ),
        "by": ParamSpec("by", ParamType.STR, default="label", choices=("label", "label+sex")),
        "seed": ParamSpec("seed", ParamType.INT, default=0),
        "table": ParamSpec("table", ParamType.PATH, default=None, nullable=True),
        "token": ParamSpec("token", ParamType.STR, default=MISSING, secret=True),
    }
    implementation = spec.implementation
    assert (implementation.function, implementation.file, implementation.module) == ("split_by_patient", str(file), "")
    assert implementation.preload == ("numpy",)
    assert len(implementation.code) == 64


def param(tmp_path: Path, annotation: str, head: str = "") -> ParamSpec:
    imports = (
        "import pathlib, typing\nimport typing as t\n"
        "from collections.abc import Mapping, Sequence\nfrom pathlib import Path\n"
        "from typing import Annotated, Any, List, Literal, Optional, Union\nfrom assay import Param, component\n"
    )
    file = write(tmp_path, f"{imports}{head}\n@component\ndef f(*, x: {annotation}) -> None:\n    'F.'\n")
    return read_function(file, "f").params["x"]


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("int", ParamSpec("x", ParamType.INT)),
        ("float = -1", ParamSpec("x", ParamType.FLOAT, default=-1.0)),
        ("bool = True", ParamSpec("x", ParamType.BOOL, default=True)),
        ("'int' = 3", ParamSpec("x", ParamType.INT, default=3)),
        ("int = 60 * 60 - 1", ParamSpec("x", ParamType.INT, default=3599)),
        ("float = 1e-3", ParamSpec("x", ParamType.FLOAT, default=0.001)),
        ("int | float = 2", ParamSpec("x", ParamType.FLOAT, default=2.0)),
        ("Optional[int] = None", ParamSpec("x", ParamType.INT, default=None, nullable=True)),
        ("Union[int, None] = 1", ParamSpec("x", ParamType.INT, default=1, nullable=True)),
        ("None | str", ParamSpec("x", ParamType.STR, nullable=True)),
        (
            "Annotated[int | None, Param(min=1), 'note'] = None",
            ParamSpec("x", ParamType.INT, default=None, nullable=True, min=1),
        ),
        (
            "Annotated[int, Param(min=1)] | None = None",
            ParamSpec("x", ParamType.INT, default=None, nullable=True, min=1),
        ),
        (
            "Literal['a', 'b', None] = None",
            ParamSpec("x", ParamType.STR, default=None, nullable=True, choices=("a", "b")),
        ),
        ("t.Literal[1, -2]", ParamSpec("x", ParamType.INT, choices=(1, -2))),
        (
            "Annotated[float, Param(choices=(0.5, 1.0))] = 1",
            ParamSpec("x", ParamType.FLOAT, default=1.0, choices=(0.5, 1.0)),
        ),
        ("list[str]", ParamSpec("x", ParamType.LIST, items=ParamType.STR)),
        ("Sequence[str] = ('a', 'b')", ParamSpec("x", ParamType.LIST, items=ParamType.STR, default=["a", "b"])),
        ("tuple[int, ...] = ()", ParamSpec("x", ParamType.LIST, items=ParamType.INT, default=[])),
        ("List[Literal['a', 'b']]", ParamSpec("x", ParamType.LIST, items=ParamType.STR, choices=("a", "b"))),
        ("list", ParamSpec("x", ParamType.LIST)),
        ("list[Any]", ParamSpec("x", ParamType.LIST)),
        ("list[list[float]]", ParamSpec("x", ParamType.LIST, items=ParamType.LIST)),
        ("dict[str, float]", ParamSpec("x", ParamType.MAP, items=ParamType.FLOAT)),
        ("Mapping[str, Any] | None = None", ParamSpec("x", ParamType.MAP, default=None, nullable=True)),
        ("pathlib.Path = Path('data')", ParamSpec("x", ParamType.PATH, default="data")),
        ("str | Path", ParamSpec("x", ParamType.PATH)),
        ("typing.Annotated[str, Param(help='H.')]", ParamSpec("x", ParamType.STR, help="H.")),
    ],
)
def test_annotations(tmp_path, annotation, expected):
    assert param(tmp_path, annotation) == expected


def test_aliases_and_constants_are_followed(tmp_path):
    head = "from beside import Rate, DEFAULT\nBy = Literal['a', 'b']\nFIRST = 'a'\n"
    beside = "from typing import Annotated\nfrom assay import Param\nRate = Annotated[float, Param(min=0, max=1)]\nHALF = 0.5\nDEFAULT = -HALF + 1\n"
    write(tmp_path, beside, "beside.py")
    assert param(tmp_path, "By = FIRST", head) == ParamSpec("x", ParamType.STR, default="a", choices=("a", "b"))
    assert param(tmp_path, "Rate = DEFAULT", head) == ParamSpec("x", ParamType.FLOAT, default=0.5, min=0, max=1)


@pytest.mark.parametrize(
    ("head", "decorator", "annotation"),
    [
        ("import assay", "assay.component", "assay.Images"),
        ("import assay as a", "a.component", "a.Images"),
        ("from assay import component as comp, Images as Scans", "comp()", "Scans"),
        (
            "from assay.runtime.declare import component\nfrom assay.runtime.artifacts import Images",
            "component",
            "Images",
        ),
        ("try:\n    import assay\nexcept ImportError:\n    raise", "assay.component()", "'assay.Images'"),
    ],
)
def test_names_may_be_imported_in_any_way(tmp_path, head, decorator, annotation):
    file = write(tmp_path, f"{head}\n@{decorator}\ndef f(images: {annotation}) -> {annotation}:\n    'F.'\n")
    spec = read_function(file, None)
    assert spec.inputs["images"].type == PortType(ArtifactType.IMAGES)
    assert list(spec.outputs) == ["images"]


@pytest.mark.parametrize(
    ("returns", "ports"),
    [
        ("None", {}),
        ("Images", {"images": "Images"}),
        ("'Model'", {"model": "Model"}),
        ("list[File]", {"file": "list[File]"}),
        ("int", {"value": "Value"}),
        ("dict[str, float] | None", {"value": "Value"}),
        ("Near", {"a": "Model", "n": "Value"}),
        ("far.Far", {"b": "list[Report]"}),
        ("Again", {"b": "list[Report]"}),
    ],
)
def test_outputs(tmp_path, returns, ports):
    write(
        tmp_path,
        "from typing import NamedTuple\nfrom assay import Report\nclass Far(NamedTuple):\n    b: list[Report]\n",
        "far.py",
    )
    write(tmp_path, "from far import Far as Again\n", "again.py")
    source = f"""
        import typing, far
        from again import Again
        from assay import *
        from assay import File, Images, Model, component

        class Near(typing.NamedTuple):
            '''Outputs.'''
            a: Model
            n: list[int]
            def total(self): ...

        @component
        def f() -> {returns}:
            '''F.'''
    """
    spec = read_function(write(tmp_path, source), "f")
    assert {name: str(port.type) for name, port in spec.outputs.items()} == ports


def test_the_whole_returns_section_explains_a_single_output(tmp_path):
    source = """
        from assay import Images, component
        @component
        def f() -> Images:
            '''F.

            Returns:
                The images,
                cleaned.
            '''
    """
    assert read_function(write(tmp_path, source), "f").outputs["images"].help == "The images, cleaned."


def test_reading_runs_nothing(tmp_path):
    source = """
        import pathlib
        pathlib.Path(__file__).with_name("ran").touch()
        from assay import component

        def shout(function):
            raise SystemExit("decorated")

        @component(version="1")
        @shout
        def f(*, x: int = 3) -> None:
            '''F.'''

        raise SystemExit("imported")
    """
    file = write(tmp_path, source)
    assert read_function(file, "f").params["x"].default == 3
    assert [spec.name for spec in read_functions(file)] == ["f"]
    assert not (tmp_path / "ran").exists()


def test_names_of_components(tmp_path):
    source = """
        from assay import component
        @component("a/named")
        def one() -> None:
            '''One.'''
        @component
        def two() -> None:
            '''Two.'''
        def plain(): ...
    """
    file = write(tmp_path, source)
    assert [spec.name for spec in read_functions(file)] == ["a/named", "two"]
    assert read_function(file, "two", name="./steps.py:two").name == "./steps.py:two"
    assert read_function(file, "one", name="./steps.py:one").name == "a/named"
    assert [(found.function, found.name) for found in declared_components(file)] == [("one", "a/named"), ("two", "")]
    with pytest.raises(NotFound, match=r"has several components \(name one of one, two\)"):
        read_function(file, None)
    with pytest.raises(NotFound, match=r"no component function 'on' \(did you mean 'one'\?\)"):
        read_function(file, "on")
    with pytest.raises(
        InvalidDocument,
        match=r":9:1: error \[not-a-component\] function 'plain' is not a component \(write @component above it\)",
    ):
        read_function(file, "plain")


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(NotFound, match="No such file or directory"):
        read_function(tmp_path / "gone.py", "f")
    assert [fault.code for fault in read_file(tmp_path / "gone.py").faults] == ["not-found"]
    (tmp_path / "empty.py").write_text("")
    with pytest.raises(NotFound, match="has no component"):
        read_function(tmp_path / "empty.py", None)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"def f(:\n", ":1:7: error [syntax] not Python: invalid syntax"),
        (b"\xff\xfe", "[syntax] not Python: "),
        (b"x = 1\0", "[syntax] not Python: source code string cannot contain null bytes"),
        (b"x = " + b"(" * 5000 + b")" * 5000, "[syntax] not Python: "),
        (b"# coding: nonsense\n", "[syntax] not Python: "),
    ],
)
def test_files_that_are_not_python(tmp_path, content, text):
    file = tmp_path / "steps.py"
    file.write_bytes(content)
    reading = read_file(file)
    assert reading.specs == ()
    assert text in str(reading.faults[0])
    with pytest.raises(InvalidDocument):
        read_function(file, "f")


def test_columns_count_characters_in_any_encoding(tmp_path):
    file = tmp_path / "steps.py"
    text = "# coding: latin-1\nfrom assay import component\n@component\ndef f(*, ä: int = 1, b) -> None:\n    'F.'\n"
    file.write_bytes(text.encode("latin-1"))
    faults = [fault for fault in read_file(file).faults if fault.code == "unannotated"]
    assert (faults[0].location.line, faults[0].location.column) == (4, text.splitlines()[3].index("b)") + 1)


def test_a_changed_file_is_read_again(tmp_path):
    file = write(tmp_path, "from assay import component\n@component\ndef f(*, x: int = 1) -> None:\n    'F.'\n")
    assert read_function(file, "f").params["x"].default == 1
    file.write_text(file.read_text().replace("= 1", "= 23"))
    assert read_function(file, "f").params["x"].default == 23
