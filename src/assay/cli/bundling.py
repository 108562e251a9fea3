"""What the bundle command works with: the materials of a run, keys, and a bundle as words and as JSON."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.cli.terminal import say
from assay.errors import AssayError, NotFound, did_you_mean
from assay.model.artifacts import Artifact, ArtifactList, ArtifactType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.bundle.making import Authority, Materials
    from assay.bundle.provenance import Origin
    from assay.bundle.source import Source
    from assay.bundle.verifying import Examined
    from assay.cli.project import Found
    from assay.signing import PublicKey


def now() -> dt.datetime:
    """Return the moment at which verdicts have to be valid."""
    return dt.datetime.now(dt.UTC)


def trusted(key: Path | None) -> list[PublicKey]:
    """Return the keys whose signatures count: one from a file, or all of this user's folder of keys."""
    from assay.signing import Keyring, keyring_folder, load_public  # 60 ms of cryptography

    if key is not None:
        return [load_public(key.read_text(encoding="utf-8", errors="replace"), str(key))]
    return Keyring(keyring_folder(os.environ)).trusted()


def authority(key: str | None, passphrase: str) -> Authority:
    """Return who signs: a named key of this user, or the development key."""
    from assay.bundle.making import Authority
    from assay.signing import Keyring, keyring_folder

    ring = Keyring(keyring_folder(os.environ))
    signing = ring.private(key, passphrase) if key else ring.development()
    return Authority(signing, ring.trusted(), now(), ring.development_ids())


def examined(source: Source, key: Path | None) -> Examined:
    """Verify a bundle with the keys that are trusted here; raises what ``examine`` raises."""
    from assay.bundle.verifying import examine
    from assay.signing import Keyring, keyring_folder

    development = Keyring(keyring_folder(os.environ)).development_ids()
    return examine(source, trusted(key), now(), development=development)


def materials_of(found: Found, verdict: str | None, licences: Sequence[Path]) -> Materials:
    """Return what a run made that belongs into a bundle: a verdict, and by its digests the model and the evidence.

    Args:
        found: The run.
        verdict: Which one, as ``STEP.PORT``, when there are several.
        licences: Files with terms of use.
    """
    from assay.bundle.making import Materials
    from assay.signing import open_envelope
    from assay.trust.gate import Verdict

    made = _artifacts(found)
    chosen = _the_verdict(made, found.row.id, verdict)
    path = found.store.objects.path
    envelope = open_envelope(path(chosen).read_bytes(), "the verdict")
    said = Verdict.read(envelope, "the verdict")
    by_digest = {str(one.digest): (place, one) for place, one in made.items()}
    wanted = {"the model": said.model.digest} | {one.name: one.digest for one in said.evidence}

    def named(place: str, one: Artifact) -> tuple[str, Path]:
        return f"{place}{one.suffix}", path(one)

    missing = [name for name, digest in wanted.items() if digest not in by_digest]
    if missing:
        raise NotFound(
            f"run {found.row.id} did not make what its verdict is about: {', '.join(missing)}",
            culprit=missing[0],
            hint="make the bundle from the run that made it",
        )
    return Materials(
        model=path(by_digest[said.model.digest][1]),
        verdict=envelope,
        evidence=dict(named(*by_digest[one.digest]) for one in said.evidence),
        reports=dict(named(place, one) for place, one in made.items() if one.type is ArtifactType.REPORT),
        licences=licences,
    )


def _artifacts(found: Found) -> dict[str, Artifact]:
    made: dict[str, Artifact] = {}
    for step in found.state.steps.values():
        for port, output in step.outputs.items():
            match output:
                case Artifact():
                    made[f"{step.key}.{port}"] = output
                case ArtifactList(items):
                    made.update({f"{step.key}.{port}[{number}]": item for number, item in enumerate(items)})
    return made


def _the_verdict(made: dict[str, Artifact], run: str, name: str | None) -> Artifact:
    verdicts = {place: one for place, one in made.items() if one.type is ArtifactType.VERDICT}
    if name is not None:
        if name not in verdicts:
            hint = did_you_mean(name, verdicts) or f"there are: {', '.join(verdicts) or 'none'}"
            raise NotFound(f"run {run} has no verdict {name!r}", culprit=name, hint=hint)
        return verdicts[name]
    if not verdicts:
        raise NotFound(f"run {run} made no verdict", culprit=run, hint="only a pipeline with gate/judge makes one")
    if len(set(verdicts.values())) > 1:
        raise AssayError(
            f"run {run} made {len(verdicts)} verdicts", culprit=run, hint=f"say which: --verdict {next(iter(verdicts))}"
        )
    return next(iter(verdicts.values()))


