import pytest

from assay.errors import NotFound
from assay.server.explore.cases import Outcome, read_cases
from assay.server.explore.choosing import Filter, choose, count

ROWS = """\
file,patient,label,score,predicted,positive,threshold,age,sex,note
0,p0,covid,0.10,other,covid,0.5,71,F,Dense tissue
1,p0,covid,0.90,covid,covid,0.5,71,F,
2,p1,covid,0.45,other,covid,0.5,60,F,clip
3,p2,other,0.80,covid,covid,0.5,65,F,
4,p3,covid,0.20,other,covid,0.5,,F,
5,p4,covid,0.30,other,covid,0.5,80,M,
6,p5,other,0.05,other,covid,0.5,59.5,F,
7,p6,covid,0.15,other,covid,0.5,30,,
"""


@pytest.fixture
def cases(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text(ROWS)
    return read_cases(path)


def rows(cases, *filters, outcomes=(), sort="", descending=False):
    return list(choose(cases, filters, outcomes, sort, descending=descending).rows)


WOMEN, OVER_60 = Filter("sex", ["F"]), Filter("age", low=60)


def test_false_negatives_of_women_over_60_and_the_group_they_come_from(cases):
    found = choose(cases, [WOMEN, OVER_60], [Outcome.FALSE_NEGATIVE], "", descending=False)
    assert list(found.rows) == [0, 2]  # an age that is not known is not over 60
    assert list(found.group) == [0, 1, 2, 3]
    assert count(cases, found.group) == {
        Outcome.TRUE_POSITIVE: (1, 1),
        Outcome.FALSE_POSITIVE: (1, 1),
        Outcome.FALSE_NEGATIVE: (2, 2),
        Outcome.TRUE_NEGATIVE: (0, 0),
    }


def test_filters_by_range_value_part_of_a_text_and_what_is_not_known(cases):
    assert rows(cases, Filter("age", low=60, high=71)) == [0, 1, 2, 3]
    assert rows(cases, Filter("score", high=0.15)) == [0, 6, 7]
    assert rows(cases, Filter("sex", [""])) == [7]
    assert rows(cases, Filter("sex", ["", "M"])) == [5, 7]
    assert rows(cases, Filter("age", [""])) == [4]
    assert rows(cases, Filter("note", contains="TISSUE")) == [0]
    assert rows(cases, Filter("sex", [])) == []
    assert rows(cases) == list(range(8))


def test_the_order_asked_for_with_what_is_not_known_last(cases):
    assert rows(cases, WOMEN, sort="age") == [6, 2, 3, 0, 1, 4]
    assert rows(cases, WOMEN, sort="age", descending=True) == [0, 1, 3, 2, 6, 4]
    assert rows(cases, sort="patient", descending=True)[0] == 7
    assert rows(cases, outcomes=[Outcome.FALSE_NEGATIVE], sort="margin", descending=True) == [0, 7, 4, 5, 2]
    assert rows(cases, sort="outcome")[:3] == [1, 3, 0]
    assert rows(cases, descending=True) == list(range(8))[::-1]


@pytest.mark.parametrize("filters", [[Filter("sexx", ["F"])], [Filter("sex", low=3)]])
def test_a_column_that_is_not_there_or_holds_no_numbers_is_named(cases, filters):
    with pytest.raises(NotFound) as told:
        rows(cases, *filters)
    assert told.value.culprit == filters[0].column
    assert told.value.hint


def test_an_order_by_a_column_that_is_not_there_is_refused(cases):
    with pytest.raises(NotFound, match="no column 'agee'"):
        rows(cases, sort="agee")
