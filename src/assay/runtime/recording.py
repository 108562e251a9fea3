"""IPython's display machinery, turned into records of what a cell showed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher

Record = Callable[[dict[str, Any]], None]


def displays(record: Record, clear: Callable[[], None]) -> tuple[type[DisplayHook], type[DisplayPublisher]]:
    """Return the classes that IPython makes its hook for results and its publisher of displayed objects from."""

    class Hook(DisplayHook):
        """Records the value of a cell's last expression."""

        def write_output_prompt(self) -> None:
            """Write no prompt."""

        def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
            """Record the value in all its forms."""
            record({"output_type": "execute_result", "data": dict(format_dict), "metadata": dict(md_dict or {})})

        def finish_displayhook(self) -> None:
            """End without an empty line."""
            self._is_active = False

    class Publisher(DisplayPublisher):
        """Records what ``display(...)`` shows, figures too."""

        def publish(self, data: Any, metadata: Any = None, source: Any = None, **_: Any) -> None:  # noqa: ARG002
            """Record one object."""
            record({"output_type": "display_data", "data": dict(data), "metadata": dict(metadata or {})})

        def clear_output(self, wait: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002  (IPython's signature)
            """Forget what the cell has shown so far."""
            clear()

    return Hook, Publisher
