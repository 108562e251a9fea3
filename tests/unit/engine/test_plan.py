"""The plan: what runs, what is reused, and every reason, over a world made of dictionaries."""

from __future__ import annotations

import dataclasses

import pytest

from assay.engine.bind import BindError, Element
from assay.engine.decision import Cause, Remembered
from assay.engine.plan import Verb, make_plan
from assay.engine.selection import Selection
from assay.errors import NotFound
from assay.model.artifacts import Artifact, ArtifactList, ArtifactType, PortType, Value
from assay.model.component import ComponentSpec, FunctionImplementation, ParamSpec, ParamType, PortSpec
from assay.model.expression import parse_expression
from assay.model.pipeline import (
    FileItems,
    Foreach,
    ItemRef,
    ListItems,
    Literal,
    ParamRef,
    Pipeline,
    PortRef,
    Step,
)

FILE = PortType(ArtifactType.FILE)


def artifact(content="x"):
    return Artifact(content * 64, ArtifactType.FILE, False, 1)


def component(name="c", params=(), inputs=(), outputs=("out",), code="code", **more):
    return ComponentSpec(
        name=name,
        implementation=FunctionImplementation(name, "/x.py", code),
        params={p.name: p for p in params},
        inputs={i: PortSpec(i, FILE) for i in inputs} if isinstance(inputs, tuple) else inputs,
        outputs={o: PortSpec(o, FILE) for o in outputs},
        **more,
    )


class World:
    """What the plan may ask, from dictionaries; ``run`` pretends that a step was executed."""

    def __init__(self):
        self.cache, self.parts, self.asked, self.lost = {}, {}, [], set()
        self.listing = []

    def environment(self, spec, image):
        return "env"

    def source(self, path):
        return f"content-of-{path}"

    def absolute(self, path):
        return f"/base/{path}"

    def remembered(self, key):
        entry = self.cache.get(key)
        return entry and dataclasses.replace(entry, intact=key not in self.lost)

    def last_parts(self, label):
        return self.parts.get(label)

    def files(self, folder, pattern):
        return self.listing

    def members(self, folder, pattern):
        return self.listing


def plan(steps, specs, world, params=None, selection=Selection(), final=()):
    pipeline = Pipeline("p", {step.name: step for step in steps}, params={}, final={step.name: step for step in final})
    return make_plan(pipeline, specs, params or {}, selection, world)


def execute(steps, specs, world, params=None, rounds=10):
    """Remember every step that the plan would run and knows the key of, until it would run nothing."""
    from assay.engine.bind import Scope, bind

    outputs = {}
    for step in steps:
        binding = bind(step, specs[step.name], Scope(params or {}, outputs), world)
        outputs[step.name] = {port: artifact(step.name[0]) for port in specs[step.name].outputs}
        world.cache[binding.key] = Remembered(outputs[step.name], "run-1")
        world.parts[step.name] = binding.parts


def chain(value=1):
    steps = [
        Step("a", "c", params={"n": Literal(value)}),
        Step("b", "d", inputs={"x": (PortRef("a", "out"),)}),
    ]
    n = ParamSpec("n", ParamType.INT)
    return steps, {"a": component(params=[n]), "b": component("d", inputs=("x",))}


def test_a_first_run_says_so_and_what_follows_waits():
    steps, specs = chain()
    planned = plan(steps, specs, World()).steps
    assert [(p.step, p.verb, [str(r) for r in p.reasons]) for p in planned] == [
        ("a", Verb.RUN, ["first run"]),
        ("b", Verb.RUN, ["waits for a"]),
    ]


