"""What can be asked of a diagnosis: designs, sizes, figures of one's own; what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

import sibsim as sib
from sibsim.core.arrays import BoolArray
from sibsim.decisions.diagnosands import DIAGNOSANDS, Courses
from sibsim.decisions.diagnose import measures_paid
from sibsim.decisions.diagnosis_words import in_courses
from sibsim.world import Setting, layers_of, outcomes_in, setting
from tests.small_case import BAND, PEOPLE, TRIAL, UPLIFT, VERIFIED, small_case

DRAWS = 512


@pytest.fixture(scope="module")
def holbaek() -> sib.Case:
    """Return the Holbæk case."""
    return sib.load_case("holbaek")


def test_three_other_designs_at_the_same_number(holbaek: sib.Case) -> None:
    """The case's own first, then three that differ from it, each with its assumptions named."""
    found = holbaek.diagnose("wellbeing", draws=DRAWS)
    assert [row.evaluation for row in found.rows] == [
        "case",
        "randomised",
        "matched_comparison",
        "historical_baseline",
    ]
    assert {row.people for row in found.rows} == {180}
    assert found.rows[0].assumed == ""
    assert "residual_bias.mean = 0, residual_bias.sd = 0.05" in found.rows[2].assumed
    assert "baseline.people = 400" in " ".join(found.sentences("en"))
    job = holbaek.diagnose("job", draws=DRAWS)
    assert "historical_baseline" not in [row.evaluation for row in job.rows[1:]]


def test_the_first_measure_that_is_paid_by(holbaek: sib.Case) -> None:
    """Without a name it is the first that a payment line reads."""
    assert measures_paid(holbaek) == ("job", "fit_for_work", "wellbeing")
    assert holbaek.diagnose(designs={}, draws=DRAWS).measure == "job"


def test_a_design_that_the_line_cannot_read_says_so() -> None:
    """A band on the effect cannot be settled on verification; the others are."""
    found = small_case().diagnose(designs={"check": VERIFIED, "trial": TRIAL}, draws=DRAWS)
    _, check, trial = found.rows
    assert not check.figures
    assert "payments.job" in check.refused
    assert trial.figures
    table = found.table()
    assert table.loc[("check", PEOPLE), "refused"] == check.refused
    assert np.isnan(float(str(table.loc[("check", PEOPLE), "paid"])))
    assert "the contract cannot be settled: payments.job" in " ".join(found.sentences("en"))
    assert "kan kontrakten ikke afregnes" in " ".join(found.sentences("da"))


def test_other_numbers_of_participants() -> None:
    """The case's own number first; four times the people halve the standard deviation."""
    found = small_case().diagnose(designs={}, sizes=[4 * PEOPLE, PEOPLE], draws=4_096)
    assert [row.people for row in found.rows] == [PEOPLE, 4 * PEOPLE]
    small, large = (row.figures["sd"] for row in found.rows)
    assert abs(small.value - 2 * large.value) < 5 * np.hypot(small.mc_error, 2 * large.mc_error)


def test_figures_of_ones_own() -> None:
    """A function of the courses joins the table with its error; a number has none."""

    def far_off(courses: Courses) -> BoolArray:
        return np.abs(courses.paid - courses.deserved) > 50_000

    def highest(courses: Courses) -> float:
        return float(courses.paid.max())

    found = small_case().diagnose(
        designs={}, draws=DRAWS, diagnosands={"far_off": far_off, "highest": highest}
    )
    figures = found.rows[0].figures
    assert set(figures) == {*DIAGNOSANDS, "far_off", "highest"}
    share = figures["far_off"].value
    assert 0.1 < share < 0.5
    by_hand = np.sqrt((share * DRAWS + 2) / (DRAWS + 4) * ((1 - share) * DRAWS + 2) / (DRAWS + 4))
    assert figures["far_off"].mc_error == pytest.approx(by_hand / np.sqrt(DRAWS + 4))
    assert figures["highest"].value > 100_000
    assert np.isnan(figures["highest"].mc_error)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"alpha": 1.0}, "alpha: got 1.0; a level lies between 0 and 1"),
        ({"sizes": [0]}, "sizes: got 0; a number of participants is at least 1"),
        ({"draws": 0}, "draws: got 0"),
        ({"designs": {"mine": {"controls_per_participant": 1}}}, "designs.mine: .* a design is"),
        ({"designs": {"case": TRIAL}}, "'case' is the case's own design"),
        ({"diagnosands": {"mine": 3}}, "diagnosands.mine: got 3; it is a function"),
        ({"diagnosands": {"bias": len}}, "diagnosands.bias: a figure of this name"),
        ({"diagnosands": {"mine": lambda _: np.zeros(3)}}, r"shape \(3,\); .* shape \(512,\)"),
    ],
)
def test_bad_arguments_are_refused(asked: dict[str, Any], words: str) -> None:
    """Each with the value, the rule and the way out."""
    with pytest.raises(sib.ArgumentError, match=words):
        small_case().diagnose(**{"draws": DRAWS, "designs": {}, **asked})


