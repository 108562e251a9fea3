"""What every object store promises."""

import hashlib
import os
import socket
import stat

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.errors import StoreError
from assay.model.artifacts import Artifact, ArtifactType
from assay.store import digest_source

NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1, max_size=12).filter(
    lambda name: name not in (".", "..")
)
FILES = st.tuples(st.binary(max_size=40), st.booleans())
TREES = st.recursive(
    st.dictionaries(NAMES, FILES, max_size=3),
    lambda below: st.dictionaries(NAMES, st.one_of(FILES, below), max_size=3),
    max_leaves=12,
)


def plant(folder, tree):
    folder.mkdir()
    for name, node in tree.items():
        if isinstance(node, dict):
            plant(folder / name, node)
        else:
            content, executable = node
            (folder / name).write_bytes(content)
            (folder / name).chmod(0o755 if executable else 0o644)


def harvest(folder):
    found = {}
    for path in folder.iterdir():
        if path.is_dir():
            found[path.name] = harvest(path)
        else:
            found[path.name] = path.read_bytes(), bool(path.stat().st_mode & stat.S_IXUSR)
    return found


def write(path, content="patient,age\n1,40\n"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def test_publish_moves_a_file_and_addresses_it_by_its_content(objects, tmp_path):
    artifact = objects.publish(write(tmp_path / "out" / "table.csv", "a,b\n"), ArtifactType.DATASET)

    assert artifact == Artifact(hashlib.sha256(b"a,b\n").hexdigest(), ArtifactType.DATASET, False, 4, 1, ".csv")
    assert objects.path(artifact).read_text() == "a,b\n"
    assert not (tmp_path / "out" / "table.csv").exists()
    assert objects.intact(artifact)
    assert objects.verify(artifact)


def test_publish_moves_a_folder_with_empty_folders_and_executables(objects, tmp_path):
    tree = {"index.csv": (b"x", False), "run": (b"x", True), "empty": {}, "deep": {"er": {"y": (b"", False)}}}
    plant(tmp_path / "out", tree)
    artifact = objects.publish(tmp_path / "out", ArtifactType.IMAGES)

    assert (artifact.folder, artifact.size, artifact.files, artifact.suffix) == (True, 2, 3, "")
    assert harvest(objects.path(artifact)) == tree
    assert not (tmp_path / "out").exists()
    assert objects.verify(artifact)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=TREES)
def test_any_tree_comes_out_as_it_went_in(objects, tmp_path_factory, tree):
    base = tmp_path_factory.mktemp("tree")
    plant(base / "in", tree)
    outside, size = digest_source(base / "in")
    added = objects.add(base / "in", ArtifactType.FOLDER)
    published = objects.publish(base / "in", ArtifactType.FOLDER)
    objects.export(published, base / "out")

    assert harvest(base / "out") == tree
    assert outside == published.digest == added.digest
    assert size == published.size == added.size
    assert objects.intact(published)
    assert objects.verify(published)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": (b"", False)}, {"b": (b"", False)}),
        ({"a": (b"", False)}, {"a": (b"", True)}),
        ({"a": (b"", False)}, {"a": (b"1", False)}),
        ({"a": {}}, {}),
        ({"a": {}}, {"a": (b"", False)}),
        ({"a": {"b": (b"", False)}}, {"a": {}, "b": (b"", False)}),
    ],
)
def test_trees_that_differ_have_different_digests(objects, tmp_path, one, other):
    plant(tmp_path / "one", one)
    plant(tmp_path / "other", other)

    first = objects.publish(tmp_path / "one", ArtifactType.FOLDER)
    assert first.digest != objects.publish(tmp_path / "other", ArtifactType.FOLDER).digest


def test_the_same_content_twice_is_one_place(objects, tmp_path):
    first = objects.publish(write(tmp_path / "a"), ArtifactType.FILE)
    second = objects.publish(write(tmp_path / "b"), ArtifactType.FILE)

    assert objects.path(first) == objects.path(second)
    assert not (tmp_path / "b").exists()


def test_files_are_read_only_and_folders_can_be_removed_with_the_store(objects, tmp_path):
    write(tmp_path / "out" / "a")
    place = objects.path(objects.publish(tmp_path / "out", ArtifactType.FOLDER))

    assert not (place / "a").stat().st_mode & 0o222
    assert place.stat().st_mode & 0o200


def test_a_file_added_to_a_stored_folder_is_noticed(objects, tmp_path):
    write(tmp_path / "out" / "a")
    artifact = objects.publish(tmp_path / "out", ArtifactType.FOLDER)

    write(objects.path(artifact) / "b")

    assert not objects.intact(artifact)


