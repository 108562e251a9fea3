"""The container executor: steps that ask for an image, by docker or podman."""

from assay.engine.executors.container.daemon import ContainerError, Daemon, find_daemon
from assay.engine.executors.container.executor import ContainerExecutor, remove_left
from assay.engine.executors.container.images import Images

__all__ = ["ContainerError", "ContainerExecutor", "Daemon", "Images", "find_daemon", "remove_left"]
