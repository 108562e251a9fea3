"""What a person sees when Assay itself is at fault."""

from __future__ import annotations

from collections.abc import Sequence

import assay


def save_report(error: BaseException, argv: Sequence[str]) -> str:
    """Write the traceback and the surroundings to a new file of the temporary folder; return its path."""
    import platform  # this and the following: only needed when something broke
    import tempfile
    import traceback

    lines = [
        f"assay {assay.__version__}",
        f"Python {platform.python_version()} on {platform.platform()}",
        f"assay {' '.join(argv)}",
        "",
        *traceback.format_exception(error),
    ]
    with tempfile.NamedTemporaryFile(
        "w", prefix="assay-error-", suffix=".txt", delete=False, encoding="utf-8", errors="backslashreplace"
    ) as report:
        report.write("\n".join(lines))
    return report.name