def test_nothing_changed_means_everything_is_reused():
    steps, specs = chain()
    world = World()
    execute(steps, specs, world)
    assert [p.verb for p in plan(steps, specs, world).steps] == [Verb.REUSE, Verb.REUSE]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda s, c: (chain(2)[0], c), "parameter changed n (1 → 2)"),
        (
            lambda s, c: (
                s,
                {**c, "a": dataclasses.replace(c["a"], implementation=FunctionImplementation("c", "/x.py", "new"))},
            ),
            "code changed",
        ),
        (lambda s, c: ([dataclasses.replace(s[0], env={"K": "v"}), s[1]], c), "setting changed K (nothing → v)"),
    ],
)
def test_a_change_is_named(change, reason):
    steps, specs = chain()
    world = World()
    execute(steps, specs, world)
    planned = plan(*change(steps, specs), world).steps
    assert [str(r) for r in planned[0].reasons] == [reason]


def test_an_input_of_other_content_is_named():
    steps, specs = chain()
    world = World()
    execute(steps, specs, world)
    world.parts["b"] = {**world.parts["b"], "input:x": "other"}
    key = next(key for key, kept in world.cache.items() if kept.outputs == {"out": artifact("b")})
    del world.cache[key]
    assert [str(r) for r in plan(steps, specs, world).steps[1].reasons] == ["input changed x"]


def test_a_path_counts_by_content_and_not_by_name():
    spec = component(params=[ParamSpec("p", ParamType.PATH)])
    world = World()
    world.source = lambda path: "same"
    execute([Step("a", "c", params={"p": Literal("here")})], {"a": spec}, world)
    planned = plan([Step("a", "c", params={"p": Literal("there")})], {"a": spec}, world)
    assert planned.steps[0].verb is Verb.REUSE


def test_an_output_that_was_written_to_is_made_again():
    steps, specs = chain()
    world = World()
    execute(steps, specs, world)
    world.lost = set(world.cache)
    assert [r.cause for r in plan(steps, specs, world).steps[0].reasons] == [Cause.OUTPUT_LOST]


def test_force_runs_the_step_and_what_follows_is_judged_when_its_inputs_are_known():
    steps, specs = chain()
    world = World()
    execute(steps, specs, world)
    planned = plan(steps, specs, world, selection=Selection(force=("a",))).steps
    assert [[r.cause for r in p.reasons] for p in planned] == [[Cause.FORCED], [Cause.UPSTREAM]]


def test_cache_false_always_runs():
    steps, specs = chain()
    world = World()
    execute(steps, specs, world)
    steps[0] = dataclasses.replace(steps[0], cache=False)
    assert [r.cause for r in plan(steps, specs, world).steps[0].reasons] == [Cause.NEVER_CACHED]


def test_a_false_condition_skips_the_step_and_what_needs_it():
    steps, specs = chain()
    steps[0] = dataclasses.replace(steps[0], condition=parse_expression("params.go"))
    planned = plan(steps, specs, World(), {"go": False}).steps
    assert [(p.verb, str(p.reasons[0])) for p in planned] == [
        (Verb.SKIP, "condition is false (params.go)"),
        (Verb.SKIP, "waits for a"),
    ]


def test_an_optional_input_lets_a_step_do_without_a_skipped_one():
    steps, specs = chain()
    steps[0] = dataclasses.replace(steps[0], condition=parse_expression("params.go"))
    specs["b"] = component("d", inputs={"x": PortSpec("x", FILE, optional=True)})
    assert [p.verb for p in plan(steps, specs, World(), {"go": False}).steps] == [Verb.SKIP, Verb.RUN]


def test_an_optional_input_is_not_enough_when_a_condition_reads_the_skipped_step_too():
    steps, specs = chain()
    steps[0] = dataclasses.replace(steps[0], condition=parse_expression("params.go"))
    steps[1] = dataclasses.replace(steps[1], condition=parse_expression("a.count > 2"))
    specs["b"] = component("d", inputs={"x": PortSpec("x", FILE, optional=True)})
    assert [p.verb for p in plan(steps, specs, World(), {"go": False}).steps] == [Verb.SKIP, Verb.SKIP]


