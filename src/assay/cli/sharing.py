"""What the commands for hospitals that share a model work with: the site's data, keys and words."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import assay
from assay.cli.bundling import now, staged
from assay.cli.terminal import document, note, say
from assay.errors import AssayError, NotFound, did_you_mean

if TYPE_CHECKING:
    from assay.bundle.source import Source
    from assay.bundle.verifying import Examined
    from assay.signing import PrivateKey
    from assay.trust.gate import Verdict

_COLUMNS = ("file", "label", "patient", "age", "sex", "split", "row")


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of ``assay bundle evaluate``, as they were typed."""

    data: Path
    table: Path | None
    columns: str
    settings: Sequence[str]
    site: str
    key: str | None
    policy: str
    fewest: int
    unwanted: Sequence[str]
    synthetic: bool | None


def own_key(name: str | None, passphrase: str) -> PrivateKey:
    """Return the key that signs for this site: the named one, or the only one that this user made.

    Raises:
        NotFound: The user has no key of their own, or several and named none.
    """
    from assay.signing import DEVELOPMENT, Keyring, keyring_folder  # 60 ms of cryptography

    ring = Keyring(keyring_folder(os.environ))
    if name is None:
        own = [each for each in ring.names() if each != DEVELOPMENT and ring.has_private(each)]
        if len(own) != 1:
            told = f"you have {len(own)} keys: {', '.join(own)}" if own else "you have no key of your own"
            hint = "say which: --sign NAME" if own else "'assay keys new NAME' makes one"
            raise NotFound(f"site evidence is signed by its site, and {told}", culprit="--sign", hint=hint)
        name = own[0]
    return ring.private(name, passphrase)


def evaluate_bundle(
    source: Source, found: Examined, asked: Asked, passphrase: str, out: Path | None, *, json: bool
) -> None:
    """Evaluate an examined bundle on the site's data and say what came out."""
    from assay.sharing.site import Wish, evaluate  # the engine and numpy, only for this command
    from assay.trust.disclosure.rounding import Limits
    from assay.trust.gate import find_policy

    key = own_key(asked.key, passphrase)
    data, table = _data(asked)
    wish = Wish(
        site=asked.site or key.name,
        key=key,
        policy=find_policy(asked.policy),
        data=data,
        table=table,
        columns=_columns(asked.columns),
        settings=_settings(asked.settings),
        limits=Limits(asked.fewest),
        unwanted=asked.unwanted,
        synthetic=asked.synthetic,
    )
    manifest = found.manifest
    target = out or Path(f"{manifest.name}-{manifest.version}-{wish.site}")
    with staged(target) as folder:
        made = evaluate(source, found, wish, folder, now(), lambda text: note(text, "dim"))
    if json:
        document(
            {
                "folder": str(target),
                "site": made.about.site,
                "bundle": manifest.title,
                "verdict": verdict_json(made.verdict),
                "disclosure": {"fewest": made.about.fewest, "step": made.about.step},
                "measured": {name: one.method.component for name, one in made.evidence.items()},
                "left_out": [{"component": component, "why": why} for component, why in made.about.left_out],
            }
        )
        return
    tell_verdict(made.verdict, f"{manifest.title} at {made.about.site}")
    say(f"{len(made.evidence)} measurements, no patient in them; signed by {key.name} ({key.public.id[:12]})")
    say(str(target))


