"""The step API: throttled, bounded, and harmless when no step is running."""

from __future__ import annotations

import hashlib
import io
import json
import math
import socket
from pathlib import Path

import pytest

from assay.model.artifacts import ArtifactType
from assay.runtime.artifacts import CLASSES, Folder, Handle, Images, Predictions
from assay.runtime.channels import ConsoleChannel, LinesChannel, PacketChannel
from assay.runtime.step import LARGEST_PREVIEW, Session, Step
from assay.store.objects import ObjectStore


class Recorder:
    def __init__(self) -> None:
        self.messages: list[dict] = []

    def send(self, message, /) -> None:
        self.messages.append(dict(message))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def channel() -> Recorder:
    return Recorder()


@pytest.fixture
def step(clock, channel, tmp_path) -> Step:
    step = Step(clock)
    step.begin(Session(tmp_path, channel, {"epochs": 3}, {}, 2))
    return step


def test_progress_is_throttled_but_first_and_last_pass(step, channel, clock):
    for done in range(1, 1001):
        clock.now += 0.001
        step.progress(done, 1000, "slices")
    sent = [message["done"] for message in channel.messages]
    assert sent[0] == 1
    assert sent[-1] == 1000
    assert len(sent) <= 7
    assert channel.messages[0] == {"kind": "progress", "done": 1.0, "total": 1000.0, "message": "slices"}


def test_the_last_progress_without_a_total_is_sent_at_the_end(step, channel):
    step.progress(1)
    step.progress(2)
    step.progress(3)
    assert [message["done"] for message in channel.messages] == [1]
    step.end()
    assert [message["done"] for message in channel.messages] == [1, 3]
    assert channel.messages[-1]["total"] is None


def test_metrics_are_plain_numbers(step, channel):
    step.log_metric("auroc", 0.93, index=4)
    step.log_metric("n", True)
    assert channel.messages == [
        {"kind": "metric", "name": "auroc", "value": 0.93, "index": 4},
        {"kind": "metric", "name": "n", "value": 1.0, "index": None},
    ]


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_figure_that_is_not_finite_is_a_line_in_the_log(step, channel, capsys, value):
    step.log_metric("loss", value)
    assert channel.messages == []
    assert capsys.readouterr().out == f"metric loss is {value}: not recorded\n"


@pytest.mark.parametrize(
    ("data", "media_type", "text"),
    [
        ("hello", "text/plain", "hello"),
        (b"\x89PNG1", "image/png", "iVBORzE="),
        (b"\0", "application/octet-stream", "AA=="),
        ({"a": [1, 2]}, "application/json", '{"a": [1, 2]}'),
    ],
)
def test_previews_are_text_with_a_media_type(step, channel, data, media_type, text):
    step.preview("curve", data)
    step.preview("curve", data, media_type="x/y")
    assert channel.messages[0] == {"kind": "preview", "name": "curve", "media_type": media_type, "data": text}
    assert channel.messages[1]["media_type"] == "x/y"


def test_numpy_in_a_preview_is_json(step, channel):
    import numpy  # noqa: ICN001  (an optional package: late, as everywhere)

    step.preview("curve", {"x": numpy.arange(3), "y": numpy.float32(0.5), "z": {1}})
    assert json.loads(channel.messages[0]["data"]) == {"x": [0, 1, 2], "y": 0.5, "z": [1]}


def test_a_large_preview_is_left_out_and_told(step, channel, capsys):
    step.preview("fits", "x" * LARGEST_PREVIEW)
    step.preview("huge", "x" * (LARGEST_PREVIEW + 1))
    assert [message["name"] for message in channel.messages] == ["fits"]
    assert capsys.readouterr().out == "preview huge left out: 131073 bytes, at most 131072\n"


def test_a_preview_fits_one_packet(step):
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        step.begin(Session(Path(), PacketChannel(ours.send), {}, {}, 1))
        step.preview("fits", "\n" * (LARGEST_PREVIEW // 2))
        assert json.loads(theirs.recv(1 << 20))["name"] == "fits"


def test_outputs_lie_in_the_steps_folder(step, tmp_path):
    assert step.output("images", Images) == Images(tmp_path / "outputs" / "images")
    assert (tmp_path / "outputs" / "images").is_dir()
    assert step.output("table", Predictions) == Predictions(tmp_path / "outputs" / "table.csv")
    assert step.output("table", Predictions, suffix=".parquet").path.name == "table.parquet"
    assert step.output("images", Images, index=3).path == tmp_path / "outputs" / "images" / "0003"


def test_a_step_may_look_at_itself(step):
    assert (step.running, step.threads, dict(step.params)) == (True, 2, {"epochs": 3})
    step.end()
    assert (step.running, step.threads, dict(step.params), dict(step.inputs)) == (False, 1, {}, {})


def test_without_a_step_everything_still_works(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    step = Step()
    first, second = step.output("images", Images), step.output("images", Images)
    assert first != second
    assert first.path.is_dir()
    step.log_metric("auroc", 0.9301, index=2)
    step.log_metric("n", 3)
    step.progress(3, 10, "slices")
    step.preview("curve", "abc")
    assert capsys.readouterr().out == (
        "auroc [2] = 0.9301\nn = 3\n3/10 slices\npreview curve (text/plain, 3 characters)\n"
    )


def test_the_console_says_an_open_end(capsys):
    ConsoleChannel().send({"kind": "progress", "done": 3.0, "total": None, "message": ""})
    assert capsys.readouterr().out == "3\n"


def test_lines_are_json():
    file = io.StringIO()
    LinesChannel(file).send({"kind": "metric", "name": "ä", "value": 1.5, "index": None})
    assert file.getvalue() == '{"kind":"metric","name":"ä","value":1.5,"index":null}\n'


def test_a_broken_connection_is_told_once_and_harms_nobody(capsys):
    sent = []

    def send(packet: bytes) -> None:
        sent.append(packet)
        raise BrokenPipeError(32, "Broken pipe")

    channel = PacketChannel(send)
    channel.send({"kind": "metric"})
    channel.send({"kind": "metric"})
    assert len(sent) == 1
    assert capsys.readouterr().out.count("nobody takes") == 1


def test_handles_are_paths():
    images = Images("data/ct")
    assert images / "index.csv" == Path("data/ct/index.csv")
    assert Path(images) == images.path
    assert repr(images) == "Images('data/ct')"
    assert images == Images(Path("data/ct"))
    assert images != Folder("data/ct")
    assert len({images, Images("data/ct")}) == 1


def test_the_handle_classes_are_the_artifact_types():
    from assay.model.artifacts import FACTS, ArtifactType

    assert set(CLASSES) == {str(kind) for kind in ArtifactType if kind is not ArtifactType.VALUE}
    for kind, facts in FACTS.items():
        if kind is not ArtifactType.VALUE:
            handle = CLASSES[kind]
            assert issubclass(handle, Folder) == facts.folder
            parent = handle.__mro__[1]
            assert parent is Handle if facts.parent is None else parent.__name__ == facts.parent
            assert handle.__doc__.replace("`", "") == facts.help


def test_the_digest_of_an_artifact_is_the_one_the_store_gives_its_content(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.json").write_text("{}")
    (tmp_path / "a.txt").write_bytes(b"abc")
    before = Step().digest(Folder(tmp_path / "model"))
    assert Step().digest(Handle(tmp_path / "a.txt")) == hashlib.sha256(b"abc").hexdigest()
    assert ObjectStore(tmp_path / "store").publish(tmp_path / "model", ArtifactType.MODEL).digest == before
