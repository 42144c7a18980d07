"""How the uncertain parameters of a case are updated by what has really happened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.special import betaln

import sibsim as sib
from sibsim.core.arrays import FloatArray
from sibsim.core.facts import Facts
from sibsim.errors import ArgumentError
from sibsim.forecast import learning
from sibsim.forecast.learned import Change, Learned
from sibsim.forecast.learning import LEAST_EFFECTIVE, ROWS, learn
from tests.happened import facts, reports
from tests.small_case import TRIAL, VERIFIED, small_case

ERRORS = 5
"""Monte Carlo standard errors within which a figure must lie."""

RATE_CARD: Mapping[str, Any] = {
    "model": "rate_card",
    "reads": "job",
    "pays_for": "achieved",
    "follow_up_months": [12],
    "price": 1_000,
}
RATE = "outcomes.job.success_rate"
BASE = "outcomes.job.counterfactual"


def case_of(outcome: Mapping[str, Any]) -> sib.Case:
    """Return a case of one outcome, checked person by person."""
    return small_case(outcome=outcome, design=VERIFIED, line=RATE_CARD)


def beta_case(alpha: float, beta: float) -> sib.Case:
    """Return a case in which only the success rate is unknown, by a beta distribution."""
    return case_of(
        {
            "counterfactual": 0.1,
            "success_rate": {
                "dist": "beta",
                "alpha": alpha,
                "beta": beta,
                "may_be_negative": True,
            },
        }
    )


def change_of(found: Learned, quantity: str, *, cohort: int | None = None) -> Change:
    """Return what is known of one quantity."""
    (change,) = (e for e in found.changes if e.quantity == quantity and e.cohort == cohort)
    return change


def assert_beta(found: Learned, *, alpha: float, beta: float) -> None:
    """Check mean, standard deviation and quantiles of the rate against a beta distribution.

    Monte Carlo errors are those of as many independent draws as the result says, or as rows.
    """
    law, number = stats.beta(alpha, beta), min(found.effective, ROWS)
    rows = found.rows[RATE][0]
    assert rows.shape == (ROWS,)
    assert abs(rows.mean() - law.mean()) < ERRORS * law.std() / np.sqrt(number)
    # Of a beta distribution this far from its ends the kurtosis is about 3.
    assert abs(rows.std() / law.std() - 1) < ERRORS / np.sqrt(2 * number)
    for share in (0.05, 0.5, 0.95):
        below = float((rows < law.ppf(share)).mean())
        assert abs(below - share) < ERRORS * np.sqrt(share * (1 - share) / number)


def test_nothing_known_gives_no_rows(seed: int) -> None:
    """Without facts there is nothing to learn: no rows, every quantity untouched."""
    found = learn(beta_case(4, 6), Facts.nothing(1), rng=seed, draws=4096)
    assert found.method == "nothing"
    assert not found.rows
    assert not found.walks
    assert np.isnan(found.effective)
    assert found.of("not touched by these data") == (RATE,)
    assert "Nothing is known yet" in found.sentences()[0]
    assert "endnu intet" in found.sentences("da")[0]


def test_one_unknown_rate_becomes_its_beta_posterior(seed: int) -> None:
    """Beta(4, 6) and 33 of 50: Beta(37, 23), by resampling."""
    found = learn(beta_case(4, 6), facts(job=reports({(0, 0): (33, 50)})), rng=seed)
    assert found.method == "resampling"
    assert found.effective >= LEAST_EFFECTIVE
    assert_beta(found, alpha=37, beta=23)
    # (E L)^2 / E L^2 of the draws, L the likelihood; 65,536 draws know either within a per cent.
    logarithm = 2 * betaln(37, 23) - betaln(70, 40) - betaln(4, 6)
    assert found.effective == pytest.approx(learning.DRAWS * np.exp(logarithm), rel=0.05)
    before, after = stats.beta(4, 6), stats.beta(37, 23)
    change = change_of(found, RATE)
    # Either standard deviation is known within some per cent of itself.
    assert change.learned == pytest.approx(1 - after.var() / before.var(), abs=0.05)
    assert change.verdict == "learned"


@pytest.mark.slow
def test_a_strong_conflict_takes_walkers(seed: int) -> None:
    """Beta(20, 80) and 45 of 50: few draws are left; walkers find Beta(65, 85)."""
    found = learn(beta_case(20, 80), facts(job=reports({(0, 0): (45, 50)})), rng=seed)
    assert found.method == "numpyro"
    assert found.effective >= LEAST_EFFECTIVE
    assert_beta(found, alpha=65, beta=85)


@pytest.mark.slow
def test_resampling_and_walkers_agree(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same data by walkers: Beta(37, 23) again, as by resampling."""
    monkeypatch.setattr(learning, "LEAST_EFFECTIVE", np.inf)
    found = learn(beta_case(4, 6), facts(job=reports({(0, 0): (33, 50)})), rng=seed)
    assert found.method == "numpyro"
    assert_beta(found, alpha=37, beta=23)