def test_members_of_a_folder_are_artifacts_of_their_own(objects, tmp_path):
    plant(tmp_path / "out", {"a.csv": (b"1", False), "tool": (b"22", True), "deep": {"b": (b"333", False)}})
    members = dict(objects.members(objects.publish(tmp_path / "out", ArtifactType.FOLDER)))

    assert {name: objects.path(member).read_bytes() for name, member in members.items()} == {
        "a.csv": b"1",
        "deep/b": b"333",
        "tool": b"22",
    }
    assert members["a.csv"].suffix == ".csv"
    assert members["deep/b"].size == 3


def test_add_leaves_the_source_alone_and_does_not_see_its_later_changes(objects, tmp_path):
    source = write(tmp_path / "scan.csv", "old")
    before = source.stat()
    artifact = objects.add(source, ArtifactType.FILE)
    assert (source.stat().st_mode, source.stat().st_mtime_ns) == (before.st_mode, before.st_mtime_ns)

    source.write_text("new")
    assert objects.path(artifact).read_text() == "old"
    assert objects.intact(artifact)


def test_add_follows_links_out_of_the_folder(objects, tmp_path):
    write(tmp_path / "disk" / "scan", "pixels")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "scan").symlink_to(tmp_path / "disk" / "scan")
    artifact = objects.add(tmp_path / "data", ArtifactType.FOLDER)

    assert (objects.path(artifact) / "scan").read_text() == "pixels"
    assert digest_source(tmp_path / "data")[0] == artifact.digest


def test_an_output_that_is_a_second_name_of_a_foreign_file_is_copied(objects, tmp_path):
    foreign = write(tmp_path / "precious", "mine")
    (tmp_path / "out").mkdir()
    os.link(foreign, tmp_path / "out" / "table")
    artifact = objects.publish(tmp_path / "out" / "table", ArtifactType.FILE)

    foreign.write_text("changed")
    assert objects.path(artifact).read_text() == "mine"
    assert not (tmp_path / "out" / "table").exists()


def test_links_inside_a_folder_become_content(objects, tmp_path):
    plant(tmp_path / "out", {"a": (b"1", False), "deep": {"b": (b"2", False)}})
    (tmp_path / "out" / "file").symlink_to("a")
    (tmp_path / "out" / "folder").symlink_to("deep")
    artifact = objects.publish(tmp_path / "out", ArtifactType.FOLDER)

    assert harvest(objects.path(artifact)) == {
        "a": (b"1", False),
        "file": (b"1", False),
        "deep": {"b": (b"2", False)},
        "folder": {"b": (b"2", False)},
    }


def escape(folder):
    (folder / "x").symlink_to("/etc/passwd")


def dangle(folder):
    (folder / "x").symlink_to("nowhere")


def loop(folder):
    (folder / "x").symlink_to(".")


def bind(folder):
    # Relative: the path of a socket may have 108 bytes at most.
    here = os.getcwd()
    os.chdir(folder)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("x")
    os.chdir(here)


def pipe(folder):
    os.mkfifo(folder / "x")


def latin(folder):
    with open(os.fsencode(folder) + b"/x\xff", "wb"):
        pass


@pytest.mark.parametrize(
    ("spoil", "message", "culprit"),
    [
        (escape, "a link leads out of the folder", "x -> /etc/passwd"),
        (dangle, "a link leads to nothing", "x"),
        (loop, "a link leads to a folder that holds the link", "x"),
        (bind, "a socket cannot be kept", "x"),
        (pipe, "a named pipe cannot be kept", "x"),
        (latin, "a file name is not UTF-8", "x\\xff"),
    ],
)
def test_what_is_no_content_is_refused_and_the_output_stays(objects, tmp_path, spoil, message, culprit):
    write(tmp_path / "out" / "good", "1")
    spoil(tmp_path / "out")

    with pytest.raises(StoreError, match=message) as caught:
        objects.publish(tmp_path / "out", ArtifactType.FOLDER)
    assert (caught.value.code, caught.value.culprit) == ("unstorable", culprit)
    assert caught.value.hint
    assert (tmp_path / "out" / "good").read_text() == "1"


def test_an_output_that_is_a_link_is_refused(objects, tmp_path):
    (tmp_path / "out").symlink_to(write(tmp_path / "elsewhere"))

    with pytest.raises(StoreError, match="an output is a link"):
        objects.publish(tmp_path / "out", ArtifactType.FILE)


def test_an_output_that_does_not_exist_is_one_sentence(objects, tmp_path):
    with pytest.raises(StoreError, match=r"cannot keep table\.csv: No such file or directory"):
        objects.publish(tmp_path / "table.csv", ArtifactType.FILE)


def test_a_missing_artifact_is_damage(objects):
    artifact = Artifact("0" * 64, ArtifactType.FILE, folder=False, size=1)

    assert not objects.intact(artifact)
    assert not objects.verify(artifact)
    with pytest.raises(StoreError, match="is missing") as caught:
        objects.path(artifact)
    assert caught.value.code == "store-damaged"


