"""The report on paper, by pip alone."""

from __future__ import annotations

from assay.trust.report.sheet_pdf import sheet_pdf


def test_a_pdf_is_written_and_a_broken_drawing_does_not_cost_it(make):
    pdf, left_out = sheet_pdf(make(overridden=True))
    assert pdf.startswith(b"%PDF-")
    assert pdf.rstrip().endswith(b"%%EOF")
    assert left_out == ["A broken drawing"]
    assert len(pdf) > 20_000


def test_equal_content_gives_an_equal_file(make):
    sheet = make()
    assert sheet_pdf(sheet) == sheet_pdf(sheet)
