"""What a server is told when it starts."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True, slots=True)
class Settings:
    """How a server is reached.

    Attributes:
        root: The workspace: nothing outside it is read or written.
        port: Where it listens; part of every host and origin that is believed.
        host: Address it listens on; anything but loopback is the caller's own decision.
        token: What a browser has to show; made anew for each start.
        web: Folder of the built editor; ``None`` serves the API alone.
        ahead: Whether an engine waits for the next run; it costs 40 MB and saves a third of a second.
    """

    root: Path
    port: int
    host: str = "127.0.0.1"
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    web: Path | None = None
    ahead: bool = True

    @property
    def hosts(self) -> frozenset[str]:
        """Values of the Host header that are believed: any other name that leads here was rebound in DNS."""
        names = (*LOOPBACK, self.host) if self.host != "0.0.0.0" else LOOPBACK  # noqa: S104  (compared, not bound)
        return frozenset(f"{name}:{self.port}" for name in names)

    @property
    def origins(self) -> frozenset[str]:
        """Values of the Origin header that are believed."""
        return frozenset(f"http://{host}" for host in self.hosts)

    @property
    def address(self) -> str:
        """What a person opens, token included."""
        return f"http://{self.host}:{self.port}/?token={self.token}"
