"""What a project says of its catalog in ``assay.toml``: folders of others whose files are components too.

The file lies beside the store, not in it: the store may be removed at any time.
"""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Any

from assay.catalog.catalog import Catalog
from assay.catalog.keeping import CACHE_FILE, user_file
from assay.catalog.readings import Readings
from assay.errors import AssayError, Fault, InvalidDocument, Location, NotFound, did_you_mean

SETTINGS_FILE = "assay.toml"
STORE_FOLDER = ".assay"
COMPONENT_FOLDER = "components"

_TABLE = re.compile(r"^[ \t]*\[catalog\][ \t]*(?:#[^\n]*)?$", re.MULTILINE)
_FOLDERS = re.compile(r"^[ \t]*folders[ \t]*=[ \t]*", re.MULTILINE)
_LIST = re.compile(r"""\[(?:\s|,|\#[^\n]*(?:\n|$)|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')*\]""")


class SettingsError(AssayError):
    """``assay.toml`` cannot be changed without a person."""

    code = "settings"


def project_folder(start: Path) -> Path:
    """Return the nearest folder, from ``start`` upwards, that has a store or settings; ``start`` itself when there is none."""
    return next(
        (one for one in (start, *start.parents) if (one / STORE_FOLDER).is_dir() or (one / SETTINGS_FILE).is_file()),
        start,
    )


def open_catalog(root: Path, store: Path | None = None) -> Catalog:
    """Return the catalog of a project: its ``components`` folder, and the folders that its settings name.

    Args:
        store: Where what was read of the project is kept; ``None`` for ``.assay`` in the project. One that is not there is not
            made. What was read of installed packages is kept for all projects of the user (``user_file``).

    Raises:
        InvalidDocument: ``assay.toml`` is broken.
    """
    own = root / COMPONENT_FOLDER
    kept = root / STORE_FOLDER if store is None else store
    readings = Readings(kept / CACHE_FILE if kept.is_dir() else None, shared=user_file(os.environ))
    return Catalog([own] if own.is_dir() else [], foreign=catalog_folders(root), readings=readings)


def catalog_folders(root: Path) -> list[Path]:
    """Return the folders that the settings name; raises ``InvalidDocument`` when they are broken."""
    return [Path(os.path.normpath(root / Path(name).expanduser())) for name in _named(root)]


def add_folder(root: Path, folder: Path) -> bool:
    """Name a folder in the settings; return whether it was not there before.

    Raises:
        NotFound: It is no folder.
        InvalidDocument: ``assay.toml`` is broken.
        SettingsError: It is written in a way that cannot be added to.
    """
    if not folder.is_dir():
        near = [entry.name for entry in folder.parent.iterdir() if entry.is_dir()] if folder.parent.is_dir() else []
        hint = did_you_mean(folder.name, near) or "name a folder that is there"
        raise NotFound(f"there is no folder {folder}", culprit=str(folder), hint=hint)
    target = Path(os.path.abspath(folder))
    if target in catalog_folders(root):
        return False
    if target == Path(os.path.abspath(root / COMPONENT_FOLDER)):
        hint = "its components are found without being named"
        raise SettingsError(f"{COMPONENT_FOLDER}/ is the project's own folder", culprit=str(folder), hint=hint)
    _write(root, [*_named(root), Path(os.path.relpath(target, root)).as_posix()])
    return True


def remove_folder(root: Path, folder: Path) -> None:
    """Take a folder out of the settings; its files stay. Raises ``NotFound`` when it is not named there."""
    known = dict(zip(catalog_folders(root), _named(root), strict=True))
    target = Path(os.path.abspath(folder))
    if target not in known:
        hint = did_you_mean(str(folder), known.values()) or (
            f"named: {', '.join(known.values())}" if known else "none is named"
        )
        raise NotFound(f"{folder} is not in the catalog", culprit=str(folder), hint=hint)
    _write(root, [name for path, name in known.items() if path != target])


def _named(root: Path) -> list[str]:
    path = root / SETTINGS_FILE
    data = _parsed(path, _text(path))
    table = data.get("catalog", {})
    folders = table.get("folders", []) if isinstance(table, dict) else None
    if not isinstance(folders, list) or not all(isinstance(name, str) and name for name in folders):
        place = Location(str(path), 1, 1)
        hint = 'write [catalog] and, below it, folders = ["../notebooks"]'
        raise InvalidDocument(
            [Fault("settings", "catalog.folders is no list of texts", "folders", place, hint)], what=str(path)
        )
    return list(dict.fromkeys(folders))


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise NotFound(f"cannot read {path}: {error}", culprit=str(path)) from error


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+), column (\d+)", str(error))
        lines = text.count("\n") + 1
        place = Location(str(path), int(found[1]) if found else lines, int(found[2]) if found else 1)
        message = f"not TOML: {re.sub(r' ?[(]at .*[)]', '', str(error))}"
        raise InvalidDocument([Fault("settings", message, location=place)], what=str(path)) from error


def _write(root: Path, names: list[str]) -> None:
    """Put the list into the text and leave every other byte; the result is read back before it is written."""
    path = root / SETTINGS_FILE
    text = _text(path)
    written = "[" + "".join(f"\n  {_quoted(name)}," for name in names) + "\n" * bool(names) + "]"
    table = _TABLE.search(text)
    key = _FOLDERS.search(text, table.end()) if table else None
    value = _LIST.match(text, key.end()) if key else None
    if value is not None:
        changed = text[: value.start()] + written + text[value.end() :]
    elif table is not None:
        changed = f"{text[: table.end()]}\nfolders = {written}{text[table.end() :]}"
    else:
        changed = (
            text
            + "\n" * (bool(text) and not text.endswith("\n"))
            + "\n" * bool(text)
            + f"[catalog]\nfolders = {written}\n"
        )
    before = _parsed(path, text)
    before.setdefault("catalog", {})["folders"] = names
    try:
        sound = tomllib.loads(changed) == before
    except tomllib.TOMLDecodeError:
        sound = False
    if not sound:
        hint = f"write folders = [{', '.join(map(_quoted, names))}] under [catalog]"
        raise SettingsError(f"{path} is written in a way that cannot be changed here", culprit=SETTINGS_FILE, hint=hint)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(changed.encode())
    os.replace(temporary, path)


def _quoted(text: str) -> str:
    """Return a basic string of TOML."""
    signs = {"\\": "\\\\", '"': '\\"'}
    return '"' + "".join(signs.get(sign, sign if sign.isprintable() else f"\\U{ord(sign):08X}") for sign in text) + '"'
