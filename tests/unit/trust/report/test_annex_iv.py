"""The Annex IV skeleton: every point, filled where measured, said to be empty where not."""

from __future__ import annotations

from assay.trust.report.annex_iv import annex_iv
from assay.trust.report.sheet import TITLES


def test_every_point_of_the_annex_is_there(make):
    headings = [line for line in annex_iv(make()).splitlines() if line.startswith("## ")]
    assert [heading.split()[1] for heading in headings] == list("1222222") + list("3456789")


def test_empty_points_say_what_is_to_be_declared(make):
    text = annex_iv(make())
    assert "*This section is empty: nothing was declared or measured for it. To be declared: human oversight.*" in text
    assert "Robustness: this part is empty." in text
    filled = annex_iv(make(oversight="A radiologist decides."))
    assert "| Human oversight | A radiologist decides. |" in filled


def test_measured_points_carry_their_figures(make):
    text = annex_iv(make())
    assert (
        "| AUROC | everybody | 0.93 | 0.88 to 0.97 | 120 | low &gt;= 0.6 (better-than-chance, required) | pass |"
        in text
    )
    assert "<img" not in text


def test_nothing_is_said_of_images_alone_where_rows_of_a_table_may_have_been_measured(make):
    sheet = make()
    assert "slices or rows of one patient" in annex_iv(sheet)
    assert sheet.banners[0].startswith("Synthetic data: no patient stands behind them.")
    assert not [told for _, told in TITLES.values() if "image" in told]
