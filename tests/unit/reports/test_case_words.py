"""Units and metrics in Danish: every unit of a shipped case, and titles instead of names."""

from __future__ import annotations

import pytest

import sibsim as sib
from sibsim.casefile import shipped_cases
from sibsim.core.parameters import Quantity
from sibsim.core.spec import walk
from sibsim.core.words import Words
from sibsim.reports.metric_titles import metric_title
from sibsim.reports.parameter_words import parameter_words
from sibsim.reports.unit_words import unit_words

CASES = shipped_cases()


@pytest.mark.parametrize(
    ("unit", "danish"),
    [
        ("DKK per person-month, 2024 level", "kr. pr. person pr. måned, 2024-niveau"),
        ("share of those who start", "andel af dem, der starter"),
        ("DKK a year, 2024 prices", "kr. pr. år, 2024-priser"),
        ("reached / planned participants", "nåede / planlagte deltagere"),
        # A phrase in a longer word is no phrase.
        ("sharecroppers", "sharecroppers"),
        ("points of grace", "points of grace"),
        ("andel", "andel"),
        ("", ""),
    ],
)
def test_units_are_said_in_danish(unit: str, danish: str) -> None:
    """Phrase by phrase; a unit with a word that is not known stands as it is."""
    assert unit_words(unit) == Words(da=danish, en=unit)


def test_a_unit_in_both_languages_stands() -> None:
    """What a case says in two languages needs no other words."""
    unit = Words(da="forløb", en="placements")
    assert unit_words(unit) is unit


@pytest.mark.parametrize("name", CASES)
def test_every_unit_of_a_shipped_case_has_danish_words(name: str) -> None:
    """No unit of a shipped case stands in English in a Danish memo."""
    case = sib.load_case(name)
    units = {
        part.unit
        for section, parts in case.sections.items()
        for _, part in walk(parts, Quantity, path=section)
        if isinstance(part.unit, str)
    }
    same = {"", "point", "trin"}
    assert not [each for each in units - same if unit_words(each).da == each]


@pytest.mark.parametrize(
    ("metric", "danish"),
    [
        ("achieved.job.12", "opnået: Job, uddannelse eller selvforsørgelse, efter 12 måneder"),
        ("measured.fit_for_work", "målt: Raskmeldt"),
        ("payments.wellbeing", "betalt for: Øget trivsel"),
        ("tranche.dsi.irr", "investorens interne rente, dsi"),
        (
            "limit_bound.line.job",
            "sandsynligheden for at loftet binder: Job, uddannelse eller selvforsørgelse",
        ),
        ("limit_bound.contract", "sandsynligheden for at loftet binder: hele kontrakten"),
        ("municipality_net", "kommunens nettoresultat"),
        ("my_own", "my_own"),
    ],
)
def test_metrics_are_called_by_the_titles_of_the_case(metric: str, danish: str) -> None:
    """Names of outcomes, measures and lines are no words for readers."""
    assert metric_title(sib.load_case("holbaek"), metric).da == danish


def test_effects_on_moves_are_called_by_the_moves() -> None:
    """Guldborgsund's first effect is on the way in, from one state to two."""
    found = parameter_words(sib.load_case("guldborgsund"), "outcomes.active.effects.0")
    assert found.da == "Effekten på »I uddannelse eller job«: fra neet til uddannelse og job"
    assert found.en == 'The effect on "In education or work": from neet to uddannelse and job'
