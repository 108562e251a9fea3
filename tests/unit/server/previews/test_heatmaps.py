"""A folder of heat maps that anybody may have written: what can be read is shown, what cannot is a folder of files."""

import json

import pytest

from assay.model.artifacts import ArtifactType
from assay.model.state import RunState
from assay.server.previews.heatmaps import SHOWN
from assay.server.previews.preview import preview
from assay.store import Store

HEAD = "file,patient,label,outcome,score,overlay,constant"


@pytest.fixture
def shown(tmp_path):
    store = Store.open(tmp_path / "store")

    def show(facts, index, page=0):
        folder = tmp_path / "made"
        folder.mkdir()
        (folder / "heatmaps.json").write_text(facts if isinstance(facts, str) else json.dumps(facts))
        (folder / "index.csv").write_bytes(index if isinstance(index, bytes) else index.encode())
        artifact = store.objects.publish(folder, ArtifactType.FOLDER)
        return preview(store, RunState(), artifact, 0, page)

    yield show
    store.close()


def test_maps_whose_images_are_not_in_the_run_are_shown_without_them(shown):
    found = shown(
        {"title": 7, "state": "splendid", "images": "0" * 64}, f"{HEAD}\na.png,p,covid,false negative,0.25,o.png,\n"
    )
    assert (found.title, found.positive, found.state, found.images) == ("7", "", None, None)
    (row,) = found.rows
    assert (row.row, row.file, row.outcome, row.score, row.overlay, row.mask) == (
        0,
        "a.png",
        "false negative",
        "0.25",
        "o.png",
        "",
    )


def test_a_page_of_many_maps_keeps_their_numbers(shown):
    lines = [f"{n}.png,p,covid,true positive,0.5,o.png,False" for n in range(SHOWN + 3)]
    found = shown({"title": "t"}, "\n".join([HEAD, *lines]), page=1)
    assert (found.start, found.total) == (SHOWN, SHOWN + 3)
    assert [(one.row, one.file) for one in found.rows] == [(SHOWN + n, f"{SHOWN + n}.png") for n in range(3)]


@pytest.mark.parametrize(
    ("facts", "index"),
    [
        ("{", f"{HEAD}\na.png,p,covid,x,1,o.png,\n"),
        ("[]", f"{HEAD}\na.png,p,covid,x,1,o.png,\n"),
        ({"title": "t"}, "file,patient\na.png,p\n"),
        ({"title": "t"}, b"\xff\xfe\x00"),
        ({"title": "t"}, ""),
    ],
)
def test_what_cannot_be_read_as_maps_is_a_folder_of_files(shown, facts, index):
    found = shown(facts, index)
    assert found.files == ["heatmaps.json", "index.csv"]
