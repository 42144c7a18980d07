"""The cliff against three published contracts and integer arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sibsim.core.stages import Measurement
from sibsim.core.wording import MeasureWords
from sibsim.payments.cliff import Cliff
from sibsim.payments.reading import Reading
from tests.reported import all_served, report, terms

BASE = 0.2
"""Rate of every comparison: of 1,000 people 200."""

SOUTH_CAROLINA = Cliff(
    pays=[3_000_000, 7_500_000],
    inclusive=True,
    conditions=[
        {"reads": "preterm", "of": "reduction", "at_months": 12, "at_least": [0.135, 0.15]},
        {"reads": "spacing", "of": "reduction", "at_months": 24, "at_least": [0.18, 0.20]},
        {"reads": "injury", "of": "reduction", "at_months": 24, "at_least": [0.234, 0.26]},
    ],
)
"""Levels as published; the partial amount is an assumption."""

PRINCIPAL = 300_000.0
"""Principal of the school's bond; an assumption."""

SCHOOL = Cliff(
    pays=[0.75 * PRINCIPAL, 1.013 * PRINCIPAL],
    inclusive=True,
    conditions=[{"reads": "pass", "of": "rate", "at_months": 12, "at_least": [0.75, 0.82]}],
)
"""Mother Teresa school: 82 % pays the principal and 1.3 %, 75 % three quarters of it."""


def fallen(preterm: float, spacing: float, injury: float) -> dict[str, Measurement]:
    """Return reports of 1,000 people whose comparison expects 200 of each."""
    counts = {"preterm": preterm, "spacing": spacing, "injury": injury}
    return {
        name: report([[200 - fall, 200 - fall]], months=(12, 24), treated_n=1000, rate=BASE)
        for name, fall in counts.items()
    }


@pytest.mark.parametrize(
    ("falls", "expected"),
    [
        ((30, 40, 52), 7_500_000),  # 15, 20 and 26 %
        ((60, 60, 60), 7_500_000),
        ((27, 36, 46.8), 3_000_000),  # 13.5, 18 and 23.4 %: 90 % of each
        ((29, 60, 60), 3_000_000),  # one short of its full level
        ((60, 60, 46), 0),  # one short of its partial level
        ((30, 0, 0), 0),  # preterm births alone, as in the interim results
        ((0, 0, 0), 0),
    ],
)
def test_south_carolina(falls: tuple[float, float, float], expected: float) -> None:
    """Every condition has to reach its level; the worst decides."""
    due = SOUTH_CAROLINA.due(fallen(*falls), standing=all_served(1), terms=terms())
    assert due.amount.sum() == expected
    # The last result is of month 24, paid three months later.
    assert due.amount[9].sum() == expected


@pytest.mark.parametrize(
    ("passed", "expected"), [(37, 0), (38, 225_000), (40, 225_000), (41, 303_900), (50, 303_900)]
)
def test_mother_teresa_school(passed: int, expected: float) -> None:
    """Of 50 pupils 41 are 82 % and 38 are 76 %."""
    measured = {"pass": report([[passed]], months=(12,))}
    due = SCHOOL.due(measured, standing=all_served(1), terms=terms())
    assert due.amount.sum() == pytest.approx(expected, rel=1e-12)


def test_nine_tenths_of_every_indicator_or_nothing() -> None:
    """The Russian form: five targets of 80 %, each to be reached by nine tenths, 72 of 100."""
    names = [f"indicator_{i}" for i in range(5)]
    line = Cliff(
        pays=21_500_000,
        inclusive=True,
        conditions=[
            {"reads": name, "of": "rate", "at_months": 12, "at_least": 0.72} for name in names
        ],
    )
    for worst, expected in ((72, 21_500_000), (71, 0)):
        counts = dict.fromkeys(names, 90) | {names[3]: worst}
        measured = {
            name: report([[count]], months=(12,), treated_n=100) for name, count in counts.items()
        }
        assert line.due(measured, standing=all_served(1), terms=terms()).amount.sum() == expected


@pytest.mark.parametrize("inclusive", [True, False])
def test_a_tie_pays_as_said_for_every_number_of_people(*, inclusive: bool) -> None:
    """With an amount k at each level k / N, j of N pay j, or j - 1 where levels are not in."""
    for people in range(2, 501):
        counts = np.arange(people + 1.0)
        levels = [k / people for k in range(1, people + 1)]
        condition = {"reads": "pass", "of": "rate", "at_months": 12, "at_least": levels}
        line = Cliff(pays=range(1, people + 1), inclusive=inclusive, conditions=[condition])
        measured = {
            "pass": report(
                counts[np.newaxis, np.newaxis], months=(12,), treated_n=people, draws=True
            )
        }
        found = line.due(measured, standing=all_served(1), terms=terms()).amount.sum(axis=0)
        expected = counts if inclusive else np.maximum(counts - 1, 0)
        np.testing.assert_array_equal(found, expected)