def correlated(rows: Mapping[str, FloatArray]) -> float:
    """Return the rank correlation of the two rates."""
    return float(stats.spearmanr(rows[RATE][0], rows[BASE][0]).statistic)


CORRELATED: Mapping[str, Any] = {
    "correlations": [{"between": [BASE, RATE], "spearman": 0.7}],
    BASE: {"dist": "uniform", "min": 0.0, "max": 0.4},
}


LOW = reports({(0, 0): (10, 50)})
"""A rate well below its median."""


def test_what_goes_along_with_a_quantity_is_learned_with_it(seed: int) -> None:
    """A rate below its median lowers the counterfactual that is correlated with it."""
    found = learn(beta_case(4, 6).with_(CORRELATED), facts(job=LOW), rng=seed)
    assert set(found.rows) == {RATE, BASE}
    change = change_of(found, BASE)
    assert change.after.mean < change.before.mean - 0.03


def test_a_chain_of_correlations_is_learned_as_a_whole(seed: int) -> None:
    """Completion is read; what goes along with what goes along with it stays joined to it."""
    completion = "delivery.completion"
    case = beta_case(4, 6).with_(
        {
            completion: {"dist": "uniform", "min": 0.4, "max": 1.0},
            BASE: CORRELATED[BASE],
            "correlations": [
                {"between": [completion, BASE], "spearman": 0.5},
                {"between": [BASE, RATE], "spearman": 0.5},
            ],
        }
    )
    found = learn(case, facts(started={0: 100}, completed={0: 80}), rng=seed, draws=8192)
    assert set(found.rows) == {completion, BASE, RATE}


