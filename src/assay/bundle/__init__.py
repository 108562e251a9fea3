"""Bundles: a model that passed the gate, with all that another hospital needs to believe it. See docs/guides/bundles.md."""
