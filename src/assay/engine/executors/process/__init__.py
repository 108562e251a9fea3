"""The process executor: each step in a process of its own, forked from a warm server or started anew."""

from assay.engine.executors.process.executor import ProcessExecutor
from assay.engine.executors.process.orphans import end_orphans

__all__ = ["ProcessExecutor", "end_orphans"]
