"""R scripts run as steps when R is installed, and say so when it is not."""

from __future__ import annotations

import pytest

from assay.engine import r
from assay.errors import MissingDependency
from assay.model.events import StepKey
from assay.workspace import Workspace

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


@pytest.mark.needs_r
def test_a_package_that_r_does_not_find_is_told_before_anything_runs(project):
    (project.folder / "a.R").write_text("# A\nlibrary(no.such.package)\nlibrary(stats)\ncat('x')\n")
    with pytest.raises(MissingDependency, match=r"R does not find no\.such\.package \(for \./a\.R\)") as caught:
        project.run("r: {use: ./a.R}")
    assert caught.value.hint == "type: Rscript -e 'install.packages(c(\"no.such.package\"))'"
    assert Workspace.open(project.folder).store.runs.runs() == []


@pytest.mark.needs_r
def test_another_r_and_another_version_of_a_package_are_a_reason_to_run_again(project, monkeypatch):
    library = project.folder / "library"
    (library / "mine").mkdir(parents=True)
    (library / "mine" / "DESCRIPTION").write_text("Package: mine\nVersion: 1.0\n")
    (project.folder / "a.R").write_text("# A\nif (FALSE) library(mine)\ncat('x')\n")
    monkeypatch.setattr(r, "installed", lambda: r.Installation("R 4.2", [str(library)]))
    assert project.run("r: {use: ./a.R}").statuses()["r"] == "succeeded"
    assert project.run("r: {use: ./a.R}").statuses()["r"] == "reused"
    (library / "mine" / "DESCRIPTION").write_text("Package: mine\nVersion: 1.1\n")
    again = project.run("r: {use: ./a.R}")
    assert again.state.steps[StepKey("r")].reasons == ("environment changed",)
    monkeypatch.setattr(r, "installed", lambda: r.Installation("R 4.3", [str(library)]))
    assert project.run("r: {use: ./a.R}").statuses()["r"] == "succeeded"


def test_of_what_a_dependency_says_only_the_name_of_a_package_is_looked_for(project, monkeypatch):
    library = project.folder / "library"
    (library / "mine").mkdir(parents=True)
    (library / "mine" / "DESCRIPTION").write_text("Package: mine\nVersion: 1.0\n")
    monkeypatch.setattr(r, "installed", lambda: r.Installation("R 4.2", [str(library / "mine")]))
    assert r.lacking(["mine>=1.0", "../mine", "stats (>= 4)"]) == ["mine"]
    monkeypatch.setattr(r, "installed", lambda: r.Installation("R 4.2", [str(library)]))
    assert r.lacking(["mine>=1.0", "../mine", "stats (>= 4)"]) == []
    assert r.digest_lines(["mine>=1.0"]) == ["R 4.2", "mine==1.0"]


def test_a_profile_that_prints_is_not_taken_for_an_answer(project, monkeypatch):
    fake = project.folder / "Rscript"
    fake.write_text("#!/bin/sh\nprintf 'Welcome\\n\\nassay-asks:R 4.2 \\nassay-asks:x86 \\nassay-asks:/lib'\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(project.folder))
    assert r.installed.__wrapped__() == r.Installation("R 4.2 x86", ("/lib",))


@pytest.mark.needs_r
def test_what_r_says_of_itself_is_read():
    found = r.installed()
    assert found is not None
    assert found.version.startswith("R version ")
    assert r.version_of("stats") is not None
    assert r.lacking(["stats", "no.such.package"]) == ["no.such.package"]


def test_an_r_file_without_r_says_what_to_install(project, monkeypatch):
    monkeypatch.setenv("PATH", str(project.folder))
    r.installed.cache_clear()
    monkeypatch.setattr(r, "installed", r.installed.__wrapped__)
    (project.folder / "any.R").write_text("# Any\ncat('x')\n")
    failure = project.run("r: {use: ./any.R}").state.steps[StepKey("r")].failure
    assert (failure.code, failure.message) == ("import", "there is no R on this machine")
    assert "apt-get install r-base-core" in failure.hint