@pytest.mark.slow
def test_walkers_keep_correlations(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mean and rank correlation of what goes along, by resampling and by walkers."""
    case = beta_case(4, 6).with_(CORRELATED)
    found = learn(case, facts(job=LOW), rng=seed)
    monkeypatch.setattr(learning, "LEAST_EFFECTIVE", np.inf)
    walked = learn(case, facts(job=LOW), rng=seed)
    assert walked.method == "numpyro"
    change = change_of(found, BASE)
    both = np.sqrt(1 / min(found.effective, ROWS) + 1 / min(walked.effective, ROWS))
    assert abs(change_of(walked, BASE).after.mean - change.after.mean) < (
        ERRORS * change.after.sd * both
    )
    # Rank correlations have errors of about 1 / sqrt(number).
    assert abs(correlated(found.rows) - correlated(walked.rows)) < ERRORS * both


def test_quantities_that_the_data_do_not_read_stay_as_they_are(seed: int) -> None:
    """The counterfactual of a stated success rate is read by no check of people."""
    case = beta_case(4, 6).with_({BASE: CORRELATED[BASE]})
    found = learn(case, facts(job=reports({(0, 0): (33, 50)})), rng=seed)
    assert set(found.rows) == {RATE}
    change = change_of(found, BASE)
    assert change.verdict == "not touched by these data"
    assert change.after == change.before


def test_only_the_cohort_that_was_seen_is_learned_where_each_differs(seed: int) -> None:
    """A take-up per cohort: 40 of 50 started of the second, and the first is as before."""
    case = small_case(shares=(0.5, 0.5)).with_(
        {"delivery.take_up": {"dist": "beta", "alpha": 8, "beta": 2, "per_cohort": True}}
    )
    found = learn(case, facts(2, referred={1: 50}, started={1: 40}), rng=seed)
    rows = found.rows["delivery.take_up"]
    assert rows.shape == (2, ROWS)
    law = stats.beta(48, 12)
    number = min(found.effective, ROWS)
    assert abs(rows[1].mean() - law.mean()) < ERRORS * law.std() / np.sqrt(number)
    assert change_of(found, "delivery.take_up", cohort=2).verdict == "learned"
    assert change_of(found, "delivery.take_up", cohort=1).verdict == "not identified by these data"


def test_effect_and_counterfactual_are_known_together_only(seed: int) -> None:
    """An uplift on an unknown counterfactual: their sum is learned, neither of them is."""
    share = {"dist": "uniform", "min": 0.2, "max": 0.5}
    case = case_of({"counterfactual": share, "uplift": {**share, "min": 0.0, "max": 0.3}})
    found = learn(case, facts(job=reports({(0, 0): (90, 200)})), rng=seed)
    (together,) = found.together
    assert together.outcome == "job"
    assert together.quantities == (BASE, "outcomes.job.uplift")
    assert together.learned > 0.8
    assert not together.compared
    # What is left is their difference: of two uniforms with a known sum they lie on a line.
    total = found.rows[BASE][0] + found.rows["outcomes.job.uplift"][0]
    assert total.std() < 0.5 * found.rows[BASE][0].std()
    assert any("cannot tell apart" in each for each in found.sentences())
    assert any("ikke skille ad" in each for each in found.sentences("da"))


def test_what_moves_without_narrowing_is_said_to_move(seed: int) -> None:
    """Beta(2, 18) and 4 of 10: Beta(6, 24), 1.5 standard deviations up and wider than before."""
    found = learn(beta_case(2, 18), facts(job=reports({(0, 0): (4, 10)})), rng=seed)
    change, before, after = change_of(found, RATE), stats.beta(2, 18), stats.beta(6, 24)
    assert change.learned < 0
    shift = (after.mean() - before.mean()) / before.std()
    # Errors of the mean after, in standard deviations before, and some per cent for the latter.
    error = ERRORS * after.std() / before.std() / np.sqrt(found.independent)
    assert change.shift == pytest.approx(shift, abs=error + 0.05)
    assert change.verdict == "moved, not narrowed"
    assert found.table("da").loc[0, "verdict"] == "flyttet, ikke indsnævret"
    assert found.table().loc[0, "shift"] == change.shift
    assert "These data move" in found.sentences()[0]
    assert "flytter" in found.sentences("da")[0]


NARROW: Mapping[str, Any] = {
    "counterfactual": {"dist": "uniform", "min": 0.2, "max": 0.6},
    "uplift": {"dist": "uniform", "min": 0.05, "max": 0.15},
}
"""A counterfactual that the plan knows little of, beside an effect that it says it knows."""


def test_what_hangs_on_the_plan_is_said_to(seed: int) -> None:
    """Without a comparison the counterfactual is learned only given the narrow effect."""
    found = learn(case_of(NARROW), facts(job=reports({(0, 0): (90, 200)})), rng=seed)
    change = change_of(found, BASE)
    assert (change.verdict, change.given) == ("learned", ("outcomes.job.uplift",))
    assert found.table().loc[0, "given"] == "outcomes.job.uplift"
    said, danish = found.sentences()[0], found.sentences("da")[0]
    assert said.startswith("Given what the plan assumes of the other parts of the same result, ")
    assert danish.startswith("Givet hvad planen antager om de andre dele af samme resultat, har ")
    assert not any(each.startswith("These data have removed") for each in found.sentences())
    assert any("hangs on what the plan assumes of the others" in e for e in found.sentences())


def test_a_comparison_tells_the_counterfactual_by_itself(seed: int) -> None:
    """70 of 200 controls: what is learned of it hangs on nothing."""
    case = small_case(outcome=NARROW, design=TRIAL, line=RATE_CARD)
    given = reports({(0, 0): (90, 200)}, comparison={(0, 0): (70, 200)})
    found = learn(case, facts(job=given), rng=seed)
    assert not found.together
    assert change_of(found, BASE).given == ()
    assert found.sentences()[0].startswith("These data have removed at least half")


def test_rows_are_worth_fewer_draws_than_there_are(seed: int) -> None:
    """1 / (1 / effective + 1 / 4,096); infinity where nothing was sampled."""
    found = learn(beta_case(4, 6), facts(job=reports({(0, 0): (33, 50)})), rng=seed)
    assert found.independent == pytest.approx(1 / (1 / found.effective + 1 / ROWS), rel=1e-12)
    nothing = learn(beta_case(4, 6), Facts.nothing(1), rng=seed, draws=4096)
    assert nothing.independent == np.inf


def test_a_drift_is_learned_up_to_the_last_report(seed: int) -> None:
    """A known rate but for a drift: reports above it move the drift up, at those dates."""
    case = case_of({"counterfactual": 0.4, "uplift": 0.1}).with_(
        {
            "drifts": {"labour_market": {"sd_per_year": 0.1, "since": date(2023, 12, 31)}},
            "outcomes.job.drift": "labour_market",
        }
    )
    found = learn(case, facts(start={0: 0}, job=reports({(0, 0): (140, 200)})), rng=seed)
    # Quarters: the start of the case and four ends of a period up to the report after a year.
    assert found.walks["labour_market"].shape == (5, ROWS)
    assert change_of(found, "drifts.labour_market").after.mean > 0.1
    assert not found.rows


def test_a_real_start_makes_the_delay_known(seed: int) -> None:
    """A cohort that began three months late: the delay is 3 in every row."""
    case = beta_case(4, 6).with_({"delivery.start_delay": {"dist": "uniform", "min": 0, "max": 6}})
    found = learn(case, facts(start={0: 3}), rng=seed, draws=4096)
    assert found.method == "nothing"
    assert np.all(found.rows["delivery.start_delay"] == 3)
    assert change_of(found, "delivery.start_delay").learned == 1


def test_a_case_without_anything_uncertain_learns_nothing(seed: int) -> None:
    """Every quantity is known: no rows and no changes, whatever has happened."""
    case = case_of({"counterfactual": 0.3, "success_rate": 0.5})
    found = learn(case, facts(job=reports({(0, 0): (33, 50)})), rng=seed, draws=4096)
    assert found.method == "nothing"
    assert not found.rows
    assert not found.changes
    assert len(found.table()) == 0


def test_data_that_cannot_be_are_refused_by_name(seed: int) -> None:
    """Three successes where the outcome is impossible: which data, and what to do."""
    case = case_of({"counterfactual": 0.0, "success_rate": 0.0}).with_(
        {"delivery.volume": {"dist": "uniform", "min": 0.5, "max": 1.5}}
    )
    seen = facts(started={0: 50}, job=reports({(0, 0): (3, 50)}))
    with pytest.raises(ArgumentError, match="measure job, cohort 1, follow-up 1 3; correct"):
        learn(case, seen, rng=seed, draws=4096)


def test_too_few_draws_are_refused(seed: int) -> None:
    """No draws: refused with the usual number."""
    with pytest.raises(ArgumentError, match=r"draws = 0; .* 65,536"):
        learn(beta_case(4, 6), Facts.nothing(1), rng=seed, draws=0)


def test_the_table_has_a_row_for_every_uncertain_quantity(seed: int) -> None:
    """Before and after, the share learned and the verdict, in either language."""
    found = learn(beta_case(4, 6), facts(job=reports({(0, 0): (33, 50)})), rng=seed)
    table = found.table()
    assert table["quantity"].tolist() == [RATE]
    assert table.loc[0, "p50_after"] == pytest.approx(np.median(found.rows[RATE]))
    assert table.loc[0, "verdict"] == "learned"
    assert found.table("da").loc[0, "verdict"] == "lært"


def test_the_same_seed_gives_the_same_rows(seed: int) -> None:
    """Learning is a function of its arguments."""
    seen = facts(job=reports({(0, 0): (33, 50)}))
    first, second = (learn(beta_case(4, 6), seen, rng=seed, draws=8192) for _ in range(2))
    assert np.array_equal(first.rows[RATE], second.rows[RATE])
