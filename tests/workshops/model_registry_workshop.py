"""A server on loopback that speaks what we use of the Kubeflow Model Registry's REST API, and holds every body against a check."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

BASE = "/api/model_registry/v1alpha3"


@dataclass
class ModelRegistry:
    """Keeps what was posted.

    Attributes:
        check: Is given the collection and the body of each POST.
        token: Bearer token that is asked for; empty: none.
    """

    check: Callable[[str, dict], None] = lambda _kind, _body: None
    token: str = ""
    models: list[dict] = field(default_factory=list)
    versions: list[dict] = field(default_factory=list)
    artifacts: list[dict] = field(default_factory=list)

    def __post_init__(self) -> None:
        registry = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                """Keep quiet."""

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
                match parts.path.removeprefix(BASE):
                    case "/registered_model":
                        found = [one for one in registry.models if one["name"] == asked["name"]]
                    case "/model_version":
                        wanted = (asked["name"], asked["parentResourceId"])
                        found = [one for one in registry.versions if (one["name"], one["registeredModelId"]) == wanted]
                    case _:
                        found = []
                self._answer(200 if found else 404, found[0] if found else {"code": "404", "message": "not found"})

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                path = urlsplit(self.path).path.removeprefix(BASE)
                kept = {"/registered_models": registry.models, "/model_versions": registry.versions}.get(path)
                if kept is None:
                    assert path.startswith("/model_versions/")
                    kept = registry.artifacts
                registry.check(path, body)
                kept.append(body | {"id": str(len(kept) + 1)})
                self._answer(201, kept[-1])

            def _answer(self, status: int, body: dict) -> None:
                if registry.token and self.headers.get("authorization") != f"Bearer {registry.token}":
                    status, body = 401, {"code": "401", "message": "unauthorized"}
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server.server_port}"

    def close(self) -> None:
        """End it."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(10)
