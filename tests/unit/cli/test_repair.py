import stat
from pathlib import Path

import pytest

from assay.cli.repair import mend
from assay.errors import Fix
from assay.views.mending import apart, applied

BAD = """assay: 1
name: p   # a comment stays
steps:
  scans: {use: input/ct-phantom, with: {patientz: 20}}
"""


def fix(start, end, text="x"):
    return Fix("t", start, end, text)


@pytest.mark.parametrize(
    ("fixes", "kept"),
    [
        ([], []),
        ([(0, 2), (1, 3)], [(0, 2)]),
        ([(3, 4), (0, 2)], [(0, 2), (3, 4)]),
        ([(0, 2), (2, 4)], [(0, 2), (2, 4)]),
        ([(1, 1), (1, 1)], [(1, 1)]),
    ],
)
def test_overlapping_repairs_wait_for_the_next_round(fixes, kept):
    assert [(f.start, f.end) for f in apart(fix(*place) for place in fixes)] == kept


def test_repairs_are_applied_from_the_end():
    assert applied("abcdef", [fix(0, 1, "ZZZ"), fix(3, 5, "")]) == "ZZZbcf"


def test_mending_changes_the_word_and_nothing_else(tmp_path):
    file = tmp_path / "p.yaml"
    file.write_text(BAD)
    file.chmod(0o640)
    result = mend(file, write=True)
    assert result.fixed == 1
    assert result.checked.ok
    assert file.read_text() == BAD.replace("patientz", "patients")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["p.yaml"]


def test_without_fix_nothing_is_written(assay):
    Path("p.yaml").write_text(BAD)
    result = assay("check", "p.yaml")
    assert result.status == 2
    assert Path("p.yaml").read_text() == BAD
    assert "patientz" in result.err
    assert "--> p.yaml:4:" in result.err
    assert "did you mean 'patients'?" in result.err
    assert "'assay check --fix' repairs 1" in result.out


def test_fix_writes_and_says_so(assay):
    Path("p.yaml").write_text(BAD)
    result = assay("check", "p.yaml", "--fix")
    assert result.status == 0
    assert result.out == "p.yaml: 1 repair written\n✔ p.yaml: 1 step\n"
    assert not Path(".assay").exists()


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real.yaml").write_text(BAD)
    (tmp_path / "link.yaml").symlink_to(tmp_path / "real.yaml")
    mend(tmp_path / "link.yaml", write=True)
    assert (tmp_path / "link.yaml").is_symlink()
    assert "patients:" in (tmp_path / "real.yaml").read_text()


def test_a_file_that_is_not_there(assay):
    result = assay("check", "nothing.yaml")
    assert result.status == 2
    assert result.err.startswith("error [not-found] there is no file nothing.yaml")
