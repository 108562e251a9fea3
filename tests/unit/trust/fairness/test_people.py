"""Groups of age: what writes their names, and what reads them."""

from __future__ import annotations

import pytest

from assay.trust.fairness.people import by_age, years_of


@pytest.mark.parametrize("cuts", [[], [40], [40, 60], [18, 40, 60, 75], [0.5, 2, 12.5]])
def test_an_age_lies_in_the_years_of_its_group_and_of_no_other(cuts):
    ages = [0, 0.4, 0.5, 1.9, 2, 12.4, 12.5, 17, 18, 39.9, 40, 59.9, 60, 74, 75, 90]
    found = by_age([str(age) for age in ages], cuts)
    for age, code in zip(ages, found.code, strict=True):
        reach = {name: years_of(name) for name in found.names}
        assert [name for name, (low, high) in reach.items() if low <= age < high] == [found.names[code]]


@pytest.mark.parametrize("name", ["", "young", "under", "40", "unknown"])
def test_any_other_name_has_no_years(name):
    assert years_of(name) is None
