"""Every extension point in one list, and how a plugin is found and loaded.

To add a plugin: put an entry point of the group below into your package's metadata, let it name what the protocol asks for,
install the package. Built-in ones come in by the same door.
"""

from __future__ import annotations

import enum
import importlib
from dataclasses import dataclass
from typing import ClassVar

from assay.errors import AssayError, ExitCode, did_you_mean


@dataclass(frozen=True, slots=True)
class ExtensionPoint:
    """One kind of plugin.

    Attributes:
        group: Entry point group.
        protocol: What the entry point's object is, as a dotted name.
        help: One sentence.
    """

    group: str
    protocol: str
    help: str


class Extension(enum.Enum):
    """The closed set of extension points."""

    COMPONENTS = ExtensionPoint(
        "assay.components",
        "a package of component files",
        "Components for the catalog, read from source, never imported.",
    )
    EXECUTORS = ExtensionPoint("assay.executors", "assay.engine.executor.Executor", "Ways to run one step.")
    BACKENDS = ExtensionPoint("assay.backends", "assay.engine.backend.Backend", "Places that run a whole pipeline.")
    STORES = ExtensionPoint("assay.stores", "assay.store.Store", "Keepers of artifacts and runs.")
    EXPORTERS = ExtensionPoint(
        "assay.exporters",
        "assay.exporters.Exporter",
        "Forms that a component is built in, such as a program or an image.",
    )


@dataclass(frozen=True, slots=True)
class Plugin:
    """An entry point that was found; nothing of it is loaded.

    Attributes:
        target: ``package.module`` or ``package.module:object``.
        distribution: The installed package it came with.
    """

    name: str
    target: str
    distribution: str


class PluginError(AssayError):
    """A plugin cannot be loaded; the message names the package it came with."""

    code: ClassVar[str] = "plugin"
    exit_code: ClassVar[ExitCode] = ExitCode.MISSING_DEPENDENCY


def find_plugins(extension: Extension) -> tuple[Plugin, ...]:
    """Return the installed plugins of an extension point, sorted by name; a package found twice on the path counts once."""
    from importlib.metadata import entry_points  # reads the metadata of every installed package

    found = {
        (point.name, point.value): Plugin(point.name, point.value, point.dist.name if point.dist else "")
        for point in entry_points(group=extension.value.group)
    }
    return tuple(sorted(found.values(), key=lambda plugin: (plugin.name, plugin.target)))


def load_plugin(extension: Extension, name: str) -> object:
    """Import and return the object of one plugin.

    Raises:
        PluginError: There is none of this name, two packages offer it, or it cannot be imported.
    """
    plugins = find_plugins(extension)
    named = [plugin for plugin in plugins if plugin.name == name]
    if not named:
        known = [plugin.name for plugin in plugins]
        hint = did_you_mean(name, known) or (f"installed: {', '.join(known)}" if known else "none is installed")
        raise PluginError(f"no plugin {name!r} in {extension.value.group}", culprit=name, hint=hint)
    if len(named) > 1:
        owners = " and ".join(plugin.distribution for plugin in named)
        raise PluginError(f"plugin {name!r} comes from {owners}", culprit=name, hint="uninstall one of them")
    return _load(named[0])


def _load(plugin: Plugin) -> object:
    module, _, path = plugin.target.partition(":")
    try:
        found: object = importlib.import_module(module)
        for attribute in filter(None, path.split(".")):
            found = getattr(found, attribute)
    except Exception as error:  # the wall around someone else's code: importing it may raise anything
        message = f"plugin {plugin.name!r} of package {plugin.distribution!r} cannot be loaded: {type(error).__name__}: {error}"
        hint = f"reinstall or remove it: pip uninstall {plugin.distribution}"
        raise PluginError(message, culprit=plugin.target, hint=hint) from error
    return found
