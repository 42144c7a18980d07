"""Segments, creaming and parking, against sums worked out by hand."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest

import sibsim as sib
from sibsim.case import Case
from sibsim.errors import CaseError
from sibsim.outcomes.binary import Binary
from tests.people import OUT_OR_WORK

SEGMENTS = {
    "near": {"share": 0.6, "difficulty": -0.5},
    "far": {"share": 0.4, "difficulty": 0.75},
}
ERRORS = 5


def _case(**changes: object) -> Case:
    """Return Holbæk with two segments that differ in what would happen anyway."""
    stated = {
        "target_group.segments": SEGMENTS,
        "outcomes.job.segments": {
            "near": {"counterfactual": 0.5},
            "far": {"counterfactual": 0.25},
        },
    }
    return sib.load_case("holbaek").with_({**stated, **changes})


def _log_odds_effect(case: Case, *, months: int) -> float:
    """Return the log odds ratio of the base case at a follow-up."""
    job = case.outcomes["job"]
    assert isinstance(job, Binary)
    assert job.effect is not None
    assert job.transport is not None
    assert job.profile is not None
    g = job.profile.at(np.array(float(months)), measured_at=18)
    return float(g * job.transport.tau.base_value * np.log(job.effect.base_value))


def _after(p0: float, *, log_odds: float) -> float:
    odds = p0 / (1 - p0) * exp(log_odds)
    return odds / (1 + odds)


def test_each_segment_has_its_own_baseline_and_the_common_effect() -> None:
    """180 people: 108 near work with 50 % anyway, 72 far from it with 25 %."""
    case = _case()
    b = _log_odds_effect(case, months=24)
    base = case.base_case()
    near, far = 108 * _after(0.5, log_odds=b), 72 * _after(0.25, log_odds=b)
    assert base.metric("achieved.job").item() == pytest.approx(near + far)
    assert base.metric("additional.job").item() == pytest.approx(near + far - 54 - 18)
    assert base.metric("achieved.job.near").item() == pytest.approx(near)
    assert base.metric("additional.job.far").item() == pytest.approx(far - 18)
    assert base.metric("participants.far").item() == pytest.approx(72)


def test_creaming_tilts_who_comes() -> None:
    """Shares 0.6 e^0.2 and 0.4 e^-0.3, made to sum to one; what is additional falls."""
    case = _case(**{"target_group.selection": {"creaming": 0.4}})
    near, far = 0.6 * exp(0.2), 0.4 * exp(-0.3)
    base = case.base_case()
    assert base.metric("participants.near").item() == pytest.approx(180 * near / (near + far))
    plain = _case().base_case()
    assert base.metric("achieved.job").item() > plain.metric("achieved.job").item()
    assert base.metric("participants").item() == pytest.approx(180)


def test_parking_moves_effort_and_keeps_its_sum() -> None:
    """Effort e^0.25 and e^-0.375 over 0.6 e^0.25 + 0.4 e^-0.375 multiplies the log odds ratio."""
    case = _case(**{"target_group.selection": {"parking": 0.5}})
    mean = 0.6 * exp(0.25) + 0.4 * exp(-0.375)
    b = _log_odds_effect(case, months=24)
    near = 108 * _after(0.5, log_odds=b * exp(0.25) / mean)
    far = 72 * _after(0.25, log_odds=b * exp(-0.375) / mean)
    base = case.base_case()
    assert base.metric("achieved.job.near").item() == pytest.approx(near)
    assert base.metric("achieved.job.far").item() == pytest.approx(far)


def test_segments_that_do_not_differ_change_no_draw() -> None:
    """Where nothing is stated for a segment the outcome is drawn as without segments."""
    plain = sib.load_case("holbaek")
    same = plain.with_({"target_group.segments": SEGMENTS})
    for metric in ("achieved.wellbeing", "payments_total", "municipality_net"):
        first = plain.simulate(draws=512, rng=3).metric(metric)
        assert np.array_equal(first, same.simulate(draws=512, rng=3).metric(metric))


def test_the_mean_over_draws_is_the_mixture(seed: int) -> None:
    """Everybody belongs to one segment, and sums over segments are sums over all."""
    case = _case(**{"delivery.volume": 1.0, "delivery.take_up": 0.9})
    for name in case.quantities:
        if name.startswith("outcomes.job") and "noise" not in name:
            case = _fixed(case, name)
    run = case.simulate(draws=4096, rng=seed)
    base = case.base_case()
    for metric in ("achieved.job", "achieved.job.far", "participants.far", "additional.job"):
        draws = run.metric(metric)
        error = draws.std() / np.sqrt(len(draws))
        assert abs(draws.mean() - base.metric(metric).item()) <= ERRORS * error, metric
    both = run.metric("achieved.job.near") + run.metric("achieved.job.far")
    assert np.array_equal(both, run.metric("achieved.job"))
    assert np.array_equal(
        run.metric("participants.near") + run.metric("participants.far"),
        run.metric("participants"),
    )


def _fixed(case: Case, path: str) -> Case:
    """Return the case with a quantity at its base value, drift aside."""
    quantity = case.quantities[path]
    if quantity.is_fixed:
        return case
    value: object = quantity.base_value
    if path == "outcomes.job.effect":
        value = {"scale": "odds_ratio", "value": value, "measured_at_months": 18}
    return case.with_({path: value, "drifts.labour_market.sd_per_year": 0.0})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"target_group.segments": {"near": {"share": 0.6}, "far": {"share": 0.3}}},
            (
                "target_group.segments: got segments whose shares sum to 0.9 (near 0.6, far 0.3); "
                "they must sum to 1"
            ),
        ),
        (
            {
                "target_group.segments": SEGMENTS,
                "outcomes.job.segments": {"fra": {"counterfactual": 0.2}},
            },
            (
                "outcomes.job.segments: got 'fra'; it must name a segment of target_group; known "
                "are far, near; did you mean 'far'?"
            ),
        ),
        (
            {
                "target_group.segments": SEGMENTS,
                "outcomes.job.segments": {"far": {"counterfactual": 25}},
            },
            (
                "outcomes.job.segments.far.counterfactual: got 25; allowed is [0, 1]; it is a "
                "share: write 0.25"
            ),
        ),
        (
            {
                "target_group.segments": SEGMENTS,
                "outcomes.job.segments": {"far": {"goal": {"at_months": 24, "share": 0.5}}},
            },
            (
                "outcomes.job.segments.far: got goal; only quantities, such as rates and "
                "effects, and the profile can differ between segments; leave it out here"
            ),
        ),
        (
            {"target_group.segments": {"12": {"share": 0.6}, "far": {"share": 0.4}}},
            (
                "target_group.segments: got '12'; a name is lower-case letters, digits and "
                "underscores, letter first, such as 'job_12'"
            ),
        ),
        (
            {"target_group.selection": {"creaming": 0.2}},
            (
                "target_group: got a selection without segments; people can only be picked from "
                "segments of another difficulty; state target_group.segments"
            ),
        ),
        (
            {"outcomes.job.segments": {"far": {"counterfactual": 0.2}}},
            (
                "outcomes.job.segments: got 'far'; it must name a segment of target_group; none is "
                "defined; the target group has none; state them there"
            ),
        ),
        (
            {
                "target_group.segments": SEGMENTS,
                "costs.team.segment": "near",
            },
            (
                "costs.team: got a segment with per = 'year'; only what is counted by people has "
                "one; leave it out"
            ),
        ),
    ],
)
def test_faults_name_the_place_and_the_way_out(changes: dict[str, object], message: str) -> None:
    """Shares, unknown names, numbers, fields that are for all."""
    with pytest.raises(CaseError) as caught:
        sib.load_case("holbaek").with_(changes)
    assert message in [str(fault) for fault in caught.value.faults]


def test_a_fault_that_only_a_segment_makes_is_told() -> None:
    """Moves that a segment never makes leave nothing for the common effect on them to act on."""
    common = {
        "states": ["out", "study", "work"],
        "transitions": {"out": {"study": 0.1, "work": 0.1}, "study": {"work": 0.1}},
    }
    never = {"transitions": {"out": {"study": 0.1, "work": 0}, "study": {"work": 0.1}}}
    labour = {**OUT_OR_WORK, **common}
    assert "labour" in _case(**{"outcomes.labour": labour}).outcomes
    with pytest.raises(CaseError, match=r"labour\.segments\.far.*got an effect on out to work"):
        _case(**{"outcomes.labour": {**labour, "segments": {"far": never}}})


def test_a_cost_may_be_of_one_segment() -> None:
    """1,000 kroner for each start of the 72 far from work."""
    line = {"amount": 1000.0, "per": "start", "index": "none", "segment": "far", "payer": "dsi"}
    case = _case(**{"costs.mentor": line})
    flows = case.base_case()
    paid = sum(
        posting.amount.sum()
        for posting in flows.postings or ()
        if posting.line == "costs.mentor" and posting.kind == "transfer"
    )
    assert paid == pytest.approx(72_000)


def test_the_report_shows_the_segments() -> None:
    """Who came of each segment, and what each contributes, in the table of what is achieved."""
    report = str(_case().base_case())
    for row in (
        "  of whom near ",
        "  of whom far ",
        "    achieved by near ",
        "    additional by far ",
    ):
        assert row in report
