"""How well a score tells two classes apart: plain functions on arrays, each figure with its interval."""