def test_cohorts_are_pooled() -> None:
    """35 and 47 of 50 are 82 % together, known with the second cohort."""
    measured = {"pass": report([[35], [47]], months=(12,))}
    due = SCHOOL.due(measured, standing=all_served(2), terms=terms())
    assert due.amount[7].sum() == pytest.approx(303_900, rel=1e-12)
    assert due.amount.sum() == due.amount[7].sum()


def test_a_condition_of_which_nothing_is_measured_does_not_hold() -> None:
    """Nobody measured is no success, at a level of nothing too."""
    line = Cliff(
        pays=5,
        inclusive=True,
        conditions=[{"reads": "pass", "of": "rate", "at_months": 12, "at_least": 0.0}],
    )
    for people, expected in ((0, 0), (10, 5)):
        measured = {"pass": report([[0]], months=(12,), treated_n=people)}
        assert line.due(measured, standing=all_served(1), terms=terms()).amount.sum() == expected


def test_every_condition_is_read_and_named_by_its_field() -> None:
    """What is refused is said of the conditions; a fall is not monotone in what is counted."""
    assert SCHOOL.readings == (Reading("pass", "rate", (12,), field="conditions.reads"),)
    assert [each.measure for each in SOUTH_CAROLINA.readings] == ["preterm", "spacing", "injury"]
    assert "monotone" in SCHOOL.properties
    assert "monotone" not in SOUTH_CAROLINA.properties


def school(**fields: Any) -> Cliff:  # noqa: ANN401 - fields of a spec
    """Return the school's cliff with other fields."""
    return Cliff.model_validate(SCHOOL.model_dump() | fields)


def levels(*at_least: float) -> list[dict[str, object]]:
    """Return one condition with these levels."""
    return [{"reads": "pass", "of": "rate", "at_months": 12, "at_least": at_least}]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"conditions": []}, "got no conditions or no amount"),
        ({"pays": [5, 5]}, "got pays = [5.0, 5.0]"),
        ({"pays": 5}, "got at_least = [0.75, 0.82] for 'pass' and 1 amounts"),
        ({"conditions": levels(0.82, 0.75)}, "a larger amount never asks for less"),
        ({"pays": [-5, 5]}, "greater than or equal to 0"),
    ],
)
def test_what_does_not_fit_is_refused(fields: dict[str, object], message: str) -> None:
    """Levels and amounts belong together and rise."""
    with pytest.raises(ValidationError) as caught:
        school(**fields)
    assert message in str(caught.value)


def test_describe_says_every_condition_and_every_amount() -> None:
    """The full amount first, then the partial ones with their levels in order."""
    words = MeasureWords(
        outcome="for tidlig fødsel",
        design="lodtrækning",
        payer="Staten",
        titles={"preterm": "for tidlig fødsel", "spacing": "ny fødsel", "injury": "skade"},
    )
    assert SOUTH_CAROLINA.describe("da", words=words) == (
        "Staten betaler for alle hold under ét, når det sidste hold er målt ved lodtrækning: "
        "7.500.000 kr., hvis det målte fald i forhold til sammenligningen for »for tidlig fødsel« "
        "12 måneder efter indsatsens start er mindst 15 %, det målte fald i forhold til "
        "sammenligningen for »ny fødsel« 24 måneder efter indsatsens start er mindst 20 % og det "
        "målte fald i forhold til sammenligningen for »skade« 24 måneder efter indsatsens start er "
        "mindst 26 %; 3.000.000 kr. ved mindst 13,5 %, 18 % og 23,4 % i samme rækkefølge, ellers "
        "intet."
    )
    pupils = MeasureWords(
        outcome="exam", design="marks", payer="School", currency="EUR", titles={"pass": "exam"}
    )
    assert school(inclusive=False).describe("en", words=pupils) == (
        "School pays for all cohorts together, once the last cohort is measured by marks: EUR "
        '303,900 if the measured rate of "exam" 12 months after the start of service is more than '
        "82 %; EUR 225,000 for more than 75 %, otherwise nothing."
    )
