"""Who may speak to the server: the right host, the right origin, the token. Before anything else is looked at."""

from __future__ import annotations

import hmac
import html
import json
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from assay.server.settings import Settings

COOKIE = "assay-token"
LARGEST_BODY = 16 * 1024 * 1024
"""Bytes of one request: a pipeline file of 10 MB, written as JSON, passes."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Assay Studio</title>
<body style="font: 1.1rem/1.5 system-ui; max-width: 40rem; margin: 4rem auto; padding: 0 1rem; color-scheme: light dark">
<h1>Assay Studio</h1><p>{}.</p><p>The command prints a new address at each start; whoever has it can run code here, so it opens nothing by itself.</p>
"""


class Guard:
    """ASGI middleware around the whole application.

    A request is refused (403) when its Host is none of ours (DNS rebinding), when its Origin is foreign, or when a changing
    request comes from another site (CSRF); 401 without the token, which travels as ``Authorization: Bearer``, as a strict
    cookie, or once in the address of the first page, which then sets the cookie and is left.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
                return
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await _answer(send, *refusal, page=_is_page(scope, headers))
            return
        if self._arrives(scope):
            await _set_cookie(send, scope, self._settings)
            return
        await self._app(scope, _bounded(receive), _hardened(send))

    def _refusal(self, scope: Scope, headers: dict[str, str]) -> tuple[int, str, str] | None:
        if headers.get("host", "") not in self._settings.hosts:
            return 403, "host", "this server answers to its loopback address only"
        origin = headers.get("origin")
        if origin is not None and origin not in self._settings.origins:
            return 403, "origin", "a page of another origin may not speak to this server"
        foreign = headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}
        if foreign and scope["method"] not in _SAFE:
            return 403, "origin", "a page of another site may not change anything here"
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > LARGEST_BODY:
            return 413, "too-large", f"a request has at most {LARGEST_BODY} bytes"
        if not self._known(headers) and not self._arrives(scope):
            return 401, "token", "the token is missing or wrong: open the address that 'assay studio' printed"
        return None

    def _known(self, headers: dict[str, str]) -> bool:
        kind, _, shown = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and self._right(shown.strip()):
            return True
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(f"{COOKIE}-{self._settings.port}")
        except CookieError:
            return False
        return cookie is not None and self._right(cookie.value)

    def _arrives(self, scope: Scope) -> bool:
        """Whether this is the first page, opened by the address with the token in it."""
        if scope["method"] != "GET" or scope["path"] != "/":
            return False
        shown = parse_qs(scope["query_string"].decode("latin-1")).get("token", [])
        return len(shown) == 1 and self._right(shown[0])

    def _right(self, shown: str) -> bool:
        return hmac.compare_digest(shown.encode(), self._settings.token.encode())


async def _set_cookie(send: Send, scope: Scope, settings: Settings) -> None:
    """Keep the token in a cookie and leave the address that shows it; what else the address asks for stays."""
    query = scope["query_string"].decode("latin-1").split("&")
    rest = "&".join(part for part in query if not part.startswith("token="))
    cookie = f"{COOKIE}-{settings.port}={settings.token}; HttpOnly; SameSite=Strict; Path=/"
    location = f"/?{rest}" if rest else "/"
    headers = [
        (b"location", location.encode("latin-1")),
        (b"set-cookie", cookie.encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": 303, "headers": [*headers, *_HEADERS]})
    await send({"type": "http.response.body", "body": b""})


def _is_page(scope: Scope, headers: dict[str, str]) -> bool:
    """Whether a person opened an address in a browser, and is to read the answer."""
    return scope["method"] == "GET" and "text/html" in headers.get("accept", "")


async def _answer(send: Send, status: int, code: str, message: str, *, page: bool) -> None:
    if page:
        body, kind = _PAGE.format(html.escape(message)).encode(), b"text/html; charset=utf-8"
    else:
        body = json.dumps({"code": code, "message": message, "culprit": "", "hint": "", "faults": []}).encode()
        kind = b"application/problem+json"
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), *_HEADERS]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _bounded(receive: Receive) -> Receive:
    """Count what is really received: a length may be missing or untrue."""
    left = LARGEST_BODY

    async def bounded() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        return message if left >= 0 else {"type": "http.disconnect"}

    return bounded


def _hardened(send: Send) -> Send:
    async def hardened(message: Message) -> None:
        if message["type"] == "http.response.start":
            there = {name for name, _ in message["headers"]}
            message["headers"] = [*message["headers"], *(pair for pair in _HEADERS if pair[0] not in there)]
        await send(message)

    return hardened
