"""The three public sets, as they were published; and what is said when their package is not there."""

from importlib import metadata

import pytest

from assay.data.tables.intake import take_in
from assay.data.tables.public import INSTALL, PublicSet, published
from assay.errors import MissingDependency

# Rows and positives: UCI's description of Adult (24,720 + 12,435 of at most 50K) and German credit (300 bad), ProPublica's count.
FACTS = {
    PublicSet.ADULT: (48842, 11687, {"sex", "race", "age"}),
    PublicSet.COMPAS: (6172, 2809, {"sex", "race", "age"}),
    PublicSet.GERMAN_CREDIT: (1000, 300, {"sex", "age"}),
}


@pytest.mark.parametrize("which", PublicSet)
def test_a_public_set_has_the_rows_that_were_published(which: PublicSet) -> None:
    chosen = published(which)
    table, schema, notes = take_in(chosen.cells(), chosen.roles, chosen.about)
    rows, positives, sensitive = FACTS[which]
    assert (len(table), int((table["label"] == schema.positive).sum())) == (rows, positives)
    assert sensitive <= set(schema.sensitive)
    assert {*table["sex"]} == {"F", "M"}
    assert schema.caveats
    assert (schema.synthetic, notes) == (False, [])


def test_no_name_of_a_person_is_kept() -> None:
    chosen = published(PublicSet.COMPAS)
    assert not {"name", "first", "last", "dob"} & {*chosen.cells().columns}


def test_a_missing_package_names_the_command(monkeypatch) -> None:
    def absent(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", absent)
    with pytest.raises(MissingDependency) as raised:
        published(PublicSet.ADULT).cells()
    assert raised.value.hint == INSTALL