def test_a_measure_that_nobody_knows_or_pays_by(holbaek: sib.Case) -> None:
    """The nearest name is given; a measure without a payment line has no money to lose."""
    with pytest.raises(sib.UnknownNameError, match="did you mean 'wellbeing'"):
        holbaek.diagnose("wellbein")
    spare = holbaek.with_({"measures.spare": {"outcome": "job", "design": "verification"}})
    with pytest.raises(sib.ArgumentError, match="'spare', which no payment line reads"):
        spare.diagnose("spare")


def test_a_follow_up_that_is_not_measured(holbaek: sib.Case) -> None:
    """The follow-up of estimate and truth is one of the measure's."""
    from sibsim.decisions.diagnose import diagnose

    with pytest.raises(sib.ArgumentError, match="at_months: got 13; job is measured at 12, 18"):
        diagnose(holbaek, "job", at_months=13)
    found = diagnose(holbaek, "job", at_months=12, designs={}, draws=DRAWS)
    assert found.at_months == 12


def test_an_effect_that_cannot_be_undone_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where people without effort still fare otherwise, nothing tells what is paid for nothing."""
    monkeypatch.setattr(Setting, "without_effect", lambda self: self)
    with pytest.raises(sib.ArgumentError, match=r"outcomes\.job: without any effort"):
        small_case().diagnose(draws=DRAWS)


@pytest.mark.parametrize(
    "stated",
    [
        {"counterfactual": 0.4, "uplift": 0.1},
        {"counterfactual": 0.4, "success_rate": {"p10": 0.4, "p50": 0.5, "p90": 0.6}},
        {"counterfactual": 0.4, "effect": {"scale": "odds_ratio", "value": 2.0}},
        {"counterfactual": 0.4, "effect": {"scale": "hazard_ratio", "value": 2.0}},
        {"model": "count", "counterfactual": 2.0, "with_intervention": 1.0, "dispersion": 0.5},
    ],
)
def test_no_effort_undoes_every_form_of_effect(stated: Mapping[str, Any], seed: int) -> None:
    """Without effort the expected result is the counterfactual, and the luck is the same."""
    indicator = "model" not in stated
    line = BAND if indicator else {**BAND, "of": "reduction"}
    case = small_case(outcome=stated, design=TRIAL, line=line)
    found = setting(case, layers_of(seed=seed, block=0))
    path, without = (outcomes_in(case, each)["job"] for each in (found, found.without_effect()))
    assert np.allclose(without.expected, path.counterfactual, rtol=1e-12)
    assert not np.allclose(path.expected, path.counterfactual, rtol=1e-3)
    assert np.array_equal(without.counterfactual, path.counterfactual)
    if indicator and "uplift" in stated:
        assert (without.achieved <= path.achieved).all()


def test_no_effort_reaches_segments_with_parking(holbaek: sib.Case, seed: int) -> None:
    """Effort that is spread over segments is undone too."""
    changes = {
        "target_group.segments": {
            "near": {"share": 0.5, "difficulty": -1.0},
            "far": {"share": 0.5, "difficulty": 1.0},
        },
        "target_group.selection": {"parking": 0.5},
    }
    case = holbaek.with_(changes)
    found = setting(case, layers_of(seed=seed, block=0))
    assert any(group.effort is not None for group in found.participation.segments.values())
    path = outcomes_in(case, found.without_effect(), only=["job"])["job"]
    assert np.allclose(path.expected, path.counterfactual, rtol=1e-12)


def test_only_what_is_asked_for_and_what_it_reads(holbaek: sib.Case, seed: int) -> None:
    """One outcome by itself is the same as among all."""
    found = setting(holbaek, layers_of(seed=seed, block=0))
    alone, among = outcomes_in(holbaek, found, only=["job"]), outcomes_in(holbaek, found)
    assert set(alone) == {"job"}
    assert np.array_equal(alone["job"].achieved, among["job"].achieved)


def test_tables_and_sentences() -> None:
    """One row per design and number; a long frame; sentences in two languages; both displays."""
    found = small_case().diagnose(designs={"trial": TRIAL}, sizes=[50], draws=DRAWS)
    table, frame = found.table(), found.frame()
    assert list(table.index) == [
        (name, people) for people in (PEOPLE, 50) for name in ("case", "trial")
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
        found.sentences("sv")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("chance", "danish", "english"),
    [
        (0.0, "næsten aldrig", "almost never"),
        (0.02, "i 2 af 100 forløb", "in 2 of 100 courses"),
        (0.68, "i 7 af 10 forløb", "in 7 of 10 courses"),
        (0.97, "i 97 af 100 forløb", "in 97 of 100 courses"),
        (1.0, "næsten altid", "almost always"),
    ],
)
def test_chances_in_words(chance: float, danish: str, english: str) -> None:
    """Chances are so many courses out of ten, or out of a hundred near the ends."""
    words = in_courses(chance)
    assert (words.da, words.en) == (danish, english)


def test_what_is_deserved_is_the_band_on_the_truth() -> None:
    """In every course 10 points are worth 100,000, whatever happens."""
    found = small_case().diagnose(designs={"trial": TRIAL}, draws=DRAWS)
    for row in found.rows:
        assert row.figures["deserved"].value == pytest.approx(UPLIFT * 1_000_000)
        assert row.figures["deserved"].mc_error == pytest.approx(0.0, abs=1e-6)
