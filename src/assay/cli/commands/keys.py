"""``assay keys``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli.app import new_app
from assay.cli.options import Json, Passphrase, Store
from assay.cli.terminal import Cell, Column, document, note, say, table

if TYPE_CHECKING:
    from assay.signing import Keyring

app = new_app(no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Such as radiology-2026.")]


@app.callback()
def keys() -> None:
    """Make and hand out the keys that sign verdicts.

    They are in a folder of yours, outside every project; ASSAY_KEYS names another.
    """


@app.command("new")
def new_pair(name: Name, passphrase: Passphrase = None, store: Store = None, json: Json = False) -> None:
    """Make a key pair (ed25519). The private half gets mode 600 and is encrypted when a passphrase is named."""
    from assay.cli.project import secret_value  # here and below: reads keys only when there is something to do

    ring = _ring()
    public = ring.add(name, secret_value(passphrase, store) if passphrase else "")
    private = ring.folder / f"{name}.key"
    if json:
        document({"name": name, "id": public.id, "private": str(private), "public": str(ring.folder / f"{name}.pub")})
        return
    say(f"private  {private}  (keep it to yourself)")
    say(f"public   {ring.folder / f'{name}.pub'}  (hand it out: 'assay keys export {name}')")
    say(f"id       {public.id}", "bold")


@app.command()
def cosign(name: Name) -> None:
    """Print the public half of a P-256 key that signs bundles in a registry as cosign does; it is made when there is none.

    Admission policies take it ('assay policy admission'); verdicts and bundles themselves are signed with the keys of 'assay keys new'.
    """
    from assay.signing.cosign import CosignKeys

    say(CosignKeys(_ring().folder).have(name).rstrip("\n"))


@app.command("list")
def list_keys(json: Json = False) -> None:
    """List the keys of this user, and the public keys of others that are trusted."""
    ring = _ring()
    facts = [_facts(ring, name) for name in ring.names()]
    if json:
        document([dict(fact) for fact in facts])
        return
    if not facts:
        note(f"no keys in {ring.folder}; 'assay keys new NAME' makes one", "dim")
        return
    table(
        [Column("key"), Column("signs"), Column("trust"), Column("id")],
        [[Cell(fact["name"], "bold"), fact["signs"], fact["trust"], Cell(fact["id"], "dim")] for fact in facts],
    )


@app.command()
def show(name: Name, json: Json = False) -> None:
    """Say what is known of a key; the private half is never printed."""
    fact = _facts(_ring(), name)
    if json:
        document(dict(fact))
        return
    for key, value in fact.items():
        say(f"{key:<8} {value}")


@app.command()
def export(
    name: Name,
    target: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="A new file; default: print it.")] = None,
) -> None:
    """Write the public half, for whoever is to verify what you sign."""
    public = _ring().public(name)
    if target is None:
        say(public.pem.rstrip("\n"))
        return
    with target.open("x", encoding="utf-8") as file:
        file.write(public.pem)
    say(str(target))


@app.command()
def trust(
    name: Name, file: Annotated[Path, typer.Argument(metavar="FILE", help="Somebody else's public key.")]
) -> None:
    """Keep somebody else's public key: what it signed is believed here from now on."""
    key = _ring().add_public(name, file.read_text(encoding="utf-8", errors="replace"))
    say(f"{name} is trusted: {key.id}")


def _ring() -> Keyring:
    import os

    from assay.signing import Keyring, keyring_folder

    return Keyring(keyring_folder(os.environ))


def _facts(ring: Keyring, name: str) -> dict[str, str]:
    public = ring.public(name)
    return {
        "name": name,
        "id": public.id,
        "trust": str(ring.trust_of(public)),
        "signs": "yes" if ring.has_private(name) else "no, only the public half is here",
        "folder": str(ring.folder),
    }
