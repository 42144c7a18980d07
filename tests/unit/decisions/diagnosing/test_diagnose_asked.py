"""What can be asked of a diagnosis: designs, sizes, figures of one's own; what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pytest

import sibsim as sib
from sibsim.casefile import build
from sibsim.core.arrays import BoolArray
from sibsim.decisions.diagnosing.alternatives import with_design
from sibsim.decisions.diagnosing.diagnosands import DIAGNOSANDS, Courses
from sibsim.decisions.diagnosing.diagnose import measures_paid
from sibsim.evaluation.combined import Combined
from sibsim.evaluation.stepped_wedge import SteppedWedge
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
    assert not found.rows[0].assumed.en
    english, danish = (" ".join(found.sentences(lang)) for lang in ("en", "da"))
    assert "on average = 0, standard deviation of that bias = 0.05)" in english
    assert "gennemsnit = 0, skævhedens standardafvigelse = 0,05)" in danish
    assert "people behind the baseline = 400, date of the baseline = 1 January 2024" in english
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


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"design": "randomized"}, r"designs\.mine.*did you mean 'randomised'"),
        ({"design": "randomised"}, r"designs\.mine\.controls_per_participant"),
        ({**TRIAL, "controls_per_participant": -1}, r"designs\.mine\.controls_per_participant"),
        ({**TRIAL, "colour": 1}, r"designs\.mine\.colour"),
        ({**TRIAL, "design": "cluster_randomised", "control_clusters": 4}, r"designs\.mine: .*"),
    ],
)
def test_a_design_that_is_wrong_by_itself_is_an_error(table: Mapping[str, Any], words: str) -> None:
    """Unknown, faulty, or unfit for the outcome: refused at once and not as a row."""
    with pytest.raises(sib.CaseError, match=words) as error:
        small_case().diagnose(designs={"fine": TRIAL, "mine": table}, draws=DRAWS)
    assert "fine" not in str(error.value)


def test_all_wrong_designs_are_named_at_once() -> None:
    """Two faulty designs are two faults."""
    designs = {"one": {"design": "guess"}, "two": {"design": "randomised"}}
    with pytest.raises(sib.CaseError) as error:
        small_case().diagnose(designs=designs, draws=DRAWS)
    assert [fault.path.split(".")[1] for fault in error.value.faults] == ["one", "two"]


def test_other_numbers_of_participants() -> None:
    """In order and without doubles; four times the people halve the standard deviation."""
    sizes = [4 * PEOPLE, PEOPLE, 4 * PEOPLE, PEOPLE / 2]
    found = small_case().diagnose(designs={}, sizes=sizes, draws=4_096)
    assert [row.people for row in found.rows] == [PEOPLE / 2, PEOPLE, 4 * PEOPLE]
    _, small, large = (row.figures["sd"] for row in found.rows)
    assert abs(small.value - 2 * large.value) < 5 * np.hypot(small.mc_error, 2 * large.mc_error)


WEDGE = {"design": "stepped_wedge", "sequences": [1, 1, 1, 1], "people": 16, "tau": 0.0}
WEDGE_AND_TRIAL = {
    "design": "combined",
    "first": WEDGE,
    "second": TRIAL,
    "weights": [0.5, 0.5],
}


def test_people_of_a_design_grow_with_the_participants() -> None:
    """A quarter of the participants: a quarter in each cell of the wedge, and twice the sd."""
    case = small_case(people=180)
    found = case.diagnose(designs={"wedge": WEDGE}, sizes=[45], draws=4_096)
    small, large = (row.figures["sd"] for row in found.rows if row.evaluation == "wedge")
    assert abs(small.value - 2 * large.value) < 5 * np.hypot(small.mc_error, 2 * large.mc_error)


@pytest.mark.parametrize(("people", "of_the_wedge"), [(45, 4), (180, 16), (360, 32), (2, 1)])
def test_people_of_every_design_of_a_case(people: int, of_the_wedge: int) -> None:
    """Rounded and at least one; the case's own design and one within a design alike."""
    case = small_case(people=180, design=WEDGE)
    for table in (None, WEDGE_AND_TRIAL):
        size = None if people == 180 else people
        design = with_design(case, "job", table=table, people=size).measures["job"]
        wedge = design.first if isinstance(design, Combined) else design
        assert isinstance(wedge, SteppedWedge)
        assert wedge.people == of_the_wedge


