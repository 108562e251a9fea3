"""Whether a container engine heard the request for a GPU."""

from __future__ import annotations

import pytest

from assay.engine.executors.container.attempt import refuse_unheard
from assay.runtime.failures import StepFailure

REQUEST = {"Driver": "", "DeviceIDs": ["0"], "Capabilities": [["gpu"]]}


@pytest.mark.parametrize(
    "host", [{"DeviceRequests": [REQUEST]}, {"DeviceRequests": None, "Devices": [{"PathOnHost": "/dev/nvidia0"}]}]
)
def test_a_container_with_a_device_may_start(host):
    refuse_unheard({"HostConfig": host})


@pytest.mark.parametrize(
    "container", [{}, {"HostConfig": {"DeviceRequests": None, "Devices": []}}, {"HostConfig": {"Devices": []}}]
)
def test_a_container_without_one_does_not(container):
    with pytest.raises(StepFailure, match="passes over the request for a GPU") as raised:
        refuse_unheard(container)
    assert raised.value.code == "container"
    assert "gpu:" in raised.value.hint