def merge_evidence(
    folders: Sequence[Path],
    out: Path,
    policy: str,
    signing: str | None,
    passphrase: str,
    keys: Sequence[Path],
    *,
    json: bool,
) -> None:
    """Read the sites' evidence, merge it and say what came out."""
    from assay.cli.bundling import trusted
    from assay.trust.gate import find_policy
    from assay.trust.meta.joining import merge_sites  # numpy and more, only for this command
    from assay.trust.meta.package import read_site

    rules, key = find_policy(policy), own_key(signing, passphrase)
    known = [each for file in keys for each in trusted(file)] if keys else trusted(None)
    sites = [read_site(folder, known) for folder in folders]
    with staged(out) as folder:
        made = merge_sites(sites, rules, key, folder, now(), version=assay.__version__)
    lines = [line for one in made.merged.values() for line in one.lines]
    if json:
        document(
            {
                "folder": str(out),
                "report": str(out / "report.html"),
                "verdict": verdict_json(made.verdict),
                "sites": [
                    {"site": one.about.site, "key": one.key.id, "verdict": str(one.verdict.state)} for one in sites
                ],
                "figures": [
                    {
                        "id": line.statement.id,
                        "on": dict(line.statement.on),
                        "value": line.statement.estimate.value,
                        "low": line.statement.estimate.low,
                        "high": line.statement.estimate.high,
                        "another_site": list(line.prediction) if line.prediction else None,
                        "i2": line.found.i2,
                        "tau2": line.found.tau2,
                        "sites": line.found.sites,
                    }
                    for line in lines
                ],
            }
        )
        return
    tell_verdict(made.verdict, f"{sites[0].about.bundle[0]} {sites[0].about.bundle[1]} at {len(sites)} sites")
    for line in lines:
        if not line.statement.on:
            say(f"{line.name}: {line.statement.estimate}, I² {line.found.i2:.0%}")
    say(str(out / "report.html"))


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict in short."""
    return {
        "state": str(verdict.state),
        "reason": verdict.reason,
        "policy": verdict.policy.name,
        "rules": [{"id": rule.id, "state": str(rule.state), "reason": rule.reason} for rule in verdict.rules],
    }


def tell_verdict(verdict: Verdict, about: str) -> None:
    """Say a verdict rule by rule."""
    from assay.trust.gate.words import ruling_lines, warnings

    say(about, "bold")
    say(f"{verdict.state.words} under the policy {verdict.policy.name}: {verdict.reason}", _STYLES[str(verdict.state)])
    for line in warnings(verdict):
        say(f"! {line}", "yellow")
    for line in ruling_lines(verdict):
        say(line)


_STYLES = {"pass": "bold green", "fail": "bold red", "insufficient": "bold yellow"}


def _data(asked: Asked) -> tuple[Path, Path | None]:
    """Return the images or the table, absolute, and the table beside the images."""
    data = asked.data.resolve()
    if not data.exists():
        raise NotFound(f"the data {asked.data} are not there", culprit=str(asked.data))
    if asked.table is not None and not asked.table.is_file():
        raise NotFound(f"the table {asked.table} is not there", culprit=str(asked.table))
    if data.is_file():
        return data, None
    if asked.table is not None:
        return data, asked.table.resolve()
    tables = sorted(data.glob("*.csv"))
    if len(tables) > 1:
        names = ", ".join(file.name for file in tables)
        raise AssayError(f"{asked.data} holds {len(tables)} tables: {names}", culprit=names, hint="say which: --table")
    return data, tables[0] if tables else None


def _columns(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        name, sign, column = (part.strip() for part in pair.partition("="))
        if not sign or not column or name in found:
            hint = "write --columns file=path,label=diagnosis,patient=pid"
            raise AssayError(f"{pair!r} does not name a column, once", culprit=pair, hint=hint)
        if name not in _COLUMNS:
            hint = did_you_mean(name, _COLUMNS) or f"known are {', '.join(_COLUMNS)}"
            raise AssayError(f"no column is called {name!r} in Assay", culprit=name, hint=hint)
        found[name] = column
    return found


def _settings(pairs: Sequence[str]) -> dict[str, Any]:
    import yaml  # only whoever sets something

    found: dict[str, Any] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign:
            raise AssayError(f"{pair!r} sets nothing", culprit=pair, hint="write --set intensity=hounsfield")
        try:
            found[name.strip()] = yaml.safe_load(value)
        except yaml.YAMLError:
            raise AssayError(f"{value!r} is no YAML value", culprit=name) from None
    return found
