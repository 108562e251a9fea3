"""The list of extension points, and plugins that break."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from assay.plugins import Extension, Plugin, PluginError, find_plugins, load_plugin


class Distribution:
    def __init__(self, name: str) -> None:
        self.name = name


@pytest.fixture
def offer(monkeypatch):
    """Put entry points into the metadata of installed packages."""
    points: list[EntryPoint] = []

    def offer(name: str, value: str, group: str, package: str = "their-package") -> None:
        point = EntryPoint(name, value, group)
        vars(point)["dist"] = Distribution(package)
        points.append(point)

    monkeypatch.setattr(
        "importlib.metadata.entry_points", lambda group: [point for point in points if point.group == group]
    )
    return offer


def test_every_extension_point_is_documented_and_distinct():
    facts = [extension.value for extension in Extension]
    assert len({fact.group for fact in facts}) == len(facts) == 5
    for fact in facts:
        assert fact.group.startswith("assay.")
        assert fact.help.endswith(".")
        assert fact.protocol


def test_the_built_in_library_comes_in_by_the_same_door():
    import tomllib
    from pathlib import Path

    import assay

    project = tomllib.loads((Path(assay.__file__).parents[2] / "pyproject.toml").read_text())
    assert project["project"]["entry-points"][Extension.COMPONENTS.value.group] == {"built-in": "assay.library"}


def test_plugins_are_sorted_and_counted_once(offer):
    offer("b", "x", "assay.stores")
    offer("a", "y", "assay.stores")
    offer("a", "y", "assay.stores")
    offer("c", "z", "assay.backends")
    assert find_plugins(Extension.STORES) == (Plugin("a", "y", "their-package"), Plugin("b", "x", "their-package"))


def test_a_plugin_is_loaded(offer):
    offer("dumps", "json:dumps", "assay.exporters")
    offer("json", "json", "assay.exporters")
    import json

    assert load_plugin(Extension.EXPORTERS, "dumps") is json.dumps
    assert load_plugin(Extension.EXPORTERS, "json") is json


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("nowhere_at_all:x", "ModuleNotFoundError: No module named 'nowhere_at_all'"),
        ("json:nothing.at.all", "AttributeError: module 'json' has no attribute 'nothing'"),
    ],
)
def test_a_broken_plugin_names_its_package(offer, value, why):
    offer("bad", value, "assay.executors")
    with pytest.raises(PluginError) as caught:
        load_plugin(Extension.EXECUTORS, "bad")
    assert str(caught.value) == (
        f"error [plugin] plugin 'bad' of package 'their-package' cannot be loaded: {why} "
        "(reinstall or remove it: pip uninstall their-package)"
    )


def test_an_unknown_or_ambiguous_plugin_is_told(offer):
    with pytest.raises(PluginError, match=r"no plugin 'x' in assay.stores \(none is installed\)"):
        load_plugin(Extension.STORES, "x")
    offer("postgres", "json", "assay.stores")
    with pytest.raises(PluginError, match=r"did you mean 'postgres'\?"):
        load_plugin(Extension.STORES, "postgers")
    offer("postgres", "ast", "assay.stores", "other-package")
    with pytest.raises(PluginError, match="comes from other-package and their-package"):
        load_plugin(Extension.STORES, "postgres")
