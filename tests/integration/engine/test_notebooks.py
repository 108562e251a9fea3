"""Notebooks and scripts run as steps, through the whole engine."""

from __future__ import annotations

import json

import nbformat
import pytest

from assay.model.artifacts import Value
from assay.model.events import StepKey

EXPLORE = """
import os
from assay import step
# How many
n = int(os.environ.get("n", "3"))
loud = bool(os.environ.get("loud", "False"))
output_text = os.environ.get("output_text", "text.txt")
"""

PARAMETERS = """
name = 'it\\'s'  # Who
sizes = [1, 2]
# input_file: File
input_file = "x.txt"
output_copy = "copy.txt"
# output_count: int
output_count = ""
"""


def notebook(folder, name, *cells, tags=None):
    made = [nbformat.v4.new_markdown_cell("# A notebook")]
    made += [
        nbformat.v4.new_code_cell(source, metadata={"tags": (tags or {}).get(n, [])}) for n, source in enumerate(cells)
    ]
    made[-1]["outputs"] = [nbformat.v4.new_output("stream", text="stale")]
    nbformat.write(nbformat.v4.new_notebook(cells=made), folder / name)
    return folder / name


def executed(ran, step):
    path = ran.workspace.store.objects.path(ran.state.steps[StepKey(step)].outputs["notebook"])
    found = nbformat.read(path, 4)
    nbformat.validate(found)
    return found


def test_a_notebook_takes_parameters_writes_outputs_and_is_kept_as_it_ran(project):
    source = notebook(
        project.folder,
        "explore.ipynb",
        EXPLORE,
        "step.log_metric('n', n)\nprint('loud' if loud else 'quiet', n)\nopen(output_text, 'w').write('x' * n)",
        "from IPython.display import SVG, display\ndisplay(SVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>'))\nn + 1",
    )
    before = source.read_bytes()
    ran = project.run(
        "e: {use: ./explore.ipynb, with: {n: 5, loud: false}}\nu: {use: ./steps.py:upper, in: {file: e.text}}"
    )
    assert ran.outcome == "succeeded", ran.state.steps[StepKey("e")].failure
    assert ran.text("u") == "XXXXX"
    assert ran.log("e") == "quiet 5\n"
    assert ran.state.steps[StepKey("e")].metrics["n"]
    assert source.read_bytes() == before
    cells = executed(ran, "e").cells
    assert [cell.get("execution_count") for cell in cells] == [None, 1, 2, 3]
    assert cells[2].outputs[0].text == "quiet 5\n"
    assert cells[2].outputs[1].data["text/plain"] == "5"
    assert "image/svg+xml" in cells[3].outputs[0].data
    assert cells[3].outputs[1].data["text/plain"] == "6"


def test_a_parameters_cell_is_followed_by_the_values_of_the_run(project):
    notebook(
        project.folder,
        "tagged.ipynb",
        PARAMETERS,
        "import json\nopen(output_copy, 'w').write(open(input_file).read() + name + str(sizes))\n"
        "json.dump(len(sizes), open(output_count, 'w'))",
        tags={0: ["parameters"]},
    )
    ran = project.run("""
    m: {use: ./steps.py:make}
    t: {use: ./tagged.ipynb, in: {file: m.file}, with: {name: "$$HOME \\"ä\\"\\n", sizes: [3, 4, 5]}}
    """)
    assert ran.outcome == "succeeded", ran.state.steps[StepKey("t")].failure
    assert ran.text("t", "copy") == 'hello$HOME "ä"\n[3, 4, 5]'
    assert ran.state.steps[StepKey("t")].outputs["count"] == Value(3)
    cells = executed(ran, "t").cells
    assert cells[2].metadata.tags == ["injected-parameters"]
    assert "sizes = [3, 4, 5]" in cells[2].source