def overwrite(place):
    place.chmod(0o644)
    place.write_text("other content")


def same_length(place):
    place.chmod(0o644)
    place.write_text("patient,age\n1,99\n")


def append(place):
    place.chmod(0o644)
    with place.open("a") as file:
        file.write("more")


@pytest.mark.parametrize("harm", [overwrite, same_length, append])
def test_a_careless_write_to_a_file_is_noticed_and_mended_by_the_next_publish(objects, tmp_path, harm):
    artifact = objects.publish(write(tmp_path / "a"), ArtifactType.FILE)
    harm(objects.path(artifact))

    assert not objects.intact(artifact)
    with pytest.raises(StoreError, match="was changed after it was stored"):
        objects.path(artifact)
    assert objects.publish(write(tmp_path / "b"), ArtifactType.FILE) == artifact
    assert objects.verify(artifact)
    assert objects.intact(artifact)


def change(place):
    (place / "a").chmod(0o644)
    (place / "a").write_text("2")


def remove(place):
    (place / "a").unlink()


def insert(place):
    (place / "z").write_text("")


@pytest.mark.parametrize(
    ("harm", "says"), [(change, "'a' was changed"), (remove, "'a' was removed"), (insert, "'z' was added")]
)
def test_a_careless_write_to_a_folder_is_named_and_mended_by_the_next_publish(objects, tmp_path, harm, says):
    write(tmp_path / "out" / "a", "1")
    artifact = objects.publish(tmp_path / "out", ArtifactType.FOLDER)
    place = objects.path(artifact)
    place.chmod(0o755)
    harm(place)

    assert not objects.intact(artifact)
    with pytest.raises(StoreError, match=says):
        objects.path(artifact)
    write(tmp_path / "out" / "a", "1")
    assert objects.publish(tmp_path / "out", ArtifactType.FOLDER) == artifact
    assert harvest(objects.path(artifact)) == {"a": (b"1", False)}


def test_content_whose_times_were_lost_is_read_again_instead_of_refused(objects, tmp_path):
    write(tmp_path / "out" / "a", "1")
    artifact = objects.publish(tmp_path / "out", ArtifactType.FOLDER)
    place = objects.path(artifact)
    os.utime(place / "a")
    os.utime(place)

    assert objects.intact(artifact)
    assert objects.path(artifact) == place


def test_export_is_writable_independent_and_never_overwrites(objects, tmp_path):
    artifact = objects.publish(write(tmp_path / "a", "1"), ArtifactType.FILE)
    objects.export(artifact, tmp_path / "mine")
    (tmp_path / "mine").write_text("2")

    assert objects.path(artifact).read_text() == "1"
    with pytest.raises(StoreError, match="cannot write mine: File exists"):
        objects.export(artifact, tmp_path / "mine")
    assert (tmp_path / "mine").read_text() == "2"


def test_an_exported_folder_is_writable(objects, tmp_path):
    plant(tmp_path / "out", {"deep": {"a": (b"1", True)}})
    objects.export(objects.publish(tmp_path / "out", ArtifactType.FOLDER), tmp_path / "mine")

    (tmp_path / "mine" / "deep" / "a").write_text("2")
    (tmp_path / "mine" / "deep" / "b").write_text("3")
    assert (tmp_path / "mine" / "deep" / "a").stat().st_mode & 0o111


def test_export_into_a_missing_folder_is_one_sentence(objects, tmp_path):
    artifact = objects.publish(write(tmp_path / "a", "1"), ArtifactType.FILE)

    with pytest.raises(StoreError, match="cannot write mine: No such file or directory"):
        objects.export(artifact, tmp_path / "nowhere" / "mine")


def test_collect_keeps_what_is_live_and_the_files_of_live_folders(objects, tmp_path):
    write(tmp_path / "out" / "a", "shared")
    folder = objects.publish(tmp_path / "out", ArtifactType.FOLDER)
    shared = objects.publish(write(tmp_path / "b", "shared"), ArtifactType.FILE)
    dead = objects.publish(write(tmp_path / "c", "dead"), ArtifactType.FILE)
    live = objects.publish(write(tmp_path / "d", "live"), ArtifactType.FILE)

    assert objects.collect({folder.digest, live.digest}, dry_run=True) == (1, 4)
    assert objects.intact(dead)
    assert objects.collect({folder.digest, live.digest}) == (1, 4)
    assert [objects.intact(one) for one in (folder, shared, dead, live)] == [True, True, False, True]
    assert objects.collect(()).objects >= 3
    assert not any(objects.intact(one) for one in (folder, shared, dead, live))
