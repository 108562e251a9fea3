"""The build context of the predictor: what stands in it, and what is refused before a builder is asked."""

from __future__ import annotations

import re

import pytest

from assay.errors import InvalidDocument
from assay.exporters.predictor import check_tag, predictor_documents

PEM = "-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----\n"


def made(**how):
    return predictor_documents(
        {"clinic": PEM}, {"ml.assay.bundle": 'sha256:"$x'}, **{"base_image": "python:3.11-slim"} | how
    )


def test_it_runs_as_nobody_with_a_health_check_and_verifies_with_the_signers_keys():
    files = made()
    text = files["Containerfile"].content.decode()
    assert "USER 10001:10001" in text
    assert re.search(r"^HEALTHCHECK .*/app/bin/healthy", text, re.MULTILINE)
    assert 'CMD ["serve", "/bundle", "--host", "0.0.0.0", "--port", "8080", "--grpc-port", "8081"]' in text
    assert text.index("pip install") < text.index("COPY bundle /bundle") < text.index("USER")
    assert r'ml.assay.bundle="sha256:\"\$x"' in text
    assert files["keys/clinic.pub"].content.decode() == PEM
    assert all(files[f"app/bin/{name}"].executable for name in ("assay", "healthy", "try"))


def test_every_package_is_pinned_to_what_is_installed_here():
    lines = made()["requirements.txt"].content.decode().splitlines()
    pins = dict(line.split("==") for line in lines if line and not line.lstrip().startswith(("#", "--")))
    assert {"onnxruntime", "starlette", "uvicorn", "grpcio", "tritonclient", "prometheus-client", "oras"} <= set(pins)
    assert not {"torch", "assay-ml", "onnx", "pytest"} & set(pins)


def test_it_holds_assay_itself_and_not_the_editor():
    files = made()
    assert {"app/assay/cli/__init__.py", "app/assay/serving/page.html", "app/assay/serving/rpc.py"} <= set(files)
    assert not [name for name in files if "__pycache__" in name or "/web/" in name]


def test_without_a_bundle_it_serves_what_its_arguments_name():
    text = predictor_documents({}, {}, base_image="python@sha256:" + "a" * 64, bundle=False)["Containerfile"].content
    assert b"COPY bundle" not in text
    assert b"HEALTHCHECK" not in text
    assert b"Pin the base by digest" not in text
    assert b'CMD ["serve", "--help"]' in text


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"base_image": "a b"}, "--base-image"),
        ({"base_image": "x\nRUN rm -rf /"}, "--base-image"),
        ({"index": "https://u:p@x/simple"}, "holds a name or password"),
        ({"index": "x"}, "is no address"),
    ],
)
def test_what_cannot_be_is_refused(how, said):
    with pytest.raises(InvalidDocument) as caught:
        made(**how)
    assert any(said in fault.message for fault in caught.value.faults)
    with pytest.raises(InvalidDocument):
        check_tag("No Name")
