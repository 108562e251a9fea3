"""The scheduler: order, room, limits, and that nothing starves."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from assay.engine.scheduler import End, Scheduler, Slots
from assay.model.component import Resources
from assay.model.events import StepKey
from assay.model.graph import Graph

ONE = Resources(cpu=1)


def scheduler(needs, cpu=2.0, memory=None, gpu=0, most=None):
    return Scheduler(Graph(needs), needs, Resources(cpu, memory, gpu), most)


def drain_ready(plan):
    found = []
    while (name := plan.ready()) is not None:
        found.append(name)
    return found


def test_a_step_is_ready_only_after_all_it_needs_has_ended():
    plan = scheduler({"a": [], "b": [], "c": ["a", "b"]})
    assert drain_ready(plan) == ["a", "b"]
    plan.end("a", End.DONE)
    assert drain_ready(plan) == []
    plan.end("b", End.FAILED)
    assert drain_ready(plan) == ["c"]
    assert plan.ended == {"a": End.DONE, "b": End.FAILED}


def test_needs_outside_the_selection_count_as_ended():
    plan = Scheduler(Graph({"a": [], "b": ["a"]}), ["b"], ONE)
    assert drain_ready(plan) == ["b"]


def test_places_start_in_the_order_they_were_submitted_as_far_as_there_is_room():
    plan = scheduler({"a": []}, cpu=2)
    for item in range(3):
        plan.submit(StepKey("a", item), ONE)
    assert plan.start() == StepKey("a", 0)
    assert plan.start() == StepKey("a", 1)
    assert plan.start() is None
    plan.release(StepKey("a", 0))
    assert plan.start() == StepKey("a", 2)


def test_a_smaller_place_passes_a_larger_one_that_does_not_fit():
    plan = scheduler({"big": [], "small": [], "now": []}, cpu=2)
    plan.submit(StepKey("now"), ONE)
    assert plan.start() == StepKey("now")
    plan.submit(StepKey("big"), Resources(cpu=2))
    plan.submit(StepKey("small"), ONE)
    assert plan.start() == StepKey("small")


def test_a_large_place_is_not_passed_for_ever():
    plan = scheduler({"big": [], "small": []}, cpu=2)
    plan.submit(StepKey("small", 0), ONE)
    plan.start()
    plan.submit(StepKey("big"), Resources(cpu=2))
    for item in range(1, 1000):
        plan.submit(StepKey("small", item), ONE)
    for _ in range(200):
        while plan.start() is not None:
            pass
        if StepKey("big") in plan.running:
            break
        plan.release(min(plan.running, key=lambda key: key.item))
    assert plan.running == {StepKey("big")}


def test_a_request_larger_than_the_machine_runs_alone_instead_of_never():
    plan = scheduler({"a": [], "b": []}, cpu=2, memory=10)
    plan.submit(StepKey("a"), Resources(cpu=64, memory=99))
    plan.submit(StepKey("b"), ONE)
    assert plan.start() == StepKey("a")
    assert plan.start() is None


def test_memory_and_gpu_are_slots_too():
    plan = scheduler({"a": [], "b": [], "c": []}, cpu=9, memory=10, gpu=1)
    plan.submit(StepKey("a"), Resources(1, 6, 1))
    plan.submit(StepKey("b"), Resources(1, 6, 0))
    plan.submit(StepKey("c"), Resources(1, None, 1))
    assert plan.start() == StepKey("a")
    assert plan.start() is None
    plan.release(StepKey("a"))
    assert [plan.start(), plan.start()] == [StepKey("b"), StepKey("c")]


def test_a_group_has_its_own_limit():
    plan = scheduler({"map": []}, cpu=8)
    for item in range(4):
        plan.submit(StepKey("map", item), ONE, group="map", limit=2)
    assert plan.start() is not None
    assert plan.start() is not None
    assert plan.start() is None


def test_the_run_has_its_own_limit():
    plan = scheduler({"a": [], "b": []}, cpu=8, most=1)
    plan.submit(StepKey("a"), ONE)
    plan.submit(StepKey("b"), ONE)
    assert plan.start() == StepKey("a")
    assert plan.start() is None


def test_withdraw_returns_what_waits_and_leaves_what_runs():
    plan = scheduler({"a": [], "b": []}, cpu=1)
    plan.submit(StepKey("a"), ONE)
    plan.submit(StepKey("b"), ONE)
    plan.start()
    assert plan.withdraw() == [StepKey("b")]
    assert plan.running == {StepKey("a")}
    assert plan.start() is None


@given(
    st.lists(st.tuples(st.floats(0.1, 8), st.integers(0, 30), st.integers(0, 2)), min_size=1, max_size=40),
    st.integers(0, 2**16),
)
def test_no_slot_is_ever_overdrawn_and_every_place_runs_once(needs, seed):
    chance = random.Random(seed)
    total = Resources(cpu=4, memory=16, gpu=2)
    plan = scheduler({"map": []}, cpu=4, memory=16, gpu=2)
    cut = Slots(total).cut
    asked = {StepKey("map", i): cut(Resources(c, m or None, g)) for i, (c, m, g) in enumerate(needs)}
    for key, need in asked.items():
        plan.submit(key, need)
    seen = []
    while len(seen) < len(asked) or plan.running:
        while (key := plan.start()) is not None:
            seen.append(key)
        held = [asked[key] for key in plan.running]
        assert sum(need.cpu for need in held) <= 4 + 1e-6
        assert sum(need.memory or 0 for need in held) <= 16
        assert sum(need.gpu for need in held) <= 2
        assert plan.running, "nothing runs although places wait"
        plan.release(chance.choice(sorted(plan.running, key=str)))
    assert sorted(seen, key=str) == sorted(asked, key=str)
