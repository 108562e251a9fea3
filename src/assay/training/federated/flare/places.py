"""Where a federation on one machine keeps what: files of the server's folder and of each site's own."""

from __future__ import annotations

EVENTS_FILE = "events.jsonl"
"""In the server's folder: one line a thing that happened, which the step follows while it waits."""

REFUSAL_FILE = "refused.json"
"""In a site's folder: why it would not go on."""

LEDGER_FILE = "crossed.jsonl"
"""In a site's folder: one line a message that left it."""
