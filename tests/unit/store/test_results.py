"""Results under names that a person can open."""

import errno
import os

from assay.model.artifacts import ArtifactType
from assay.model.events import StepKey


def shown(store, tmp_path):
    (tmp_path / "page.html").write_text("<!doctype html><title>Report</title>")
    report = store.objects.publish(tmp_path / "page.html", ArtifactType.REPORT)
    store.show_result("run", StepKey("outer/report"), "report", report)
    return report, store.result_file("run", StepKey("outer/report"), "report", ".html")


def test_a_browser_that_follows_links_still_sees_the_suffix(store, tmp_path):
    report, file = shown(store, tmp_path)
    assert file.resolve().name == "outer+report.report.html"
    assert file.samefile(store.objects.path(report))
    store.objects.verify(report)


def test_a_result_is_shown_anew_when_its_step_has_run_again(store, tmp_path):
    shown(store, tmp_path)
    (tmp_path / "second.html").write_text("<!doctype html><title>Second</title>")
    second = store.objects.publish(tmp_path / "second.html", ArtifactType.REPORT)
    store.show_result("run", StepKey("outer/report"), "report", second)
    assert "Second" in store.result_file("run", StepKey("outer/report"), "report", ".html").read_text()


def test_where_no_further_name_can_be_made_the_result_is_a_copy(store, tmp_path, monkeypatch):
    def refuse(*_arguments, **_options):
        raise OSError(errno.EMLINK, os.strerror(errno.EMLINK))

    (tmp_path / "page.html").write_text("<p>")
    report = store.objects.publish(tmp_path / "page.html", ArtifactType.REPORT)
    monkeypatch.setattr(os, "link", refuse)
    store.show_result("run", StepKey("s"), "report", report)
    file = store.result_file("run", StepKey("s"), "report", ".html")
    assert file.read_text() == "<p>"
    assert not file.samefile(store.objects.path(report))
