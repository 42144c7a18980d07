"""What a diagnosis shows: tables, titles, sentences in two languages, help."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields
from inspect import signature

import pytest

import sibsim as sib
from sibsim.core.wording import Language
from sibsim.decisions.diagnosing.diagnosands import DIAGNOSANDS, Courses
from sibsim.decisions.diagnosing.diagnosis import Diagnosis, Row
from sibsim.decisions.diagnosing.legend import LEGEND, legend
from sibsim.decisions.diagnosing.words import in_courses
from tests.small_case import BAND, PEOPLE, SLOPE, TRIAL, VERIFIED, small_case

DRAWS = 512


def test_a_design_that_serves_fewer_says_so() -> None:
    """With controls from the referrals half of the people are served: text, table and title."""
    own = {**TRIAL, "controls_from": "referrals"}
    found = small_case(design=own).diagnose(designs={"outside": TRIAL}, draws=DRAWS)
    assert [row.served for row in found.rows] == [PEOPLE / 2, PEOPLE]
    assert list(found.table()["served"]) == [PEOPLE / 2, PEOPLE]
    ((title, frame),) = found.shown()
    assert "100 people, of whom 50 to 100 are served, at 12 months" in title
    assert list(frame.loc["served"]) == ["50", "100"]
    assert "100 people, of whom 50 are served: if" in " ".join(found.sentences("en"))
    assert "100 personer, hvoraf 50 får indsatsen: virker" in " ".join(found.sentences("da"))
    alone = small_case(design=own).diagnose(designs={}, draws=DRAWS)
    ((title, frame),) = alone.shown("da")
    assert "100 personer, hvoraf 50 får indsatsen, efter 12 måneder" in title
    assert "served" not in frame.index


def test_designs_with_the_same_payment_are_one_sentence() -> None:
    """No comparison is read: all others in one sentence with the way out, own findings once."""
    found = sib.load_case("holbaek").diagnose("job", draws=DRAWS)
    languages: tuple[tuple[Language, str, str], ...] = (
        ("en", "These designs lead to the same payment as the case's own", "does nothing"),
        ("da", "Disse designs giver samme betaling som casens eget", "virker indsatsen ikke"),
    )
    for lang, same, nothing in languages:
        said = found.sentences(lang)
        (line,) = [each for each in said if each.startswith(same)]
        assert 'pays_for = "additional"' in line
        assert line.count("; ") == 2
        assert sum(nothing in each for each in said) == 1


def test_the_same_payment_where_the_comparison_is_read() -> None:
    """The same design under two names is said once, without a way out."""
    found = small_case(design=TRIAL).diagnose(designs={"twin": TRIAL}, draws=DRAWS)
    said = found.sentences("en")
    assert said[-1].startswith("These designs lead to the same payment as the case's own design")
    assert "pays_for" not in said[-1]


def test_all_figures_of_the_four_designs_have_words() -> None:
    """Whatever the own design, each alternative says its figures in both languages."""
    for own in (VERIFIED, TRIAL):
        line = BAND if own is TRIAL else {**BAND, "of": "rate"}
        found = small_case(design=own, line=line).diagnose(draws=DRAWS)
        for row in found.rows[1:]:
            assert " = " in row.assumed.in_language("da")
            assert "_" not in f"{row.assumed.en}{row.assumed.da}"


@pytest.mark.parametrize("kind", [Courses, Diagnosis, Row])
def test_help_explains_every_attribute(kind: type) -> None:
    """What a figure of one's own can use stands where `help` shows it."""
    named = [each.name for each in fields(kind)]
    assert named
    assert all(f"\n{name}\n    " in (inspect.getdoc(kind) or "") for name in named)


def test_help_explains_every_argument() -> None:
    """`case.diagnose` is complete by itself."""
    text = inspect.getdoc(sib.Case.diagnose) or ""
    asked = [name for name in signature(sib.Case.diagnose).parameters if name != "self"]
    assert all(re.search(rf"^(\w+, )*{name}(, \w+)*$", text, re.MULTILINE) for name in asked)


def test_own_figures_are_shown_in_their_own_unit() -> None:
    """Beside money in thousands: an amount in full and a rate, in a table of their own."""

    def double(found: Courses) -> float:
        return 2 * float(found.deserved.mean())

    def half(found: Courses) -> float:
        return float(found.deserved.mean()) / SLOPE * 5

    found = small_case().diagnose(
        designs={}, draws=DRAWS, diagnosands={"double": double, "half": half}
    )
    (first, usual), (second, own) = found.shown()
    assert "money in DKK 1,000" in first
    assert usual.loc["deserved", "case"] == "100±0"
    assert list(usual.index) == list(DIAGNOSANDS)
    assert second == "job, 100 people, at 12 months; own figures, each in its own unit"
    assert list(own["case"]) == ["200,000", "0.500"]
    ((_, _), (danish, table)) = found.shown("da")
    assert "egne nøgletal" in danish
    assert list(table["case"]) == ["200.000", "0,500"]


def test_legend_explains_every_figure() -> None:
    """One line per figure, in the same order, in both languages."""
    assert list(LEGEND) == list(DIAGNOSANDS)
    assert legend("en")[7] == "type_s: share of significant estimates with the wrong sign"
    assert legend("da")[7] == "type_s: andel af signifikante estimater med forkert fortegn"


def test_tables_and_sentences() -> None:
    """One row per design and number; a long frame; sentences in two languages; both displays."""
    found = small_case().diagnose(designs={"trial": TRIAL}, sizes=[50], draws=DRAWS)
    table, frame = found.table(), found.frame()
    assert list(table.index) == [
        (name, people) for people in (50, PEOPLE) for name in ("case", "trial")
    ]
    assert {f"{name}_mc_error" for name in DIAGNOSANDS} < set(table.columns)
    assert len(frame) == 4 * len(DIAGNOSANDS)
    assert list(frame.columns) == ["evaluation", "people", "diagnosand", "value", "mc_error"]
    danish, english = " ".join(found.sentences("da")), " ".join(found.sentences("en"))
    assert "virker indsatsen ikke, betales i gennemsnit" in danish
    assert "if the intervention does nothing, DKK" in english
    assert "job, 50 people, at 12 months" in str(found)
    assert "<table" in found._repr_html_()
    with pytest.raises(sib.ArgumentError, match="lang: got 'sv'; it is one of da, en"):
        found.sentences("sv")  # type: ignore[arg-type]  # the wrong language is meant


@pytest.mark.parametrize(
    ("chance", "danish", "english"),
    [
        (0.0, "næsten aldrig", "almost never"),
        (0.02, "i 2 af 100 forløb", "in 2 of 100 simulations"),
        (0.68, "i 7 af 10 forløb (68 %)", "in 7 of 10 simulations (68 %)"),
        (0.49, "i 5 af 10 forløb (49 %)", "in 5 of 10 simulations (49 %)"),
        (0.005, "i 1 af 100 forløb", "in 1 of 100 simulations"),
        (0.995, "i 99 af 100 forløb", "in 99 of 100 simulations"),
        (0.97, "i 97 af 100 forløb", "in 97 of 100 simulations"),
        (1.0, "næsten altid", "almost always"),
    ],
)
def test_chances_in_words(chance: float, danish: str, english: str) -> None:
    """Out of ten with the percentage, or out of a hundred near the ends."""
    words = in_courses(chance)
    assert (words.da, words.en) == (danish, english)
