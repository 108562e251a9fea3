"""Policy files: what is read, and every fault at once with its place and what was meant."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from assay.errors import InvalidDocument, NotFound
from assay.trust.evidence.kinds import KINDS
from assay.trust.gate import Level, Signer, decide, find_policy, read_policy, shipped_names
from assay.trust.gate.policy import Bound, End, Scope

ROOT = Path(__file__).parents[4]


def faults(text):
    with pytest.raises(InvalidDocument) as caught:
        read_policy(text, "p.yaml")
    return str(caught.value).splitlines()


def test_a_policy_is_read(toy):
    policy = toy.policy
    assert (policy.name, policy.description, policy.expires) == ("toy", "For tests.", 30 * 86400)
    assert [rule.id for rule in policy.rules] == ["tells-apart", "fair", "told"]
    first, second, third = policy.rules
    assert first.bound == Bound(End.LOW, least=0.8)
    assert first.fewest == 20
    assert second.scope == Scope(everybody=False, columns={"sex": "*"})
    assert third.level is Level.ADVISORY
    assert policy.digest != read_policy(toy.text + "\n", "toy.yaml").digest


@pytest.mark.parametrize("name", shipped_names())
def test_a_shipped_policy_has_no_fault_and_says_what_it_asks(name):
    policy = find_policy(name)
    assert policy.name == name
    assert policy.description
    assert all(rule.title.endswith(".") for rule in policy.rules)
    assert [rule.id for rule in policy.rules if not rule.why.endswith(".") or len(rule.why.split()) < 5] == []
    assert any(rule.level is Level.REQUIRED for rule in policy.rules)


def test_the_page_of_the_shipped_policies_is_up_to_date():
    made = subprocess.run(
        [sys.executable, ROOT / "scripts" / "policies.py"], capture_output=True, text=True, check=True
    )
    there = (ROOT / "docs" / "trust" / "policies.md").read_text(encoding="utf-8")
    assert there == made.stdout, "write it anew: python scripts/policies.py > docs/trust/policies.md"


@pytest.mark.parametrize(("column", "group"), [("sex", "F"), ("age_group", "60+")])
def test_a_gap_in_false_alarms_fails_the_strict_policy_by_sex_and_by_age(toy, column, group):
    """The model that takes age for disease: nobody is missed, and the old are alarmed."""
    gap = toy.said("fairness.fpr_difference", 0.47, 0.3, 0.6, on={column: group}, against={column: "all others"})
    decision = decide(find_policy("clinical-strict"), [toy.exhibit(*toy.good, gap)], development=False)
    failed = [one.rule.id for one in decision.outcomes if str(one.state) == "fail"]
    assert failed == [f"fair-false-alarms-by-{column.removesuffix('_group')}"]


@pytest.mark.parametrize(
    ("rule", "statement", "on"),
    [
        ("withstands-shift", "robustness.shift_auroc_drop", {"shift": "lower dose", "severity": "1"}),
        ("no-shortcut", "shortcut.cue_auroc", {"target": "label covid", "cue": "borders"}),
    ],
)
def test_the_strict_policy_believes_no_figure_of_a_handful(toy, rule, statement, on):
    """A cue that is the same in every image has an interval without width, however few the patients are."""
    for n, state in ((12, "insufficient"), (40, "pass")):
        said = toy.said(statement, 0.05, 0.04, 0.06, on=on, n=n)
        decision = decide(find_policy("clinical-strict"), [toy.exhibit(said)], development=False)
        (found,) = [one for one in decision.outcomes if one.rule.id == rule]
        assert str(found.state) == state
        if n == 12:
            assert "12 patients of the rarer class: fewer than the 40 " in found.reason


def test_the_strict_policy_wants_a_name_under_it_and_the_other_does_not():
    assert shipped_names() == ["clinical-strict", "research", "site", "tabular"]
    assert find_policy("clinical-strict").signer is Signer.NAMED
    assert find_policy("research").signer is Signer.ANY
    assert find_policy("clinical-strict").expires < find_policy("research").expires


def test_every_fault_of_a_file_is_told_at_once():
    text = """assay-policy: 1
