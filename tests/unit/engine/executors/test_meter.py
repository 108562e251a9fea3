"""What is read of control groups of both versions, in a folder that stands for them."""

from __future__ import annotations

import pytest

from assay.engine.executors.container.meter import Meter


@pytest.mark.parametrize("name", ["docker/{}", "system.slice/docker-{}.scope", "libpod_parent/libpod-{}"])
def test_version_two(tmp_path, name):
    (tmp_path / "cgroup.controllers").write_text("cpu memory")
    group = tmp_path / name.format("abc")
    group.mkdir(parents=True)
    (group / "cpu.stat").write_text("usage_usec 1500000\nuser_usec 1\n")
    (group / "memory.current").write_text("5\n")
    (group / "memory.peak").write_text("7000\n")
    (group / "memory.events").write_text("oom 1\noom_kill 2\n")
    with Meter("abc", tmp_path) as meter:
        pass
    assert (meter.cpu_seconds, meter.peak_memory, meter.killed) == (1.5, 7000, 2)


def test_version_one(tmp_path):
    for controller, file, text in (
        ("cpuacct", "cpuacct.usage", "2500000000\n"),
        ("memory", "memory.max_usage_in_bytes", "9000\n"),
        ("memory", "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n"),
    ):
        (tmp_path / controller / "docker" / "abc").mkdir(parents=True, exist_ok=True)
        (tmp_path / controller / "docker" / "abc" / file).write_text(text)
    with Meter("abc", tmp_path) as meter:
        pass
    assert (meter.cpu_seconds, meter.peak_memory, meter.killed) == (2.5, 9000, 1)


def test_a_group_that_nobody_sees_is_nothing(tmp_path):
    with Meter("abc", tmp_path) as meter:
        pass
    assert (meter.cpu_seconds, meter.peak_memory, meter.killed) == (0.0, 0, 0)
