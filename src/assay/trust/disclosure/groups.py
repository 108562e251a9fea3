"""Which groups of people may be told of: none that is small, and none from which a small one follows by subtraction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from assay.trust.disclosure.rounding import Limits
from assay.trust.evidence.evidence import Evidence

Group = frozenset[tuple[str, str]]
"""Column and value, such as sex and F; empty: everybody."""

EVERYBODY: Group = frozenset()


def group_of(on: Mapping[str, str]) -> Group:
    """Return the group that a statement's ``on`` names."""
    return frozenset(on.items())


@dataclass(frozen=True, slots=True)
class Size:
    """Patients of a group with and without the disease."""

    positives: int
    negatives: int

    @property
    def smaller(self) -> int:
        """The rarer side."""
        return min(self.positives, self.negatives)


def sizes(evidence: Iterable[Evidence]) -> dict[Group, Size]:
    """Return the size of everybody and of every group that fairness evidence measured.

    The first evidence that cuts people by some columns decides how they are cut: what another one says of other groups by the same columns
    (ages cut one year later, say) would tell of those between.
    """
    found: dict[Group, Size] = {}
    cut: dict[frozenset[str], int] = {}
    for number, one in enumerate(evidence):
        sick = {group_of(each.on): each.estimate.n for each in one.statements if each.id in _SICK}
        well = {group_of(each.on): each.estimate.n for each in one.statements if each.id in _WELL}
        for group in sick.keys() | well.keys():
            columns = frozenset(column for column, _ in group)
            if cut.setdefault(columns, number) == number or not group:
                size = Size(sick.get(group, 0), well.get(group, 0))
                before = found.get(group, size)
                found[group] = Size(min(size.positives, before.positives), min(size.negatives, before.negatives))
    return found


_SICK = ("fairness.tpr", "discrimination.sensitivity")
_WELL = ("fairness.fpr", "discrimination.specificity")


def tellable(found: Mapping[Group, Size], limits: Limits) -> set[Group]:
    """Return the groups that may be told of.

    A group with fewer than ``limits.fewest`` patients on either side is left out. Where the groups of a line (those that differ in one
    column only) add up to one that is told, what is left out has to be at least two groups and large enough together, those of whom the
    column is not known counted with them; otherwise the next smallest is left out too, until nothing follows by subtraction. What a group
    that is left out is cut into is left out with it: it would add up to it.
    """
    kept = {group for group, size in found.items() if size.smaller >= limits.fewest}
    while True:
        more = {group for group in kept for item in group if group - {item} in found.keys() - kept}
        more |= {
            victim
            for parent, line in _lines(found)
            if (victim := _victim(found[parent] if parent in kept else None, line, found, kept, limits)) is not None
        }
        if not more:
            return kept
        kept -= more


def _lines(found: Mapping[Group, Size]) -> list[tuple[Group, list[Group]]]:
    """Return each group together with those that it is cut into by one more column."""
    lines: dict[tuple[Group, str], list[Group]] = {}
    for group in found:
        for column, value in group:
            lines.setdefault((group - {(column, value)}, column), []).append(group)
    return [(parent, line) for (parent, _), line in lines.items() if parent in found]


def _victim(
    whole: Size | None, line: list[Group], found: Mapping[Group, Size], kept: set[Group], limits: Limits
) -> Group | None:
    """Return the group of a line that has to be left out as well; ``None`` when nothing follows by subtraction."""
    told = [group for group in line if group in kept]
    if whole is None or not told:
        return None
    hidden = [found[group] for group in line if group not in kept]
    unknown = Size(
        whole.positives - sum(found[group].positives for group in line),
        whole.negatives - sum(found[group].negatives for group in line),
    )
    if unknown.positives > 0 or unknown.negatives > 0:
        hidden.append(Size(max(unknown.positives, 0), max(unknown.negatives, 0)))
    sick, well = sum(size.positives for size in hidden), sum(size.negatives for size in hidden)
    enough = len(hidden) > 1 or not any(group not in kept for group in line)
    if not hidden or (enough and min(sick, well) >= limits.fewest):
        return None
    return min(told, key=lambda group: (found[group].smaller, sorted(group)))
