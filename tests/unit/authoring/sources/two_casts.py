"""Casts that do not agree."""
import os
a = os.environ.get("flag", "False") == "True"
b = bool(os.environ.get("flag", "False"))
c = int(os.environ.get("n", 3))
d = os.environ.get("n", "3")