nme: x
expires: soon
rules:
  - id: a
    statement: discrimination.aucroc
    bound: lo >= 0.8
    levle: advisory
    on: wommen
  - {id: a, title: x, statement: "fairness.*", bound: "low > 3", fewest: -2, level: optional}
"""
    assert sorted(faults(text)) == sorted(
        [
            "p.yaml:2:1: error [unknown-key] a policy has no key 'nme' (did you mean 'name'?)",
            "p.yaml:1:1: error [missing-key] a policy needs 'name'",
            "p.yaml:3:10: error [bad-duration] 'soon' is no time (such as 180d, 12w or 1y)",
            "p.yaml:8:5: error [unknown-key] a rule has no key 'levle' (did you mean 'level'?)",
            "p.yaml:5:5: error [missing-key] a rule needs 'title'",
            (
                "p.yaml:6:16: error [unknown-statement] no evidence states 'discrimination.aucroc'"
                " (did you mean 'discrimination.auroc'?)"
            ),
            "p.yaml:7:12: error [bad-bound] an interval has no 'lo' (did you mean 'low'?)",
            (
                "p.yaml:9:9: error [unknown-value] 'wommen' is not known here (one of everybody, groups, all, or a map of"
                ' columns to values, such as {sex: "*"})'
            ),
            (
                "p.yaml:10:55: error [bad-bound] 'low > 3' is no bound (such as 'low >= 0.8', 'high <= 0.1',"
                " 'whole within [-0.1, 0.1]' or 'point >= 0.9')"
            ),
            "p.yaml:10:85: error [unknown-value] 'optional' is not known here (one of required, advisory)",
            "p.yaml:10:74: error [wrong-type] expected a whole number from 0, not '-2'",
            "p.yaml:10:5: error [duplicate-rule] two rules are called 'a'",
        ]
    )


@pytest.mark.parametrize("name", ["fairness.tpr_diference", "calibration.ecee", "leakage.patient"])
def test_an_unknown_statement_is_told_with_the_one_that_was_meant(toy, name):
    (fault,) = faults(toy.text.replace("calibration.ece,", f"{name},"))
    meant = fault.split("did you mean '")[1].split("'")[0]
    assert meant in KINDS
    assert name.partition(".")[0] == meant.partition(".")[0]


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("", "p.yaml:1:1: error [yaml] the file is empty"),
        ("a: [", "p.yaml:1:5: error [yaml] this is no YAML"),
        ("[" * 5000, "p.yaml:1:1: error [yaml]"),
        ("- a", "p.yaml:1:1: error [wrong-type] expected a policy, a map"),
        ("name: !!python/object:os.system x", "p.yaml:"),
    ],
)
def test_what_is_no_policy_is_no_traceback(text, start):
    assert faults(text)[0].startswith(start)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("assay-policy: 1", "assay-policy: 9"), "unknown-format"),
        (("rules:", "rules: []\nother:"), "wrong-type"),
        (("name: toy", "name: toy\nname: two"), "duplicate-key"),
        (("whole within [-0.1, 0.1]", "whole within [0.1, -0.1]"), "bad-bound"),
        (("expires: 30d", "expires: 0d"), "bad-duration"),
        (("signer: any", "signer: nobody"), "unknown-value"),
        (('{sex: "*"}', "{}"), "wrong-type"),
        (("title: Only told.", "title: [x]"), "wrong-type"),
    ],
)
def test_each_kind_of_fault_has_its_code(toy, change, code):
    assert any(f"[{code}]" in fault for fault in faults(toy.text.replace(*change)))


def test_a_policy_is_found_by_name_or_file(tmp_path, toy):
    file = tmp_path / "own.yaml"
    file.write_text(toy.text)
    assert find_policy(file).name == "toy"
    with pytest.raises(NotFound, match="did you mean 'research'"):
        find_policy("reserch")
