"""Names that the platforms allow, made from ours; two that become one are refused."""

from __future__ import annotations

import hashlib
import keyword
import re
import unicodedata
from collections.abc import Callable, Iterable

from assay.errors import Fault, bounded

_LONGEST_LABEL = 63
_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_DOMAIN = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?"
_REFERENCE = re.compile(
    rf"(?:{_DOMAIN}/)?{_COMPONENT}(?:/{_COMPONENT})*(?::\w[\w.-]{{0,127}})?(?:@[a-z0-9]+:[0-9a-f]{{32,}})?", re.ASCII
)
"""The grammar of an image reference (github.com/distribution/reference)."""


def shared_name(name: str) -> str:
    """Return the name that a built component goes by: a component of a file loses the path, which says nothing elsewhere."""
    return short_name(name) if name.startswith((".", "/", "~")) or "/" not in name else name


def short_name(name: str) -> str:
    """Return the last part of a component's name: of ``filter/drop-empty``, ``./steps.py:clean`` or ``./explore.ipynb``."""
    last = name.rpartition("/")[2]
    file, colon, function = last.rpartition(":")
    return function if colon else re.sub(r"\.(?:py|ipynb|sh|R|r|ya?ml)$", "", last) if not file else last


def dns_label(name: str) -> str:
    """Return a DNS-1123 label: small letters, digits and dashes, at most 63, which begin and end with a letter or digit."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    label = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if not label:
        return f"component-{_mark(name)}"
    if len(label) > _LONGEST_LABEL:
        return f"{label[: _LONGEST_LABEL - 9].rstrip('-')}-{_mark(name)}"
    return label


def image_reference(name: str, version: str) -> str:
    """Return the name and tag that the image of a component gets."""
    tag = re.sub(r"[^\w.-]+", "-", version, flags=re.ASCII).lstrip(".-")[:128]
    return f"{dns_label(short_name(name))}:{tag or 'latest'}"


def check_reference(reference: str, option: str) -> list[Fault]:
    """Return a fault when this is no image reference."""
    repository = re.split(r"[@:]", reference.rpartition("/")[2])[0]
    if _REFERENCE.fullmatch(reference) and len(reference) <= 255:
        return []
    legal = "/".join([*(dns_label(part) for part in reference.split("/")[:-1]), dns_label(repository)])
    message = f"{option} {bounded(reference, 120)!r} is no legal image name"
    hint = (
        f"small letters, digits, '.', '_', '-' and '/', then :TAG or @sha256:DIGEST, such as {bounded(legal, 120)}:1.0"
    )
    return [Fault("illegal-name", message, bounded(reference, 120), hint=hint)]


def kfp_name(name: str) -> str:
    """Return what Kubeflow Pipelines makes of the name of an input or output: small letters, digits and underscores."""
    return re.sub(r"[^_0-9a-z]+", "_", name.lower()).strip("_") or "value"


def python_name(name: str) -> str:
    """Return a Python identifier."""
    plain = re.sub(r"\W+", "_", unicodedata.normalize("NFKC", name)) or "_"
    legal = f"_{plain}" if plain[0].isdigit() else plain
    return f"{legal}_" if keyword.iskeyword(legal) or keyword.issoftkeyword(legal) else legal


def legal_names(
    names: Iterable[tuple[str, str]],
    legal: Callable[[str], str],
    where: str,
    faults: list[Fault],
    taken: Iterable[str] = (),
) -> dict[str, str]:
    """Return for each name its legal one.

    Args:
        names: What it is (``parameter``, ``input port``) and its name.
        legal: Makes one legal.
        where: What has this namespace, for messages.
        faults: Gets a fault for every pair of names that become the same, and for every one that is ``taken``.
        taken: Names that the platform or the document needs for itself.
    """
    owners: dict[str, tuple[str, str]] = {}
    found: dict[str, str] = {}
    reserved = set(taken)
    for what, name in names:
        made = legal(name)
        if made in reserved:
            message = f"{what} {name!r} would be {made!r} in {where}, which has another meaning there"
            faults.append(Fault("name-collision", message, name, hint="rename it"))
        elif made in owners:
            other, first = owners[made]
            message = f"{other} {first!r} and {what} {name!r} are both {made!r} in {where}"
            faults.append(Fault("name-collision", message, f"{first}, {name}", hint="rename one of them"))
        else:
            owners[made] = (what, name)
        found[name] = made
    return found


def _mark(name: str) -> str:
    return hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:8]