def test_what_is_unchanged_is_reused_and_outputs_of_the_source_do_not_count(project):
    notebook(project.folder, "n.ipynb", EXPLORE, "open(output_text, 'w').write('x')")
    steps = "e: {use: ./n.ipynb}"
    project.run(steps)
    data = json.loads((project.folder / "n.ipynb").read_text())
    data["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "ran in Jupyter"}]
    data["cells"][1]["source"] += "\n# a comment"
    (project.folder / "n.ipynb").write_text(json.dumps(data))
    assert project.run(steps).statuses() == {"e": "reused"}
    data["cells"][2]["source"] = "open(output_text, 'w').write('y')"
    (project.folder / "n.ipynb").write_text(json.dumps(data))
    assert project.run(steps).text("e", "text") == "y"


def test_a_failing_cell_says_which_and_where_and_leaves_the_notebook(project):
    notebook(
        project.folder,
        "bad.ipynb",
        "x = 1\ndef f():\n    raise ValueError('no')",
        "print('before')\n\nf()",
        "print('after')",
    )
    ran = project.run("b: {use: ./bad.ipynb}")
    failure = ran.state.steps[StepKey("b")].failure
    assert failure.code == "raised"
    assert failure.message == "ValueError: no (cell 3, line 3: f())"
    assert 'bad.ipynb:cell 2", line 3, in f' in failure.traceback
    assert "IPython" not in failure.traceback
    assert "assay" not in failure.traceback.replace(str(project.folder), "")
    assert ran.log("b") == "before\n"
    (kept,) = (project.workspace.store.root / "work" / ran.id).glob("b.1/outputs/notebook.ipynb")
    cells = nbformat.read(kept, 4).cells
    assert cells[2].outputs[-1].ename == "ValueError"
    assert cells[3].execution_count is None


@pytest.mark.parametrize(
    ("cell", "outcome", "told"),
    [
        ("import sys\nsys.exit(3)", "failed", "cell 2 ended the notebook with status 3"),
        ("exit()", "succeeded", ""),
        ("import sys\nsys.exit(0)", "succeeded", ""),
        ("import no_such_module", "failed", "No module named 'no_such_module'"),
        ("raise KeyboardInterrupt", "failed", "interrupted"),
        ("await_ = 1\nimport asyncio\nawait asyncio.sleep(0)", "succeeded", ""),
        ("%%time\nx = 1", "succeeded", ""),
        ("!pip install --no-such-option pytest", "succeeded", ""),
        ("import pickle\nclass A: pass\npickle.loads(pickle.dumps(A()))", "succeeded", ""),
        ("get_ipython().run_line_magic('who', '')", "succeeded", ""),
    ],
)
def test_how_a_cell_may_end(project, cell, outcome, told):
    notebook(project.folder, "n.ipynb", cell)
    ran = project.run("n: {use: ./n.ipynb}")
    failure = ran.state.steps[StepKey("n")].failure
    assert (ran.outcome, told in (failure.message if failure else "")) == (outcome, True), failure


def test_a_cell_tagged_raises_exception_may_fail(project):
    notebook(project.folder, "n.ipynb", "1/0", "print('on')", tags={0: ["raises-exception"]})
    ran = project.run("n: {use: ./n.ipynb}")
    assert ran.outcome == "succeeded"
    assert executed(ran, "n").cells[1].outputs[0].ename == "ZeroDivisionError"


def test_a_missing_output_is_a_failure(project):
    notebook(
        project.folder,
        "n.ipynb",
        "import os\noutput_folder = os.environ['output_folder']\nassert os.path.isdir(output_folder)",
    )
    ran = project.run("n: {use: ./n.ipynb}")
    assert ran.state.steps[StepKey("n")].failure.code == "missing-output"


def test_a_secret_is_in_no_notebook_and_no_log(project, monkeypatch):
    monkeypatch.setenv("ASSAY_SECRET_KEY", "hush-hush-1234")
    notebook(
        project.folder, "n.ipynb", "api_token = None", "print('token', api_token)\napi_token", tags={0: ["parameters"]}
    )
    ran = project.run("n: {use: ./n.ipynb, secrets: {api_token: KEY}}")
    assert ran.outcome == "succeeded", ran.state.steps[StepKey("n")].failure
    assert "hush" not in nbformat.writes(executed(ran, "n"))
    assert "hush" not in ran.log("n")
    assert "token " in ran.log("n")


PREPARE = '''"""Prepare it."""
import os
import sys
from assay import step
import beside

# Passed on
input_file = os.environ["input_file"]
output_folder = os.environ["output_folder"]
upper = os.environ.get("upper", "False") == "True"
assert __name__ == "__main__" and len(sys.argv) == 1
text = open(input_file).read() + beside.END
open(os.path.join(output_folder, "a.txt"), "w").write(text.upper() if upper else text)
step.progress(1, 1)
print("prepared")
if os.getenv("fail"):
    raise RuntimeError("asked to fail")
'''


def test_a_python_script(project):
    (project.folder / "prepare.py").write_text(PREPARE)
    (project.folder / "beside.py").write_text("END = '!'\n")
    steps = "m: {use: ./steps.py:make}\np: {use: ./prepare.py, in: {file: m.file}, with: {upper: true}}"
    ran = project.run(steps)
    assert ran.outcome == "succeeded", ran.state.steps[StepKey("p")].failure
    folder = ran.workspace.store.objects.path(ran.state.steps[StepKey("p")].outputs["folder"])
    assert (folder / "a.txt").read_text() == "HELLO!"
    assert ran.log("p") == "prepared\n"
    assert project.run(steps).status("p") == "reused"
    (project.folder / "beside.py").write_text("END = '?'\n")
    assert project.run(steps).status("p") == "succeeded"
    failed = project.run(steps.replace("upper: true", "upper: true, fail: x"))
    failure = failed.state.steps[StepKey("p")].failure
    assert (failure.code, failure.message) == ("raised", "RuntimeError: asked to fail")
    assert "runpy" not in failure.traceback


def test_a_shell_script_and_its_exit_status(project):
    (project.folder / "count.sh").write_text(
        '# Count.\n# @returns lines int How many\nset -eu\nwc -l < "$input_file" > "$lines"\n'
        'printf "%s" "${word:-none}"\nexit "${status:-0}"\n'
    )
    steps = 'm: {use: ./steps.py:make, with: {text: "a\\nb\\n"}}\nc: {use: ./count.sh, in: {file: m.file}, with: {word: "it\'s $HOME"}}'
    ran = project.run(steps)
    assert ran.outcome == "succeeded", ran.state.steps[StepKey("c")].failure
    assert ran.state.steps[StepKey("c")].outputs["lines"] == Value(2)
    assert ran.log("c") == "it's $HOME"
    failure = project.run(steps.replace("word:", "status: 7, word:")).state.steps[StepKey("c")].failure
    assert (failure.code, failure.message) == ("exit-status", "the script ended with status 7")


def test_a_notebook_that_does_nothing_costs_at_most_half_a_second(project):
    notebook(project.folder, "n.ipynb", "x = 1")
    project.run("n: {use: ./n.ipynb, cache: false}")
    ran = project.run("warm: {use: ./n.ipynb}\nn: {use: ./n.ipynb, cache: false, after: [warm]}")
    costs = [event.event.cpu_seconds for event in ran.events if getattr(event.event, "cpu_seconds", 0.0) > 0.0]
    assert len(costs) == 2
    assert max(costs) < 0.5


def test_a_parameter_that_is_assigned_and_read_reaches_both(project):
    notebook(
        project.folder,
        "n.ipynb",
        "epochs = 3",
        "import os\nprint(epochs, int(os.environ.get('epochs', 3)))",
        tags={0: ["parameters"]},
    )
    assert project.run("n: {use: ./n.ipynb, with: {epochs: 9}}").log("n") == "9 9\n"


def test_a_notebook_maps_over_elements_and_feeds_conditions(project):
    notebook(project.folder, "n.ipynb", EXPLORE, "open(output_text, 'w').write('x' * n)")
    ran = project.run(
        "e: {use: ./n.ipynb, foreach: [1, 2, 3], with: {n: $item}}\nj: {use: ./steps.py:join, in: {files: e.text}}"
    )
    assert ran.outcome == "succeeded"
    assert ran.text("j") == "x+xx+xxx"


def test_a_fresh_interpreter_runs_notebooks_too(project):
    notebook(
        project.folder,
        "n.ipynb",
        EXPLORE,
        "from assay import step\nstep.log_metric('a', 1)\nopen(output_text, 'w').write('x')",
    )
    ran = project.run("e: {use: ./n.ipynb, isolation: spawn}")
    assert ran.outcome == "succeeded", ran.state.steps[StepKey("e")].failure
    assert ran.text("e", "text") == "x"


def test_a_notebook_that_takes_too_long_is_ended(project):
    notebook(project.folder, "n.ipynb", "import time\ntime.sleep(600)")
    ran = project.run("e: {use: ./n.ipynb, timeout: 2s}")
    assert ran.state.steps[StepKey("e")].failure.code == "timeout"


def test_list_ports_and_optional_ports(project):
    notebook(
        project.folder,
        "n.ipynb",
        "import json, os\n# type: list[File]\ninput_files = json.loads(os.environ['input_files'])\n"
        "input_more = os.getenv('input_more')\n# type: list[File]\noutput_parts = os.environ['output_parts']",
        "for n, file in enumerate(input_files):\n    open(f'{output_parts}/{n}.txt', 'w').write(open(file).read() + str(input_more))",
    )
    ran = project.run("""
    a: {use: ./steps.py:make, with: {text: a}}
    b: {use: ./steps.py:make, with: {text: b}}
    n: {use: ./n.ipynb, in: {files: [a.file, b.file]}}
    j: {use: ./steps.py:join, in: {files: n.parts}}
    """)
    assert ran.outcome == "succeeded", ran.state.steps[StepKey("n")].failure
    assert ran.text("j") == "aNone+bNone"