def test_an_earlier_rate_is_counted_when_the_drift_begins() -> None:
    """How far things have moved is known from the date of the drift on, and from no other."""
    document = small_case(design=TRIAL).document
    document["drifts"] = {"level": {"sd_per_year": 0.02, "since": date(2023, 6, 1)}}
    document["outcomes"]["job"]["drift"] = "level"
    (row,) = (
        row
        for row in build(document).diagnose(draws=DRAWS).rows
        if row.evaluation == "historical_baseline"
    )
    assert not row.refused
    assert "date of the baseline = 1 June 2023" in (row.assumed.en or "")


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
        ({"sizes": [1]}, "sizes: got 1; an evaluation of one person cannot tell luck from effect"),
        ({"sizes": [50, np.inf]}, "sizes: got inf; "),
        ({"draws": 0}, "draws: got 0"),
        ({"draws": 1}, "draws: got 1; one course has no spread; take at least 2"),
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


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"measure": 5}, "measure: got 5; it is the name of a measure"),
        ({"measure": ["job"]}, r"measure: got \['job'\]; .* or None for the first"),
        ({"alpha": "a"}, "alpha: got 'a'; a level lies between 0 and 1, such as 0.05"),
        ({"alpha": None}, "alpha: got None; a level lies between 0 and 1"),
        ({"alpha": True}, "alpha: got true; a level lies between 0 and 1"),
        ({"sizes": 5}, r"sizes: got 5; numbers of participants come as a list, such as \[100\]"),
        ({"sizes": "50"}, "sizes: got '50'; numbers of participants come as a list"),
        ({"sizes": ["50"]}, "sizes: got '50'; .* take a number of at least 2"),
        ({"designs": "randomised"}, "designs: got 'randomised'; designs are tables by a name"),
        ({"designs": [TRIAL]}, r"designs: got \[.*; write {'trial': {'design': 'randomised'"),
        ({"diagnosands": [len]}, "diagnosands: got .*; write {'mine': function}"),
        ({"rng": "a"}, "rng: got 'a'; a seed is a whole number of at least 0; give one, a NumPy"),
        ({"rng": 1.5}, "rng: got 1.5; a seed is a whole number"),
        ({"draws": "a"}, "draws: got 'a'; it is a whole number"),
    ],
)
def test_arguments_of_the_wrong_kind_are_refused(asked: dict[str, Any], words: str) -> None:
    """A table for a name, a word for a number: said in plain words and never a bare TypeError."""
    with pytest.raises(sib.ArgumentError, match=words):
        small_case().diagnose(**{"draws": DRAWS, "designs": {}, **asked})


def test_all_that_is_wrong_is_said_at_once() -> None:
    """Four arguments of the wrong kind are four lines."""
    asked: dict[str, Any] = {"alpha": "a", "sizes": 5, "designs": "randomised", "rng": "a"}
    with pytest.raises(sib.ArgumentError) as error:
        small_case().diagnose(**asked)
    starts = [line.split(":")[0].strip() for line in str(error.value).splitlines()]
    assert starts == ["alpha", "rng", "sizes", "designs"]


def test_a_measure_that_nobody_knows_or_pays_by(holbaek: sib.Case) -> None:
    """The nearest name is given; a measure without a payment line has no money to lose."""
    with pytest.raises(sib.UnknownNameError, match="did you mean 'wellbeing'"):
        holbaek.diagnose("wellbein")
    spare = holbaek.with_({"measures.spare": {"outcome": "job", "design": "verification"}})
    with pytest.raises(sib.ArgumentError, match="'spare', which no payment line reads"):
        spare.diagnose("spare")


def test_a_follow_up_that_is_not_measured(holbaek: sib.Case) -> None:
    """The follow-up of estimate and truth is one of the measure's."""
    from sibsim.decisions.diagnosing.diagnose import diagnose

    with pytest.raises(sib.ArgumentError, match="at_months: got 13; job is measured at 12, 18"):
        diagnose(holbaek, "job", at_months=13)
    found = diagnose(holbaek, "job", at_months=12, designs={}, draws=DRAWS)
    assert found.at_months == 12


def test_an_effect_that_cannot_be_undone_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where people without effort still fare otherwise, nothing tells what is paid for nothing."""
    monkeypatch.setattr(Setting, "with_effort", lambda self, _: self)
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
    path, without = (outcomes_in(case, each)["job"] for each in (found, found.with_effort(0.0)))
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
    path = outcomes_in(case, found.with_effort(0.0), only=["job"])["job"]
    assert np.allclose(path.expected, path.counterfactual, rtol=1e-12)


def test_only_what_is_asked_for_and_what_it_reads(holbaek: sib.Case, seed: int) -> None:
    """One outcome by itself is the same as among all."""
    found = setting(holbaek, layers_of(seed=seed, block=0))
    alone, among = outcomes_in(holbaek, found, only=["job"]), outcomes_in(holbaek, found)
    assert set(alone) == {"job"}
    assert np.array_equal(alone["job"].achieved, among["job"].achieved)


def test_what_is_deserved_is_the_band_on_the_truth() -> None:
    """In every course 10 points are worth 100,000, whatever happens."""
    found = small_case().diagnose(designs={"trial": TRIAL}, draws=DRAWS)
    for row in found.rows:
        assert row.figures["deserved"].value == pytest.approx(UPLIFT * 1_000_000)
        assert row.figures["deserved"].mc_error == pytest.approx(0.0, abs=1e-6)
