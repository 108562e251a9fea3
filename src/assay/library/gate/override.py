"""gate/override."""

from __future__ import annotations

import datetime as dt
import os
from typing import Annotated, NamedTuple

from assay import Param, Verdict, component, step
from assay.signing import Keyring, keyring_folder, open_envelope
from assay.trust.gate import Override, sign_override
from assay.trust.gate import Verdict as Signed
from assay.trust.gate.words import override_line


class Overridden(NamedTuple):
    """What an override yields."""

    override: Verdict


@component(
    "gate/override",
    version="1.0.0",
    tags=("trust", "policy", "signature"),
    licence="Apache-2.0",
    requires=("cryptography", "pyyaml"),
    cache=False,
)
def override(
    verdict: Verdict,
    *,
    by: str,
    reason: str,
    signer: str = "gate",
    key: Annotated[str, Param(secret=True)] = "",
    passphrase: Annotated[str, Param(secret=True)] = "",
) -> Overridden:
    """Put on record that somebody publishes against a verdict: who, why and when, signed, about this one verdict alone.

    It is shown in red wherever the model is: in the report, the published folder and the terminal. assay verdict override does the same
    for a verdict in a file.

    Args:
        verdict: The verdict that is overridden.
        by: Who takes the decision, by name.
        reason: Why, in a sentence others can judge.
        signer: Whose key it is; part of what is signed.
        key: The private key as PEM text; name the secret that holds it. Default: the development key of this user.
        passphrase: Of the key, when it has one; name the secret that holds it.

    Returns:
        override: The signed override: a statement of its own, about the verdict and the model.
    """
    envelope = open_envelope(verdict.path.read_bytes(), "the verdict")
    judged = Signed.read(envelope, "the verdict")
    signing = Keyring(keyring_folder(os.environ)).signing_key(signer, key, passphrase)
    made = sign_override(envelope, judged, signing, by=by, reason=reason, now=dt.datetime.now(dt.UTC))
    written = step.output("override", Verdict, suffix=".json")
    written.path.write_text(made.text(), encoding="utf-8")
    print(override_line(Override.read(made, "the override")))
    return Overridden(written)
