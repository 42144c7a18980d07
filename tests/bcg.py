"""Thirteen trials of the BCG vaccine against tuberculosis, a table every method is shown on.

Cases and people without, vaccinated and not, and the latitude. Colditz, Brewer, Berkey et al.
1994, "Efficacy of BCG vaccine in the prevention of tuberculosis", JAMA 271(9):698-702; latitudes as
in Berkey, Hoaglin, Mosteller and Colditz 1995, "A random-effects regression model for
meta-analysis", Statistics in Medicine 14(4):395-411. R package metadat, `dat.bcg`.
"""

from __future__ import annotations

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.evidence.studies import Counts, Studies

NAMES = (
    "Aronson 1948",
    "Ferguson & Simes 1949",
    "Rosenthal et al 1960",
    "Hart & Sutherland 1977",
    "Frimodt-Moller et al 1973",
    "Stein & Aronson 1953",
    "Vandiviere et al 1973",
    "TPT Madras 1980",
    "Coetzee & Berjak 1968",
    "Rosenthal et al 1961",
    "Comstock et al 1974",
    "Comstock & Webster 1969",
    "Comstock et al 1976",
)

CASES_AND_OTHERS: FloatArray = np.array(
    [
        (4, 119, 11, 128),
        (6, 300, 29, 274),
        (3, 228, 11, 209),
        (62, 13536, 248, 12619),
        (33, 5036, 47, 5761),
        (180, 1361, 372, 1079),
        (8, 2537, 10, 619),
        (505, 87886, 499, 87892),
        (29, 7470, 45, 7232),
        (17, 1699, 65, 1600),
        (186, 50448, 141, 27197),
        (5, 2493, 3, 2338),
        (27, 16886, 29, 17825),
    ],
    dtype=np.float64,
)
"""Vaccinated with and without tuberculosis, not vaccinated with and without, (13, 4)."""

LATITUDES = (44.0, 55.0, 42.0, 52.0, 13.0, 44.0, 19.0, 13.0, 27.0, 42.0, 18.0, 33.0, 33.0)
"""Degrees from the equator."""


def bcg() -> Studies:
    """Return the trials on the log risk ratio, with counts and the moderator `latitude`."""
    cases, others, comparison_cases, comparison_others = CASES_AND_OTHERS.T
    people = cases + others
    comparison_people = comparison_cases + comparison_others
    return Studies(
        scale="risk_ratio",
        names=NAMES,
        estimate=np.log(cases / people) - np.log(comparison_cases / comparison_people),
        variance=1 / cases - 1 / people + 1 / comparison_cases - 1 / comparison_people,
        counts=Counts(
            events=cases,
            people=people,
            comparison_events=comparison_cases,
            comparison_people=comparison_people,
        ),
        moderators={"latitude": LATITUDES},
        outcome="tuberculosis",
    )
