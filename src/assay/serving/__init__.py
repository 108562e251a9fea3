"""Asking a published model: the open inference protocol over HTTP, with explanations. See docs/guides/serving.md."""
