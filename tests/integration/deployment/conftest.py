"""Clusters on loopback that serve bundles for real, and the command line that deploys to them."""

import datetime as dt
import json
from dataclasses import dataclass

import pytest
from bundle_workshop import Workshop
from deployment_workshop import IMAGE
from kube_workshop import Site, kubeconfig

from assay.cli.entry import invoke
from assay.signing import Keyring

STORAGE = "pvc://models/covid-ct"


@dataclass(frozen=True)
class Result:
    status: int
    out: str
    err: str

    @property
    def sites(self):
        return {one["site"]: one for one in json.loads(self.out)["sites"]}


@pytest.fixture
def workshop(monkeypatch, tmp_path):
    """Bundles of today, whose maker is trusted here."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ASSAY_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv("ASSAY_BUNDLES", str(tmp_path / "shelf"))
    monkeypatch.setenv("ASSAY_IMAGE", IMAGE)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    made = Workshop(tmp_path, now=dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(days=2))
    Keyring(tmp_path / "keys").add_public("clinic", made.key.public.pem)
    made.make()
    return made


@pytest.fixture
def clusters(workshop, tmp_path):
    """Two sites, whose claim is the bundle's folder."""
    sites = [Site(name, tmp_path / name, {STORAGE: tmp_path / "bundle"}) for name in ("bern", "basel")]
    kubeconfig(tmp_path / "kubeconfig", sites)
    yield sites
    for one in sites:
        one.close()


@pytest.fixture
def assay(capsys):
    """The command line in this process."""

    def call(*argv):
        capsys.readouterr()
        status = invoke([str(word) for word in argv])
        captured = capsys.readouterr()
        return Result(status, captured.out, captured.err)

    return call


@pytest.fixture
def deploy(assay):
    """Deploy from the claim, with JSON."""

    def call(*argv, bundle="bundle", wait=300):
        return assay("deploy", bundle, "--storage", STORAGE, "--wait", wait, "--json", *argv)

    return call
