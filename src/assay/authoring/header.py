"""What the comment at the head of a script says of it."""

from __future__ import annotations

from assay.authoring.docstring import parse_docstring

_NOT_TOLD = ("@", "-*-", "vim:", "type:", "input_", "output_")


def header(lines: list[str]) -> str:
    """Return the comment block at the head of a file, without the line for the kernel and the tags."""
    found: list[str] = []
    for line in lines:
        if line.startswith("#!") or (not found and not line.strip()):
            continue
        if not line.startswith("#"):
            break
        text = line.lstrip("#'").strip()
        rule = set(text) & set("=-") == set(text) != set()
        if not text.startswith(_NOT_TOLD) and not rule:
            found.append(text)
    return "\n".join(found).strip()


def told(text: str) -> tuple[str, str]:
    """Return title and description of a docstring or header."""
    doc = parse_docstring(text) if text else None
    return (doc.title, doc.description) if doc else ("", "")
