"""What stands between callers and the pods of an InferenceService: a router that leads by path and by weight, as KServe has it done.

It is no Istio and no Knative: requests for explanations go to the explainer, all others to the versions of the predictor in proportion to
``canaryTrafficPercent``, by smooth weighted round robin, so that of any hundred exactly so many go to the new one.
"""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_PASSED_ON = ("content-type", "inference-header-content-length", "x-request-id")


class Ingress:
    """Leads requests to addresses.

    Args:
        shares: Address of each version of the predictor to its percent.
        explainer: Address of the explainer.
    """

    def __init__(self, shares: dict[str, int], explainer: str) -> None:
        self._turns, self._lock, self._explainer = _turns(shares), threading.Lock(), explainer
        ingress = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name: value for name in _PASSED_ON if (value := self.headers.get(name))}
                status, answered, content = ingress.lead(self.path, body, headers)
                self.send_response(status)
                for name in (*_PASSED_ON, "content-length"):
                    if value := answered.get(name):
                        self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def lead(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        """Pass a request on; return status, headers in small letters, and body of the answer."""
        with self._lock:
            to = self._explainer if path.endswith((":explain", "/explain")) else next(self._turns)
        request = urllib.request.Request(f"{to}{path}", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, {name.lower(): value for name, value in error.headers.items()}, error.read()

    def close(self) -> None:
        """Lead nobody any more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


def _turns(shares: dict[str, int]) -> Iterator[str]:
    credit = dict.fromkeys(shares, 0)
    total = sum(shares.values())
    while True:
        for address, share in shares.items():
            credit[address] += share
        best = max(credit, key=credit.__getitem__)
        credit[best] -= total
        yield best