def test_the_elements_of_a_known_list_are_counted():
    spec = component(params=[ParamSpec("n", ParamType.INT)])
    step = Step("m", "c", params={"n": ItemRef()}, foreach=Foreach(ListItems(ParamRef("ns"))))
    planned = plan([step], {"m": spec}, World(), {"ns": [1, 2, 3]}).steps[0]
    assert (planned.verb, planned.run_items, planned.reused_items) == (Verb.RUN, 3, 0)


def test_the_elements_of_an_unknown_list_come_later():
    make = component(outputs=("out",))
    step = Step("m", "c", inputs={"x": (ItemRef(),)}, foreach=Foreach(FileItems(PortRef("a", "out"))))
    planned = plan([Step("a", "c"), step], {"a": make, "m": component(inputs=("x",))}, World()).steps
    assert planned[1].verb is Verb.LATER


def test_files_are_remembered_by_name_so_that_a_new_file_runs_alone():
    spec = component(inputs=("x",))
    step = Step("m", "c", inputs={"x": (ItemRef(),)}, foreach=Foreach(FileItems("scans")))
    world = World()
    world.listing = [Element(0, "b.png", file=artifact("b"))]
    first = plan([step], {"m": spec}, world).steps[0]
    assert first.run_items == 1
    from assay.engine.bind import Scope, bind

    binding = bind(step, spec, Scope({}, {}, world.listing[0]), world)
    world.cache[binding.key] = Remembered({"out": artifact("o")}, "run-1")
    world.listing = [Element(0, "a.png", file=artifact("a")), Element(1, "b.png", file=artifact("b"))]
    second = plan([step], {"m": spec}, world).steps[0]
    assert (second.run_items, second.reused_items) == (1, 1)


def test_the_outputs_of_elements_are_lists_in_order():
    from assay.engine.elements import gather

    gathered = gather([{"f": artifact("a"), "v": Value(1)}, {"f": artifact("b"), "v": Value(2)}], ("f", "v"))
    assert gathered == {"f": ArtifactList((artifact("a"), artifact("b"))), "v": Value([1, 2])}


def test_selection_to_from_and_only():
    steps, specs = chain()
    steps.append(Step("z", "d", inputs={"x": (PortRef("b", "out"),)}))
    specs["z"] = specs["b"]

    def names(**more):
        return [p.step for p in plan(steps, specs, World(), selection=Selection(**more)).steps]

    assert names(to=("b",)) == ["a", "b"]
    assert names(start=("b",)) == ["a", "b", "z"]
    pipeline = Pipeline("p", {step.name: step for step in steps})
    from assay.engine.plan import step_graph

    graph = step_graph(pipeline)
    assert Selection(start=("b",)).chosen(pipeline, graph) == {"b", "z"}
    assert Selection(only=("b",)).chosen(pipeline, graph) == {"b"}


def test_an_unknown_selected_step_is_refused_with_a_proposal():
    steps, specs = chain()
    steps[0] = dataclasses.replace(steps[0], name="train")
    steps[1] = dataclasses.replace(steps[1], inputs={"x": (PortRef("train", "out"),)})
    with pytest.raises(NotFound, match=r"did you mean 'train'\?"):
        plan(steps, {"train": specs["a"], "b": specs["b"]}, World(), selection=Selection(to=("trian",)))


def test_a_value_that_does_not_fit_is_refused_naming_step_and_parameter():
    spec = component(params=[ParamSpec("n", ParamType.INT, max=3)])
    with pytest.raises(BindError, match="'n' of step 'a'"):
        plan([Step("a", "c", params={"n": ParamRef("big")})], {"a": spec}, World(), {"big": 7})


def test_a_chain_of_five_thousand_steps_is_planned():
    count = 5000
    steps = [Step("s0", "c")]
    steps += [Step(f"s{i}", "d", inputs={"x": (PortRef(f"s{i - 1}", "out"),)}) for i in range(1, count)]
    first, other = component(), component("d", inputs=("x",))
    specs = {step.name: other if i else first for i, step in enumerate(steps)}
    world = World()
    execute(steps, specs, world)
    assert plan(steps, specs, world).count(Verb.REUSE) == count
