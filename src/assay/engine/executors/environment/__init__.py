"""The environment executor: steps whose component needs packages that the engine's own environment lacks."""

from assay.engine.executors.environment.executor import EnvironmentExecutor
from assay.engine.executors.environment.places import Environment, environments, folder_in, reclaim

__all__ = ["Environment", "EnvironmentExecutor", "environments", "folder_in", "reclaim"]
