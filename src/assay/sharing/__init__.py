"""Hospitals that share a model: re-evaluating a bundle at a site, and merging the sites' evidence. See docs/guides/hospitals.md."""