def origin_of(found: Found) -> Origin:
    """Return how the run came to what it made."""
    from assay.bundle.provenance import Origin, Step
    from assay.model.codec import load

    state = found.state
    pipeline = load(state.document, state.file).pipeline
    uses = {} if pipeline is None else {step.name: str(step.use or step.image) for step in pipeline.all_steps()}
    steps = [
        Step(str(step.key), uses.get(step.key.step, ""), str(step.cache_key))
        for step in state.steps.values()
        if step.cache_key is not None
    ]
    return Origin(
        run=str(found.row.id),
        pipeline=state.pipeline,
        document=hashlib.sha256(state.document.encode()).hexdigest(),
        params={str(name): value for name, value in state.params.items()},
        steps=steps,
        started=_moment(state.started),
        finished=_moment(state.finished),
    )


def _moment(seconds: float) -> dt.datetime | None:
    return dt.datetime.fromtimestamp(seconds, dt.UTC) if seconds else None


def overridden(materials: Materials, who: Authority, by: str, reason: str) -> Materials:
    """Return the materials with a decision, signed now, to publish against their verdict; raises ``Refused`` without name or reason."""
    from assay.trust.gate import Verdict, sign_override

    judged = Verdict.read(materials.verdict, "the verdict")
    made = sign_override(materials.verdict, judged, who.key, by=by, reason=reason, now=who.now)
    return dataclasses.replace(materials, override=made)


@contextlib.contextmanager
def staged(target: Path) -> Iterator[Path]:
    """Yield a folder that becomes ``target`` when all went well, and goes when not. Raises ``AssayError`` when the target is there."""
    if target.exists() or target.is_symlink():
        raise AssayError(f"{target} is there already", culprit=str(target), hint="name another folder")
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    try:
        yield folder
        folder.chmod(0o755)
        folder.rename(target)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def check_openssf(source: Source) -> None:
    """Have the model of a bundle in a folder checked by its OpenSSF signature; raises ``Rejected`` and ``MissingDependency``."""
    from assay.bundle.faults import Rejected
    from assay.bundle.layout import Part
    from assay.bundle.openssf import model_faults

    folder = Path(source.name)
    if not folder.is_dir():
        raise AssayError(
            "OpenSSF Model Signing reads folders only", culprit=source.name, hint="take the bundle in first"
        )
    if faults := model_faults(folder / Part.MODEL, folder / Part.OPENSSF):
        raise Rejected(source.name, faults)


def signed_for_cosign(address: str, name: str) -> str:
    """Sign a pushed bundle as cosign does, with a P-256 key of this user; return the address of the signature."""
    from assay.bundle.cosign import sign_in_registry
    from assay.signing import keyring_folder
    from assay.signing.cosign import CosignKeys

    return sign_in_registry(address, CosignKeys(keyring_folder(os.environ)), name)


def bundle_json(found: Examined) -> dict[str, Any]:
    """Return a verified bundle as JSON."""
    manifest, verdict, override = found.manifest, found.admission.verdict, found.admission.override
    return {
        "name": manifest.name,
        "version": manifest.version,
        "digest": found.digest,
        "made": manifest.made.isoformat(),
        "model": manifest.model,
        "licence": manifest.licence,
        "synthetic": manifest.synthetic,
        "signed_by": found.key.id,
        "verdict": {
            "state": str(verdict.state),
            "reason": verdict.reason,
            "policy": verdict.policy.name,
            "expires": verdict.expires.isoformat(),
            "trust": str(verdict.trust),
        },
        "overridden": override and {"by": override.by, "reason": override.reason, "at": override.at.isoformat()},
        "files": [{"path": item.path, "size": item.size, "sha256": item.digest} for item in manifest.items],
    }


def tell(found: Examined) -> None:
    """Say what a verified bundle is; an override and warnings come first, in red and yellow."""
    from assay.trust.gate.words import headline, override_line, warnings

    manifest, admission = found.manifest, found.admission
    if admission.override is not None:
        say(f"! {override_line(admission.override)}", "bold red")
    say(f"{manifest.title}  {found.digest[:12]}", "bold")
    say(headline(admission.verdict), "green" if admission.override is None else "bold red")
    for line in warnings(admission.verdict):
        say(f"! {line}", "yellow")
    size = sum(item.size for item in manifest.items)
    say(f"made {manifest.made:%Y-%m-%d %H:%M} UTC, signed by key {found.key.id[:12]}")
    say(f"verdict holds until {admission.verdict.expires:%Y-%m-%d %H:%M} UTC")
    say(
        f"model {manifest.model[:12]}, {len(manifest.items)} files, {size / 1e6:.1f} MB, licence {manifest.licence or 'not stated'}"
    )
