"""What stands before and after the container."""

from __future__ import annotations

from assay import File, component, step


@component(version="1.0.0", licence="Apache-2.0")
def write(*, text: str = "Attributions localise lesions; interpretability is measured, not asserted.") -> File:
    """Write a text to a file.

    Args:
        text: What is written.

    Returns:
        file: The text.
    """
    out = step.output("file", File, suffix=".txt")
    out.path.write_text(text + "\n")
    return out


@component(version="1.0.0", licence="Apache-2.0")
def count(words: File) -> int:
    """Count the lines of a file.

    Args:
        words: One word a line.

    Returns:
        value: How many there are.
    """
    found = words.path.read_text().split()
    print(", ".join(found))
    return len(found)
