"""Every rule: what it finds, where, in which words, and what it leaves alone."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from checking_workshop import checked, resolve, show

from assay.check import RULES, check
from assay.errors import Severity
from assay.model.codec import load

SCANS = "  scans: {use: input/ct}\n"

CASES: dict[str, list[tuple[str, str, list[str]]]] = {
    "step-twice": [
        (
            SCANS + "finally:\n  scans: {use: input/ct}\n",
            "",
            ["p.yaml:6:3: error [step-twice] step 'scans' stands under 'steps' too (rename one of them)"],
        )
    ],
    "unknown-layout": [
        (
            SCANS + "layout: {scans: [0, 0], scnas: [0, 1], z: [1, 1]}\n",
            "",
            [
                "p.yaml:5:25: warning [unknown-layout] there is no step 'scnas' to place (did you mean 'scans'?) fix scnas -> scans",
                "p.yaml:5:40: warning [unknown-layout] there is no step 'z' to place (delete this line)",
            ],
        )
    ],
    "unknown-member": [
        (
            SCANS + "groups:\n  g: [scans, scnas]\n  h: {steps: [zz]}\n",
            "",
            [
                "p.yaml:6:14: warning [unknown-member] there is no step 'scnas' to group (did you mean 'scans'?) fix scnas -> scans",
                "p.yaml:7:15: warning [unknown-member] there is no step 'zz' to group (take it out of the list)",
            ],
        )
    ],
    "member-twice": [
        (
            SCANS + "groups:\n  g: [scans, scans]\n  h: {steps: [scans]}\n",
            "",
            [
                "p.yaml:7:15: warning [member-twice] step 'scans' is in the group 'g' already (take it out of one of them)",
            ],
        )
    ],
    "unknown-pipeline-input": [
        (
            "  b: {use: transform/one, in: {file: inputs.tabel}}\n  c: {use: transform/one, in: {file: inputs.x}, if: inputs.y > 1}\n",
            "inputs: {table: Dataset}\n",
            [
                "p.yaml:5:45: error [unknown-pipeline-input] the pipeline declares no input 'tabel' (did you mean 'table'?) fix tabel -> table",
                "p.yaml:6:45: error [unknown-pipeline-input] the pipeline declares no input 'x' (add it under 'inputs:': 'x: Images')",
                "p.yaml:6:60: error [unknown-pipeline-input] the pipeline declares no input 'y' (add it under 'inputs:': 'y: Images')",
            ],
        )
    ],
    "optional-pipeline-input": [
        (
            "  b: {use: transform/one, in: {file: inputs.t}}\n  c: {use: report/all, in: {files: [inputs.t, b.file]}}\n",
            "inputs: {t: {type: Dataset, optional: true}}\n",
            [
                "p.yaml:5:38: error [optional-pipeline-input] input 'file' of step 'b' must be wired, and inputs.t is optional (take 'optional' away, or wire something else)"
            ],
        )
    ],
    "unknown-output": [
        (
            SCANS + "finally:\n  last: {use: input/ct}\n",
            "inputs: {t: File}\noutputs: {a: scans.images, b: scans.imags, c: {from: scnas.images}, d: last.table, e: inputs.t}\n",
            [
                "p.yaml:4:37: error [unknown-output] step 'scans' (input/ct) has no output 'imags' (did you mean 'images'?) fix imags -> images",
                "p.yaml:4:54: error [unknown-output] there is no step 'scnas' (did you mean 'scans'?) fix scnas -> scans",
                "p.yaml:4:72: error [unknown-output] step 'last' runs at the end of the whole run: nothing can take its outputs (move it under 'steps')",
                "p.yaml:4:87: error [unknown-output] an output comes from a step, not from an input",
            ],
        )
    ],
    "nested-setting": [
        (
            "  b: {use: ./inner.pipeline.yaml, foreach: [1], retry: 2, if: params.x, cache: false}\n",
            "params: {x: true}\n",
            [
                "p.yaml:5:35: error [nested-setting] 'foreach' has no meaning for a step that is a pipeline (map over the list inside that pipeline)",
                "p.yaml:5:49: error [nested-setting] 'retry' has no meaning for a step that is a pipeline (write it in ./inner.pipeline.yaml)",
            ],
        )
    ],
    "unused-parameter": [
        (
            "  scans: {use: input/ct, with: {patients: $params.b}, if: params.c > 1}\n  e: {use: input/ct, foreach: $params.d}\n",
            "params:\n  a: 1\n  b: 2\n  c: 3\n  d: [1]\n",
            ["p.yaml:4:3: warning [unused-parameter] no step uses parameter 'a' (write $params.a under 'with:')"],
        )
    ],
    "cycle": [
        (
            "  a: {use: transform/one, in: {file: c.file}}\n  b: {use: transform/one, in: {file: a.file}}\n  c: {use: transform/one, in: {file: b.file}}\n",
            "",
            ["p.yaml:4:3: error [cycle] the steps run in a circle: a → b → c → a (cut one of these wires)"],
        ),
        (
            "  a: {use: input/ct, after: a}\n  b: {use: input/ct, if: c.count > 1}\n  c: {use: input/ct, with: {patients: $b.count}}\n",
            "",
            [
                "p.yaml:4:3: error [cycle] the steps run in a circle: a → a (cut one of these wires)",
                "p.yaml:5:3: error [cycle] the steps run in a circle: b → c → b (cut one of these wires)",
            ],
        ),
    ],
    "unknown-step": [
        (
            SCANS
            + "  b: {use: train/model, in: {train: scnas.images}, with: {epochs: $q.count}, if: zz.count > 1, after: [scan]}\n",
            "",
            [
                "p.yaml:5:37: error [unknown-step] there is no step 'scnas' (did you mean 'scans'?) fix scnas -> scans",
                "p.yaml:5:68: error [unknown-step] there is no step 'q'",
                "p.yaml:5:82: error [unknown-step] there is no step 'zz'",
                "p.yaml:5:104: error [unknown-step] there is no step 'scan' (did you mean 'scans'?) fix scan -> scans",
            ],
        )
    ],
    "final-source": [
        (
            "  b: {use: transform/one, in: {file: last.table}}\nfinally:\n  last: {use: input/ct}\n  more: {use: report/all, in: {files: [last.table, b.file]}}\n",
            "",
            [
                (
                    "p.yaml:4:38: error [final-source] step 'last' runs at the end of the run; 'b' cannot wait for it"
                    " (move one of them between 'steps' and 'finally')"
                )
            ],
        )
    ],
    "unknown-port": [
        (
            SCANS
            + "  images: {use: train/model, in: {train: scans.image}, with: {epochs: $scans.z}}\n  n: {use: need/secret, secrets: {token: T}}\n"
            "  r: {use: report/all, in: {files: n.x}}\n",
            "",
            [
                "p.yaml:5:48: error [unknown-port] step 'scans' (input/ct) has no output 'image' (did you mean 'images'?) fix image -> images",
                "p.yaml:5:78: error [unknown-port] step 'scans' (input/ct) has no output 'z' (it has images, count, table)",
                "p.yaml:7:38: error [unknown-port] step 'n' (need/secret) has no output 'x' (it has no outputs)",
            ],
        )
    ],
    "unknown-input": [
        (
            SCANS
            + "  b: {use: train/model, in: {train: scans.images, extr: scans.images, epochs: scans.images}, with: {epochs: 1}}\n"
            "  c: {use: input/ct, in: {x: scans.images}}\n",
            "",
            [
                "p.yaml:5:51: error [unknown-input] train/model has no input 'extr' (did you mean 'extra'?) fix extr -> extra",
                "p.yaml:5:71: error [unknown-input] train/model has no input 'epochs' (it is a parameter: move it under 'with:')",
                "p.yaml:6:27: error [unknown-input] input/ct has no input 'x' (it has no inputs)",
            ],
        )
    ],
    "missing-input": [
        (
            "  b: {use: train/model, with: {epochs: 1}}\n  c: {use: report/all, in: {files: []}}\n",
            "",
            [
                "p.yaml:4:3: error [missing-input] input 'train' of step 'b' is not wired; it takes Images (add 'in: {train: step.port}')",
                "p.yaml:5:3: error [missing-input] input 'files' of step 'c' is not wired; it takes list[File] (add 'in: {files: step.port}')",
            ],
        )
    ],
    "several-sources": [
        (
            SCANS
            + "  b: {use: transform/one, in: {file: [scans.table, scans.table]}}\n  c: {use: report/all, in: {files: [scans.table, b.file]}}\n",
            "",
            ["p.yaml:5:32: error [several-sources] input 'file' takes one File, not 2"],
        )
    ],
    "type-misfit": [
        (
            SCANS + "  b: {use: train/model, in: {train: scans.table, extra: scans.images}, with: {epochs: 1}}\n"
            "  e: {use: transform/one, foreach: {files: scans.images}, in: {file: $item}}\n"
            "  f: {use: transform/one, in: {file: e.file}}\n  g: {use: report/all, in: {files: e.file}}\n"
            "  h: {use: transform/one, in: {file: scans.count}}\n",
            "",
            [
                "p.yaml:5:37: error [type-misfit] scans.table does not fit input 'train' of 'b': Dataset is not an Images",
                (
                    "p.yaml:7:38: error [type-misfit] e.file does not fit input 'file' of 'f': list[File] is a list, File takes one;"
                    " map over it with 'foreach:'"
                ),
                "p.yaml:9:38: error [type-misfit] scans.count does not fit input 'file' of 'h': a Value feeds a parameter (under 'with:'), not a port",
            ],
        )
    ],
    "unknown-parameter": [
        (
            "  b: {use: input/ct, with: {patient: 3, zzz: 1}}\n  c: {use: report/all, with: {files: 1, a: 2}, in: {files: b.table}}\n",
            "",
            [
                "p.yaml:4:29: error [unknown-parameter] input/ct has no parameter 'patient' (did you mean 'patients'?) fix patient -> patients",
                "p.yaml:4:41: error [unknown-parameter] input/ct has no parameter 'zzz' (it has patients, mode)",
                "p.yaml:5:31: error [unknown-parameter] report/all has no parameter 'files' (it is an input: move it under 'in:')",
                "p.yaml:5:41: error [unknown-parameter] report/all has no parameter 'a' (it has none)",
            ],
        )
    ],
    "missing-parameter": [
        (
            SCANS + "  b: {use: train/model, in: {train: scans.images}}\n  c: {use: need/secret}\n",
            "",
            [
                "p.yaml:5:3: error [missing-parameter] parameter 'epochs' of step 'b' is not given (add 'with: {epochs: …}')",
                "p.yaml:6:3: error [missing-parameter] parameter 'token' of step 'c' is not given (add 'secrets: {token: NAME_OF_THE_SECRET}')",
            ],
        )
    ],
    "parameter-value": [
        (
            (
                "  a: {use: input/ct, with: {patients: 0, mode: fas}}\n  b: {use: input/ct, with: {patients: many, mode: [1, $params.n]}}\n"
                "  c: {use: input/ct, with: {patients: $params.n, mode: $params.n}}\n  d: {use: input/ct, with: {mode: {a: $params.n}}}\n"
            ),
            "params: {n: 0}\n",
            [
                "p.yaml:5:39: error [parameter-value] parameter 'patients' is at least 1, not 0",
                "p.yaml:5:48: error [parameter-value] parameter 'mode' is one of fast, slow, not \"fas\" (did you mean 'fast'?) fix fas -> fast",
                "p.yaml:6:39: error [parameter-value] parameter 'patients' takes a whole number, not \"many\"",
                "p.yaml:6:51: error [parameter-value] parameter 'mode' takes str, not a list",
                "p.yaml:7:39: error [parameter-value] the default of $params.n does not suit: parameter 'patients' is at least 1, not 0",
                "p.yaml:7:56: error [parameter-value] parameter 'mode' takes str, $params.n is int",
                "p.yaml:8:35: error [parameter-value] parameter 'mode' takes str, not a map",
            ],
        )
    ],
    "unknown-pipeline-parameter": [
        (
            "  a: {use: input/ct, with: {patients: $params.patient}, if: params.zz > 1}\n  b: {use: input/ct, with: {patients: $params.patients}}\n",
            "params: {patients: 3}\n",
            [
                (
                    "p.yaml:5:47: error [unknown-pipeline-parameter] the pipeline declares no parameter 'patient' (did you mean 'patients'?)"
                    " fix patient -> patients"
                ),
                "p.yaml:5:68: error [unknown-pipeline-parameter] the pipeline declares no parameter 'zz' (add it under 'params:': 'zz: {type: …}')",
            ],
        )
    ],
    "not-a-value": [
        (
            SCANS
            + "  a: {use: input/ct, with: {patients: $scans.images}, if: scans.table > 1, foreach: $scans.images}\n",
            "",
            [
                "p.yaml:5:40: error [not-a-value] scans.images carries Images, not a Value (wire it under 'in:')",
                "p.yaml:5:59: error [not-a-value] scans.table carries Dataset, not a Value (wire it under 'in:')",
                "p.yaml:5:86: error [not-a-value] scans.images carries Images, not a Value (map over its files with 'foreach: {files: step.port}')",
            ],
        )
    ],
    "secret-in-file": [
        (
            "  a: {use: need/secret, with: {token: hunter2}}\n",
            "",
            [
                (
                    "p.yaml:4:32: error [secret-in-file] parameter 'token' is a secret and cannot stand under 'with:'"
                    " (write 'secrets: {token: NAME_OF_THE_SECRET}'; if a real value stood here, replace it where it came from)"
                )
            ],
        )
    ],
    "unknown-secret": [
        (
            "  a: {use: need/secret, secrets: {token: T, tokn: T, HF_TOKEN: T}}\n",
            "",
            [
                (
                    "p.yaml:4:45: error [unknown-secret] 'tokn' is neither a secret parameter of need/secret nor an environment variable"
                    " (did you mean 'token'?) fix tokn -> token"
                )
            ],
        )
    ],
    "item-outside-foreach": [
        (
            SCANS + "  a: {use: transform/one, in: {file: $item}, with: {name: $item.x}, if: item > 1}\n"
            "  b: {use: transform/one, foreach: {files: scans.images}, in: {file: $item}, with: {name: $item.nam}}\n"
            "  c: {use: input/ct, foreach: {files: scans.images}, with: {mode: $item}}\n"
            "  d: {use: input/ct, foreach: [{n: 1}], with: {patients: $item.n}}\n",
            "",
            [
                "p.yaml:5:39: error [item-outside-foreach] 'item' has no meaning here: step 'a' is not mapped over anything (add 'foreach:')",
                "p.yaml:5:60: error [item-outside-foreach] 'item' has no meaning here: step 'a' is not mapped over anything (add 'foreach:')",
                "p.yaml:5:73: error [item-outside-foreach] 'item' has no meaning here: step 'a' is not mapped over anything (add 'foreach:')",
                "p.yaml:6:97: error [item-outside-foreach] the element of 'files:' has no value 'nam' (did you mean 'name'?) fix nam -> name",
                (
                    "p.yaml:7:68: error [item-outside-foreach] the element of 'files:' is a file, not a value"
                    " (wire it under 'in:', or take $item.name, $item.stem or $item.suffix)"
                ),
            ],
        )
    ],
    "run-fact": [
        (
            (
                "  a: {use: input/ct, if: run.outcome == 'failed'}\nfinally:\n"
                "  b: {use: input/ct, if: run.outcom == 'failed'}\n  c: {use: input/ct, if: run.id != ''}\n"
            ),
            "",
            [
                "p.yaml:4:26: error [run-fact] 'run.outcome' is known only to steps under 'finally:'",
                "p.yaml:6:30: error [run-fact] there is no 'run.outcom' (did you mean 'outcome'?) fix outcom -> outcome",
            ],
        )
    ],
    "foreach-list": [
        (
            "  a: {use: input/ct, foreach: $params.n}\n  b: {use: input/ct, foreach: $params.l}\n",
            "params: {n: 1, l: [1]}\n",
            [
                "p.yaml:5:31: error [foreach-list] 'foreach:' takes a list, $params.n is int (declare it as 'type: list')"
            ],
        )
    ],
    "foreach-folder": [
        (
            SCANS + "  a: {use: transform/one, foreach: {files: scans.table}, in: {file: $item}}\n"
            "  b: {use: transform/one, foreach: {files: $params.n}, in: {file: $item}}\n",
            "params: {n: 1}\n",
            [
                "p.yaml:6:44: error [foreach-folder] 'files:' takes a folder, scans.table carries Dataset",
                "p.yaml:7:44: error [foreach-folder] 'files:' takes a folder, $params.n is int (declare it as 'type: path')",
            ],
        )
    ],
    "item-in-input": [
        (
            SCANS + "  a: {use: transform/one, foreach: [1], in: {file: $item}}\n"
            "  b: {use: train/model, foreach: {files: scans.images}, in: {train: $item}, with: {epochs: 1}}\n",
            "",
            [
                "p.yaml:5:53: error [item-in-input] the elements of a list are values, not files (take it under 'with:')",
                "p.yaml:6:70: error [item-in-input] '$item' is a file, input 'train' takes Images",
            ],
        )
    ],
}


@pytest.mark.parametrize(("code", "case"), [(code, case) for code, cases in CASES.items() for case in cases])
def test_the_words_of_every_rule(code: str, case: tuple[str, str, list[str]]) -> None:
    steps, head, expected = case
    found = show(checked(steps, head))
    assert found == expected
    assert all(f"[{code}]" in line for line in found)


def test_every_rule_has_a_case_and_help() -> None:
    assert set(CASES) == set(RULES)
    assert all(rule.help.endswith(".") for rule in RULES.values())


def test_a_right_pipeline_has_no_fault() -> None:
    result = checked(
        SCANS
        + "  m: {use: train/model, in: {train: scans.images}, with: {epochs: $params.n, rate: $params.n}, secrets: {token: T}}\n"
        "  e: {use: transform/one, foreach: {files: $params.folder, pattern: '*.png', parallel: 2}, in: {file: $item}, with: {name: $item.stem}}\n"
        "  f: {use: input/ct, foreach: $m.auroc, with: {patients: $item}, if: item > 3 and m.auroc > 0.5}\n"
        "finally:\n  r: {use: report/all, in: {files: e.file}}\n",
        "params:\n  n: 3\n  folder: {type: path, default: ./scans}\n",
    )
    assert show(result) == []
    assert result.ok
    assert set(result.specs) == {"scans", "m", "e", "f", "r"}


def test_components_that_cannot_be_had() -> None:
    result = checked(
        "  a: {use: input/cd}\n  b: {use: ./broken.py:f}\n  c: {use: ./broken.py:f, in: {x: a.images}}\n  d: {use: ./lacks.py:f}\n  e: {use: ./syntax.py:f}\n"
    )
    assert sorted(show(result)) == [
        "broken.py:3:7: error [no-hint] parameter 'x' has no type",
        "p.yaml:4:12: error [unknown-component] there is no component 'input/cd' (did you mean 'input/ct'?) fix input/cd -> input/ct",
        "p.yaml:5:12: error [broken-component] component './broken.py:f' has faults of its own",
        "p.yaml:6:12: error [broken-component] component './broken.py:f' has faults of its own",
        "p.yaml:7:12: error [missing-dependency] pandas is not installed (pip install assay-ml[data])",
        "p.yaml:8:12: error [broken-component] cannot read it",
    ]
    assert not result.ok


def test_what_was_already_reported_is_not_reported_again() -> None:
    result = checked(
        "  scans: 3\n  b: {use: train/model, in: {train: [scans.images, 3]}, with: {epochs: $bad}}\n  c: {use: transform/one, in: {file: nope}}\n"
        "  d: {use: need/secret, secrets: {token: bad-one}}\n"
    )
    assert [fault.code for fault in result.faults] == [
        "wrong-type",
        "wrong-type",
        "bad-reference",
        "bad-source",
        "bad-secret-name",
    ]


def test_a_file_that_broke_off_is_not_checked() -> None:
    result = checked("  a: {use: nope/nope}\n  b: {use: 'x\n")
    assert (result.pipeline, [fault.code for fault in result.faults]) == (None, ["yaml"])


def test_warnings_do_not_stop_a_run() -> None:
    result = checked(SCANS + "layout: {z: [0, 0]}\n")
    assert [fault.severity for fault in result.faults] == [Severity.WARNING]
    assert result.ok


def test_every_fix_mends_its_fault() -> None:
    for code, cases in CASES.items():
        for steps, head, _ in cases:
            result = checked(steps, head)
            for fault in result.faults:
                if fault.fix is None:
                    continue
                text = result.document.text
                mended = check(
                    load(text[: fault.fix.start] + fault.fix.text + text[fault.fix.end :], "p.yaml"), resolve, Path()
                )
                assert str(fault) not in [str(other) for other in mended.faults], code


def big(steps: int) -> str:
    body = "".join(
        f"  s{n}:\n    use: transform/one\n    in: {{file: s{n - 1}.file}}\n    with: {{name: abc}}\n"
        for n in range(1, steps)
    )
    return f"assay: 1\nname: big\nsteps:\n  s0: {{use: transform/one, in: {{file: s{steps - 1 if steps > 5000 else 0}.table}}}}\n{body}"


def test_a_chain_of_5000_steps_is_read_and_checked_in_a_moment() -> None:
    text = big(5000).replace("transform/one, in: {file: s0.table}", "input/ct").replace("s0.file", "s0.table")
    begun = time.process_time()
    result = check(load(text), resolve, Path())
    taken = time.process_time() - begun
    assert result.faults == ()
    assert taken < 2.0  # some 0.5 s; the rest is room for a loaded machine


def test_a_file_of_5000_unknown_steps_does_not_take_minutes() -> None:
    text = big(5000).replace("file: s", "file: t")
    begun = time.process_time()
    result = check(load(text), resolve, Path())
    assert time.process_time() - begun < 5.0
    assert len(result.faults) <= 501
