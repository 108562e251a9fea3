"""publish/kserve on files, as a pipeline runs it."""

from __future__ import annotations

import datetime as dt

import pytest
import yaml
from bundle_workshop import Workshop
from deployment_workshop import IMAGE

from assay import Bundle
from assay.bundle.faults import Rejected
from assay.library.publish.kserve import kserve
from assay.signing import Keyring, SignatureFault
from assay.trust.evidence.statement import State


@pytest.fixture
def site(monkeypatch, tmp_path):
    monkeypatch.setenv("ASSAY_KEYS", str(tmp_path / "keys"))
    made = Workshop(tmp_path, now=dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(days=2))
    Keyring(tmp_path / "keys").add_public("clinic", made.key.public.pem)
    return made


def test_a_bundle_becomes_documents(site, tmp_path, capsys):
    site.make()
    written = kserve(Bundle(tmp_path / "bundle"), storage="pvc://models/covid", image=IMAGE, canary=5, mode="knative")
    _, service = yaml.safe_load_all(written.path.read_bytes())
    assert service["spec"]["predictor"]["canaryTrafficPercent"] == 5
    assert "covid-ct 1.0.0, bundle" in capsys.readouterr().out


def test_a_verdict_that_is_no_pass_is_refused_but_for_an_override(site, tmp_path, capsys):
    site.make("failed", materials=site.materials(state=State.FAIL, override=True))
    kserve(Bundle(tmp_path / "failed"), storage="pvc://models/covid", image=IMAGE)
    assert "! OVERRIDDEN by Dr. A" in capsys.readouterr().out
    (tmp_path / "failed" / "override.json").unlink()
    with pytest.raises(Rejected, match="is not there"):
        kserve(Bundle(tmp_path / "failed"), storage="pvc://models/covid", image=IMAGE)


def test_only_the_named_key_counts(site, tmp_path):
    site.make()
    other = tmp_path / "other.pub"
    other.write_text(Keyring(tmp_path / "others").add("other").pem)
    with pytest.raises(SignatureFault):
        kserve(Bundle(tmp_path / "bundle"), storage="pvc://models/covid", image=IMAGE, key=other)
