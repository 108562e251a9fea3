"""``assay verdict``."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli.app import new_app
from assay.cli.options import Json, Passphrase, SignedBy, SigningKey, Store
from assay.cli.terminal import document, say
from assay.errors import ExitCode, Fault
from assay.model.artifacts import Json as JsonValue

if TYPE_CHECKING:
    from assay.signing import Envelope, PublicKey
    from assay.trust.gate import Override, Verdict

app = new_app(no_args_is_help=True)

File = Annotated[Path, typer.Argument(metavar="FILE", help="A verdict: verdict.json.")]
Against = Annotated[Path | None, typer.Option("--override", metavar="FILE", help="An override of this verdict.")]


@app.callback()
def verdict() -> None:
    """Verify, explain and override signed verdicts.

    Nothing but files, a public key and a clock is needed.
    """


@app.command()
def verify(
    file: File,
    key: SignedBy = None,
    model: Annotated[Path | None, typer.Option("--model", metavar="DIR", help="The model it has to be about.")] = None,
    evidence: Annotated[
        list[Path] | None,
        typer.Option("--evidence", metavar="FILE", help="Evidence it has to rest on; again for more."),
    ] = None,
    policy: Annotated[
        str | None, typer.Option("--policy", metavar="NAME|FILE", help="The policy it has to follow.")
    ] = None,
    override: Against = None,
    json: Json = False,
) -> None:
    """Check signature, age, signer and result of a verdict, and that it is about this model, evidence and policy.

    Exits with 0 when the model may be published, with 1 when it may not, and with 2 when the signature is broken or unknown.
    """
    from assay.cli.bundling import trusted
    from assay.signing import Keyring, keyring_folder  # here and below: 60 ms of cryptography, only for this command
    from assay.trust.gate import find_policy
    from assay.trust.gate import verify as check

    keys = trusted(key)
    envelope = _open(file)
    checked = check(
        envelope,
        str(file),
        keys,
        dt.datetime.now(dt.UTC),
        model=_digest(model) if model else "",
        evidence=[_digest(one) for one in evidence or ()],
        policy=find_policy(policy).digest if policy else "",
        development=Keyring(keyring_folder(os.environ)).development_ids(),
    )
    decided = _override(override, keys, envelope, checked.verdict)
    may = not checked.faults or (
        decided is not None and {fault.code for fault in checked.faults} <= {"not-passed", "expired"}
    )
    if json:
        document(_json(checked.verdict, checked.faults, decided, may=may))
    else:
        _say(checked.verdict, decided)
        for fault in checked.faults:
            say(f"[{fault.code}] {fault.message}{f' ({fault.hint})' if fault.hint else ''}", "bold red")
        said = f"the signature by {checked.verdict.signer} ({checked.verdict.trust} key) holds"
        say(f"✔ {said}: the model may be published" if may else f"✘ {said}, but the model must not be published",
            "bold green" if may and decided is None else "bold red")  # fmt: skip
    if not may:
        raise typer.Exit(ExitCode.RUN_FAILED)


@app.command()
def explain(file: File, override: Against = None, json: Json = False) -> None:
    """Say in plain language what a verdict says, rule by rule. Nothing is verified."""
    from assay.trust.gate import Override, Verdict

    found = Verdict.read(_open(file), str(file))
    decided = Override.read(_open(override), str(override)) if override else None
    if json:
        document(_json(found, (), decided, may=None))
    else:
        _say(found, decided)


@app.command("override")
def override_verdict(
    file: File,
    target: Annotated[Path, typer.Argument(metavar="TARGET", help="A new file for the override.")],
    by: Annotated[str, typer.Option("--override-by", metavar="NAME", help="Who takes the decision.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, in a sentence others can judge.")],
    key: SigningKey = None,
    passphrase: Passphrase = None,
    store: Store = None,
) -> None:
    """Put on record, signed, that somebody publishes against a verdict. It is shown in red wherever the model goes."""
    from assay.cli.project import secret_value
    from assay.signing import Keyring, keyring_folder
    from assay.trust.gate import Override, Verdict, explanation, sign_override

    ring = Keyring(keyring_folder(os.environ))
    phrase = secret_value(passphrase, store) if passphrase else ""
    signing = ring.private(key, phrase) if key else ring.development()
    envelope = _open(file)
    judged = Verdict.read(envelope, str(file))
    made = sign_override(envelope, judged, signing, by=by, reason=reason, now=dt.datetime.now(dt.UTC))
    with target.open("x", encoding="utf-8") as written:
        written.write(made.text())
    say(explanation(judged, Override.read(made, str(target)))[1], "bold red")
    say(str(target))


def _open(file: Path) -> Envelope:
    from assay.signing import open_envelope

    return open_envelope(file.read_bytes(), str(file))


def _override(file: Path | None, keys: list[PublicKey], envelope: Envelope, judged: Verdict) -> Override | None:
    from assay.trust.gate import verify_override

    return verify_override(_open(file), str(file), keys, envelope, judged.model.digest) if file else None


def _digest(path: Path) -> str:
    from assay.store.sources import digest_source  # only when something is held against the verdict

    return digest_source(path)[0]


def _say(found: Verdict, override: Override | None) -> None:
    from assay.trust.gate import explanation

    first, *rest = explanation(found, override)
    say(first, "bold green" if found.state == "pass" else "bold red")
    for line in rest:
        say(line, "bold red" if line.startswith("! OVERRIDDEN") else "yellow" if line.startswith("!") else "")


def _json(
    found: Verdict, faults: Sequence[Fault], override: Override | None, *, may: bool | None
) -> dict[str, JsonValue]:
    from assay.views.shapes import fault_json

    return {
        "may_be_published": may,
        "faults": [fault_json(fault) for fault in faults],
        "verdict": str(found.state),
        "reason": found.reason,
        "model": found.model.digest,
        "policy": {"name": found.policy.name, "digest": found.policy.digest},
        "judged": found.judged.isoformat(),
        "expires": found.expires.isoformat(),
        "signer": {"name": found.signer, "key": found.key, "trust": str(found.trust)},
        "rules": [{"id": r.id, "level": str(r.level), "state": str(r.state), "reason": r.reason} for r in found.rules],
        "override": {"by": override.by, "reason": override.reason} if override else None,
    }
