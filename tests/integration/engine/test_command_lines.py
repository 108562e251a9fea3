"""A script with options runs as a step: its parameters are its command line."""

from __future__ import annotations

from assay.model.events import StepKey

SCRIPT = """
import argparse, json
p = argparse.ArgumentParser(description="Repeat a text.")
p.add_argument("input_file", help="Where the text is")
p.add_argument("--times", type=int, default=2)
p.add_argument("--end", default="!")
p.add_argument("--loud", action="store_true")
p.add_argument("--password")
p.add_argument("--output-text", default="out.txt")
a = p.parse_args()
text = open(a.input_file).read() * a.times + a.end
open(a.output_text, "w").write(text.upper() if a.loud else text)
print("password", a.password)
"""


def test_parameters_ports_and_secrets_reach_the_options_of_a_script(project, monkeypatch):
    monkeypatch.setenv("ASSAY_SECRET_DOOR", "sesame-42")
    (project.folder / "repeat.py").write_text(SCRIPT)
    ran = project.run("""
    m: {use: ./steps.py:make}
    r: {use: ./repeat.py, in: {file: m.file}, with: {times: 3, end: "--loud $(rm x) 'ä\\n", loud: false}, secrets: {password: DOOR}}
    """)
    assert ran.outcome == "succeeded", ran.state.steps[StepKey("r")].failure
    assert ran.text("r", "text") == "hellohellohello--loud $(rm x) 'ä\n"
    assert ran.log("r") == "password ***\n"


def test_what_the_parser_refuses_fails_the_step_with_its_words_in_the_log(project):
    (project.folder / "pick.py").write_text(
        "import argparse\ndef even(x):\n    if int(x) % 2: raise ValueError\n"
        "p = argparse.ArgumentParser()\np.add_argument('--n', type=even)\np.parse_args()\n"
    )
    ran = project.run("r: {use: ./pick.py, with: {n: '3'}}")
    assert ran.state.steps[StepKey("r")].failure.message == "the script ended with status 2"
    assert "argument --n: invalid even value: '3'" in ran.log("r")
