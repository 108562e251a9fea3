"""R scripts run as steps when R is installed, and say so when it is not."""

from __future__ import annotations

import pytest

from assay.model.events import StepKey

REPEAT = r"""
# Repeat a text
times <- as.integer(Sys.getenv("times", "2"))
scale <- as.numeric(Sys.getenv("scale", "0.5"))
loud <- as.logical(Sys.getenv("loud", "TRUE"))
end <- Sys.getenv("end", "it's \"a\" $HOME\n\u00e4")
input_file <- Sys.getenv("input_file")
output_text <- Sys.getenv("output_text", "out.txt")
stopifnot(is.integer(times), is.double(scale), isFALSE(loud))
text <- strrep(readChar(input_file, file.info(input_file)$size), times)
cat(text, times * scale, end, file = output_text, sep = "|")
cat("done\n")
"""


@pytest.mark.needs_r
def test_an_r_script_takes_parameters_and_writes_outputs(project):
    (project.folder / "repeat.R").write_text(REPEAT)
    steps = "m: {use: ./steps.py:make}\nr: {use: ./repeat.R, in: {file: m.file}, with: {times: 3, loud: false}}"
    ran = project.run(steps)
    assert ran.outcome == "succeeded", ran.state.steps[StepKey("r")].failure
    assert ran.text("r", "text") == 'hellohellohello|1.5|it\'s "a" $HOME\nä'
    assert ran.log("r") == "done\n"
    (project.folder / "repeat.R").write_text(f"# Other words\n{REPEAT}")
    assert project.run(steps).statuses()["r"] == "reused"


@pytest.mark.needs_r
def test_an_error_of_r_fails_the_step_with_its_words_in_the_log(project):
    (project.folder / "stop.R").write_text("# Stop\nstop('no such luck')\n")
    ran = project.run("r: {use: ./stop.R}")
    assert ran.state.steps[StepKey("r")].failure.message == "the script ended with status 1"
    assert "no such luck" in ran.log("r")


def test_an_r_file_without_r_says_what_to_install(project, monkeypatch):
    monkeypatch.setenv("PATH", str(project.folder))
    (project.folder / "any.R").write_text("# Any\ncat('x')\n")
    failure = project.run("r: {use: ./any.R}").state.steps[StepKey("r")].failure
    assert (failure.code, failure.message) == ("import", "there is no R on this machine")
    assert "apt-get install r-base-core" in failure.hint
