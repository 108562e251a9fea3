"""``assay bundle``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from assay.cli import completion
from assay.cli.app import new_app
from assay.cli.options import Json, Passphrase, Shelf, SignedBy, SigningKey, Store
from assay.cli.terminal import Cell, Column, document, note, say, table

app = new_app(no_args_is_help=True)

Where = Annotated[
    str,
    typer.Argument(
        metavar="BUNDLE", help="A folder, an archive, NAME or NAME:VERSION on the shelf, or oci://REGISTRY/PATH:TAG."
    ),
]
AllowOlder = Annotated[
    bool, typer.Option("--allow-older", help="Take in a bundle though a newer one of its name came in before.")
]


@app.callback()
def bundle() -> None:
    """Make, verify and exchange bundles of models that passed.

    A bundle holds all that another hospital needs to believe a model. It is verified before anything of it is unpacked or loaded: signatures, every byte, the verdict and its age. Exits with 1 when it
    is refused, and with 2 when a signature is broken or unknown.
    """


@app.command()
def make(
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Such as covid-ct.")],
    version: Annotated[str, typer.Option("--version", metavar="VERSION", help="Such as 1.0.0.")],
    run: Annotated[
        str,
        typer.Argument(metavar="[RUN]", autocompletion=completion.runs, help="The run that made model and verdict."),
    ] = "last",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="A new folder; default: NAME-VERSION here.")
    ] = None,
    verdict: Annotated[
        str | None, typer.Option("--verdict", metavar="STEP.PORT", help="Which verdict, when there are several.")
    ] = None,
    licence: Annotated[
        str, typer.Option("--licence", metavar="SPDX", help="Terms of use of the model, such as CC-BY-4.0.")
    ] = "",
    licence_file: Annotated[
        list[Path] | None, typer.Option("--licence-file", metavar="FILE", help="A file with terms; again for more.")
    ] = None,
    override_by: Annotated[
        str, typer.Option("--override-by", metavar="NAME", help="Who publishes against the verdict.")
    ] = "",
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, in a sentence others can judge.")] = "",
    key: SigningKey = None,
    passphrase: Passphrase = None,
    store: Store = None,
    json: Json = False,
) -> None:
    """Make a bundle of what a run made. Without a valid pass for exactly this model nothing is made, but for a signed override."""
    from assay.bundle.making import Label, make_bundle  # here and below: cryptography and more, only for this command
    from assay.bundle.source import FolderSource
    from assay.cli.bundling import authority, bundle_json, examined, materials_of, origin_of, overridden, staged, tell
    from assay.cli.project import find_run, secret_value

    found = find_run(store, run)
    materials = materials_of(found, verdict, licence_file or ())
    who = authority(key, secret_value(passphrase, store) if passphrase else "")
    target = out or Path(f"{name}-{version}")
    if override_by or reason:
        materials = overridden(materials, who, override_by, reason)
    with staged(target) as folder:
        make_bundle(materials, Label(name, version, licence, origin_of(found)), who, folder)
    made = examined(FolderSource(target), None)
    if json:
        document({"folder": str(target), **bundle_json(made)})
        return
    tell(made)
    say(str(target))


@app.command()
def verify(
    where: Where,
    key: SignedBy = None,
    openssf: Annotated[
        bool, typer.Option("--openssf", help="Have OpenSSF Model Signing check the model too; folders only.")
    ] = False,
    shelf: Shelf = None,
    json: Json = False,
) -> None:
    """Check signatures, every byte, and the verdict of a bundle. Nothing is unpacked or loaded."""
    from assay.bundle.opening import opened
    from assay.cli.bundling import bundle_json, check_openssf, examined, tell

    with opened(_find(where, shelf)) as source:
        found = examined(source, key)
        if openssf:
            check_openssf(source)
    if json:
        document(bundle_json(found))
        return
    tell(found)
    say("✔ the bundle is whole, and may be used", "bold green" if found.admission.override is None else "bold red")


@app.command()
def show(where: Where, key: SignedBy = None, shelf: Shelf = None, json: Json = False) -> None:
    """Verify a bundle and say what is in it: its verdict rule by rule, and every file."""
    from assay.bundle.opening import opened
    from assay.cli.bundling import bundle_json, examined, tell
    from assay.trust.gate.words import ruling_lines

    with opened(_find(where, shelf)) as source:
        found = examined(source, key)
    if json:
        document(bundle_json(found))
        return
    tell(found)
    for line in ruling_lines(found.admission.verdict):
        say(line)
    table(
        [Column("file"), Column("bytes", right=True), Column("sha256")],
        [[Cell(item.path, "bold"), str(item.size), Cell(item.digest[:12], "dim")] for item in found.manifest.items],
    )


@app.command()
def evaluate(
    where: Where,
    data: Annotated[
        Path, typer.Option("--data", metavar="FOLDER", help="Your images; for a model over tables: your table.")
    ],
    table_file: Annotated[
        Path | None,
        typer.Option(
            "--table", metavar="CSV", help="File, label, patient … of each image; default: the only CSV in the folder."
        ),
    ] = None,
    columns: Annotated[
        str,
        typer.Option(
            "--columns", metavar="NAME=COLUMN,…", help="What your table calls file, label, patient, age, sex."
        ),
    ] = "",
    setting: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="A parameter of input/image-folder or input/table; again for more."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="A new folder; default: NAME-VERSION-SITE here.")
    ] = None,
    site: Annotated[
        str, typer.Option("--site", metavar="NAME", help="Your site's name; default: that of the key.")
    ] = "",
    signing: Annotated[
        str | None,
        typer.Option("--sign", metavar="NAME", help="Which of your keys signs; default: the only one you have."),
    ] = None,
    passphrase: Passphrase = None,
    policy: Annotated[
        str, typer.Option("--policy", metavar="NAME|FILE", help="The rules of your site's verdict.")
    ] = "site",
    fewest: Annotated[
        int,
        typer.Option(
            "--fewest", min=5, help="Patients with, and without, the disease that a group needs to be told of."
        ),
    ] = 10,
    leave_out: Annotated[
        list[str] | None,
        typer.Option("--leave-out", metavar="COMPONENT", help="A measurement that is not repeated; again for more."),
    ] = None,
    synthetic: Annotated[
        bool, typer.Option("--synthetic", help="The data are of no real person; said beside every figure.")
    ] = False,
    key: SignedBy = None,
    shelf: Shelf = None,
    json: Json = False,
) -> None:
    """Verify a bundle, repeat its measurements on your own data, and write evidence that tells nothing of a patient.

    What needs only the model and your data runs again, on this machine. Written are figures, a verdict of your site and a report, signed
    with your key: no image, no row, no case. Groups with fewer than --fewest patients on a side are left out, and those from which they
    would follow by subtraction; counts are rounded. Exits with 1 when the bundle is refused, with 0 whatever your verdict says.
    """
    from assay.bundle.opening import opened
    from assay.cli.bundling import examined
    from assay.cli.project import secret_value
    from assay.cli.sharing import Asked, evaluate_bundle

    asked = Asked(
        data, table_file, columns, setting or (), site, signing, policy, fewest, leave_out or (), synthetic or None
    )
    secret = secret_value(passphrase, None) if passphrase else ""
    with opened(_find(where, shelf)) as source:
        evaluate_bundle(source, examined(source, key), asked, secret, out, json=json)


@app.command("list")
def list_bundles(shelf: Shelf = None, json: Json = False) -> None:
    """List the bundles that were taken in."""
    from assay.bundle.shelf import Shelf, default_shelf, shelved

    place = Shelf(shelf or default_shelf(os.environ))
    rows = shelved(place)
    if json:
        document([{"name": one.name, "version": one.version, "made": one.made.isoformat(), "overridden": one.overridden,
                   "folder": str(folder)} for folder, one in rows])  # fmt: skip
        return
    if not rows:
        note(f"no bundles in {place.root}; 'assay bundle import' takes one in", "dim")
        return
    table(
        [Column("bundle"), Column("made"), Column("overridden"), Column("folder")],
        [
            [
                Cell(one.title, "bold"),
                f"{one.made:%Y-%m-%d %H:%M}",
                Cell("yes" if one.overridden else "no", "bold red" if one.overridden else ""),
                Cell(str(folder), "dim"),
            ]
            for folder, one in rows
        ],
    )


@app.command()
def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="As for the other commands.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="As for the other commands.")],
    key: SignedBy = None,
    shelf: Shelf = None,
    json: Json = False,
) -> None:
    """Verify two bundles and say what changed: terms, verdict, every figure of the evidence, files. Exits with 1 when something did."""
    from assay.bundle.difference import changes
    from assay.bundle.opening import opened
    from assay.cli.bundling import examined
    from assay.errors import ExitCode

    with opened(_find(old, shelf)) as first, opened(_find(new, shelf)) as second:
        found = changes((first, examined(first, key)), (second, examined(second, key)))
    if json:
        document([{"what": one.what, "old": one.before, "new": one.after} for one in found])
    elif not found:
        say("the same")
    else:
        table(
            [Column("what"), Column("old"), Column("new")],
            [[Cell(one.what, "bold"), one.before or "-", one.after or "-"] for one in found],
        )
    if found:
        raise typer.Exit(ExitCode.RUN_FAILED)


@app.command()
def export(
    where: Where,
    target: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="A new archive; default: NAME-VERSION.assay.tar here.")
    ] = None,
    key: SignedBy = None,
    shelf: Shelf = None,
    json: Json = False,
) -> None:
    """Verify a bundle and write it as one file: an OCI image layout. The same bundle always gives the same bytes."""
    from assay.bundle.archive import SUFFIX, write_archive
    from assay.bundle.opening import opened
    from assay.cli.bundling import examined

    with opened(_find(where, shelf)) as source:
        found = examined(source, key)
        file = target or Path(f"{found.manifest.name}-{found.manifest.version}{SUFFIX}")
        write_archive(source, found.manifest, file)
    if json:
        document({"file": str(file), "digest": found.digest})
    else:
        say(str(file))


@app.command()
def image(
    where: Annotated[
        str | None,
        typer.Argument(
            metavar="[BUNDLE]",
            help="As for the other commands. Left out: an image without a bundle, which serves what its arguments name, as KServe does.",
        ),
    ] = None,
    tag: Annotated[
        str,
        typer.Option(
            "--tag", metavar="IMAGE", help="Build the image, try it, and call it so. Default: only the folder."
        ),
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="A new folder to build from; default: NAME-VERSION-image here."),
    ] = None,
    base_image: Annotated[
        str, typer.Option("--base-image", metavar="IMAGE", help="What it is built on; best NAME@sha256:DIGEST.")
    ] = "python:3.11-slim",
    network: Annotated[
        str,
        typer.Option(
            "--network", metavar="NAME", help="Network to build in, such as host; default: the builder's own."
        ),
    ] = "",
    index: Annotated[
        str,
        typer.Option("--index", metavar="URL", help="Another package index that the image's packages may come from."),
    ] = "",
    key: SignedBy = None,
    shelf: Shelf = None,
    json: Json = False,
) -> None:
    """Write a folder to build an image from that serves a bundle: as non-root, read-only, with pinned packages and a health check.

    With --tag it is built by docker or podman and named only when it answered. It verifies the bundle at every start, by the keys that
    signed it, and listens for HTTP on 8080 and gRPC on 8081.
    """
    from assay.cli.imaging import Wanted, write_image

    wanted = Wanted(tag, out, base_image, network, index)
    write_image(_find(where, shelf) if where else "", wanted, key=key, shelf=shelf, json=json)


@app.command("import")
def import_bundle(
    where: Where, key: SignedBy = None, allow_older: AllowOlder = False, shelf: Shelf = None, json: Json = False
) -> None:
    """Verify a bundle and take it onto the shelf. An older one than came in before under its name is refused."""
    _take_in(where, key, shelf, allow_older=allow_older, json=json)


@app.command()
def push(
    where: Where,
    address: Annotated[
        str,
        typer.Argument(
            metavar="ADDRESS", help="oci://REGISTRY/PATH, with :TAG or without: then the version is the tag."
        ),
    ],
    cosign: Annotated[
        str | None,
        typer.Option(
            "--cosign", metavar="NAME", help="Sign it there for admission policies: a key of 'assay keys cosign'."
        ),
    ] = None,
    key: SignedBy = None,
    shelf: Shelf = None,
    json: Json = False,
) -> None:
    """Verify a bundle and store it in a registry. Prints the address by digest, which always means this bundle.

    Credentials are those of 'docker login'. Without TLS only registries on this computer are spoken to.
    """
    from assay.bundle.opening import opened
    from assay.bundle.registry import push as store_in
    from assay.cli.bundling import examined, signed_for_cosign

    with opened(_find(where, shelf)) as source:
        found = examined(source, key)
        stored = store_in(source, found.manifest, address)
    signature = signed_for_cosign(stored, cosign) if cosign else None
    if json:
        document({"address": stored, "digest": found.digest, "signature": signature})
    else:
        say(stored)


@app.command()
def pull(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="oci://REGISTRY/PATH:TAG or …@sha256:…")],
    key: SignedBy = None,
    allow_older: AllowOlder = False,
    shelf: Shelf = None,
    json: Json = False,
) -> None:
    """Verify a bundle in a registry and take it onto the shelf, as import does."""
    from assay.bundle.address import Address

    Address.parse(address)
    _take_in(address, key, shelf, allow_older=allow_older, json=json)


def _take_in(where: str, key: Path | None, shelf: Path | None, *, allow_older: bool, json: bool) -> None:
    from assay.bundle.opening import opened
    from assay.bundle.shelf import Shelf, default_shelf
    from assay.cli.bundling import bundle_json, examined, tell

    with opened(where) as source:
        found = examined(source, key)
        folder = Shelf(shelf or default_shelf(os.environ)).take_in(source, found, allow_older=allow_older)
    if json:
        document({"folder": str(folder), **bundle_json(found)})
        return
    tell(found)
    say(str(folder))


def _find(where: str, shelf: Path | None) -> str:
    from assay.bundle.opening import find

    return find(where, shelf, os.environ)
