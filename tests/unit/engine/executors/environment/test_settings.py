"""What uv is told."""

from __future__ import annotations

import pytest

from assay.engine.executors.environment.settings import pip_settings, uv_environment

ALWAYS = {"NO_COLOR": "1", "UV_NO_PROGRESS": "1", "UV_PYTHON_DOWNLOADS": "never"}


@pytest.mark.parametrize(
    ("given", "pip", "told"),
    [
        ({}, {}, {}),
        ({"UV_OFFLINE": "1", "UV_FIND_LINKS": "/w"}, {}, {"UV_OFFLINE": "1", "UV_FIND_LINKS": "/w"}),
        ({}, {"find-links": "/a /b\n/c"}, {"UV_FIND_LINKS": "/a,/b,/c"}),
        ({"UV_FIND_LINKS": "/w"}, {"find-links": "/a"}, {"UV_FIND_LINKS": "/w"}),
        (
            {},
            {"index-url": "https://i/simple", "cert": "/c"},
            {"UV_DEFAULT_INDEX": "https://i/simple", "SSL_CERT_FILE": "/c"},
        ),
        ({}, {"no-index": "1"}, {"UV_NO_INDEX": "1"}),
        ({}, {"extra-index-url": "https://e"}, {"UV_INDEX": "https://e", "UV_INDEX_STRATEGY": "unsafe-best-match"}),
        ({"VIRTUAL_ENV": "/v", "PYTHONPATH": "/p", "HOME": "/h"}, {"timeout": "9"}, {"HOME": "/h"}),
    ],
)
def test_settings(given, pip, told):
    assert uv_environment(given, pip) == {**told, **ALWAYS}


def test_pips_files_and_variables(tmp_path, monkeypatch):
    config = tmp_path / "pip.conf"
    config.write_text(
        "[global]\nfind-links =\n    /one\n    /two\nindex-url = https://files\n[install]\nindex-url = https://narrower\n"
    )
    monkeypatch.setenv("PIP_CONFIG_FILE", str(config))
    for name in ("PIP_FIND_LINKS", "PIP_INDEX_URL", "PIP_NO_INDEX"):
        monkeypatch.delenv(name, raising=False)
    settings = pip_settings()
    assert settings["find-links"].split() == ["/one", "/two"]
    assert settings["index-url"] == "https://narrower"
    monkeypatch.setenv("PIP_INDEX_URL", "https://variable")
    assert pip_settings()["index-url"] == "https://variable"
