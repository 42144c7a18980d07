"""The multi-state outcome: cells by hand, what varies by draw, people in common, plain faults."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sibsim.core.arrays import FloatArray
from sibsim.core.parameters import Quantity
from sibsim.core.paths import OutcomePath
from sibsim.core.sampling import sample
from sibsim.core.spec import walk
from sibsim.core.stages import Context, Participation
from sibsim.core.streams import BLOCK_DRAWS, Layer, LayerName
from sibsim.core.timeline import Timeline
from sibsim.outcomes.chain import Chain
from sibsim.outcomes.states import MultiState, StatesLaw

TIMELINE = Timeline(start=date(2024, 1, 1), end=date(2028, 12, 31), period="quarter")
ERRORS = 5
"""Monte Carlo standard errors within which a simulated mean must lie."""

WORK: dict[str, Any] = {
    "model": "states",
    "among": "started",
    "follow_up_months": [1, 2, 6],
    "states": ["ill", "idle", "job"],
    "step": "month",
    "counts": ["job"],
    "counted": "end",
    "start_in": {"idle": 0.8, "ill": 0.2},
    "transitions": {
        "idle": {"job": 0.1, "ill": 0.05},
        "ill": {"idle": 0.3},
        "job": {"idle": 0.02, "job": 0.98},
    },
}
TO_JOB: dict[str, Any] = {"from": "idle", "to": "job", "scale": "odds_ratio", "value": 2.0}
UNCERTAIN = {"dist": "beta", "alpha": 2.0, "beta": 18.0}
WITHOUT = np.array([[0.7, 0.3, 0.0], [0.05, 0.85, 0.1], [0.0, 0.02, 0.98]])
"""The matrix of one step of `WORK`, from and to: ill, idle, job."""


def _model(**changes: object) -> MultiState:
    merged = WORK | changes
    return MultiState.model_validate(
        {key: each for key, each in merged.items() if each is not None}
    )


def _people(planned: tuple[float, ...] = (20.0, 30.0)) -> Participation:
    number = np.array(planned)[:, np.newaxis]
    return Participation(
        planned=np.array(planned),
        start=np.arange(0.0, 6.0 * len(planned), 6.0)[:, np.newaxis],
        delay=np.zeros((1, 1)),
        referred=number,
        started=number,
        completed=number,
        completes=tuple(np.ones((int(n), 1), dtype=np.bool_) for n in planned),
    )


def _context(
    model: MultiState,
    *,
    seed: int = 0,
    parameters: bool = False,
    chance: bool = False,
    effort: float = 1.0,
    instead: Mapping[str, Any] | None = None,
) -> Context:
    """Return values at their base, or drawn with parameters on, or those given instead."""
    values = sample(
        dict(walk(model, Quantity, path="outcomes.work")),
        correlations=(),
        cohorts=2,
        layer=Layer(LayerName.PARAMETERS, seed, on=parameters),
        method="random",
    )
    for name, value in (instead or {}).items():
        values[f"outcomes.work.{name}"] = np.atleast_2d(np.asarray(value, dtype=np.float64))
    return Context(
        TIMELINE,
        values,
        Layer(LayerName.CHANCE, seed, on=chance),
        Layer(LayerName.MEASUREMENT, seed, on=False),
        path="outcomes.work",
        effort=np.full((1, 1), effort),
    )


def _chains(
    model: MultiState, *, cohorts: int = 1, context: Context | None = None
) -> tuple[tuple[Chain, ...], tuple[Chain, ...], FloatArray]:
    when = np.zeros((cohorts, len(model.follow_up_months), 1))
    return model.chains(when, context=context or _context(model))


def _treated(model: MultiState, *, step: int = 0, context: Context | None = None) -> FloatArray:
    """Return the matrix of a step with the intervention, (S, S, 1 or D)."""
    (chain,), _, _ = _chains(model, context=context)
    return chain.transitions[step]


def _realise(
    model: MultiState, *, people: Participation | None = None, seed: int | None = None
) -> OutcomePath:
    """Return what happens, with chance on where a seed is given."""
    context = _context(model, seed=seed or 0, chance=seed is not None)
    return model.realise(people or _people(), context=context)


def test_what_the_moves_leave_stays() -> None:
    """A row that leaves its own state out stays with the rest; one that states it sums to 1."""
    np.testing.assert_allclose(_treated(_model())[..., 0], WITHOUT, rtol=1e-15, atol=0)


def test_a_state_without_a_row_is_never_left() -> None:
    """Without a row a job is for ever."""
    model = _model(transitions={"idle": {"job": 0.1, "ill": 0.05}})
    assert _treated(model)[2, :, 0].tolist() == [0, 0, 1]
    assert _treated(model)[0, :, 0].tolist() == [1, 0, 0]


def test_the_base_case_is_the_matrix_product() -> None:
    """Shares at 1, 2 and 6 months are the start times powers of the matrix; nobody is drawn."""
    path = _realise(_model())
    start = np.array([0.2, 0.8, 0.0])
    jobs = [(start @ np.linalg.matrix_power(WITHOUT, n))[2] for n in (1, 2, 6)]
    assert jobs[0] == pytest.approx(0.08)
    np.testing.assert_allclose(path.expected[..., 0], [jobs, jobs], rtol=1e-14)
    np.testing.assert_allclose(path.achieved[1, :, 0], 30 * np.array(jobs), rtol=1e-14)
    assert np.array_equal(path.counterfactual, path.expected)
    assert path.history == ()
    assert path.value[0].shape == (20, 3, 1)
    assert path.clipped.tolist() == [0]


@pytest.mark.parametrize(
    ("step", "months", "steps"),
    [
        ("week", [1, 3, 24], (4, 13, 104)),  # 4.35, 13.04 and 104.32 weeks
        ("month", [1, 3, 24], (1, 3, 24)),
        ("quarter", [2, 4, 24], (1, 1, 8)),
        ("year", [6, 17, 24], (1, 1, 2)),
    ],
)
def test_a_follow_up_is_read_at_the_nearest_step(
    step: str, months: list[int], steps: tuple[int, ...]
) -> None:
    """The step is months over the length of a step, rounded half up."""
    model = _model(step=step, follow_up_months=months)
    assert model.at == steps
    assert model.steps == steps[-1]


def test_people_may_be_followed_for_longer() -> None:
    """The horizon sets the number of steps; the results stay as they were."""
    model = _model(horizon_months=24)
    assert model.steps == 24
    assert np.array_equal(_realise(model).expected, _realise(_model()).expected)


def test_steps_that_are_alike_share_one_matrix() -> None:
    """Without effects the chains are the same; `later` makes a second matrix."""
    (treated,), (untreated,), _ = _chains(_model())
    assert treated is untreated
    assert len({id(matrix) for matrix in treated.transitions}) == 1
    later = [{"from_month": 2, "transitions": {"idle": {"job": 0.4}}}]
    (changed,), _, _ = _chains(_model(later=later))
    assert [matrix[1, 2, 0] for matrix in changed.transitions] == [0.1, 0.1, 0.4, 0.4, 0.4, 0.4]
    assert changed.transitions[2] is changed.transitions[5]
    np.testing.assert_allclose(changed.transitions[2][1, :, 0], [0, 0.6, 0.4])
    np.testing.assert_allclose(changed.transitions[2][0, :, 0], WITHOUT[0])


def test_later_rows_replace_those_of_the_one_before() -> None:
    """Each `later` replaces the rows it names, and leaves the others as they were."""
    later = [
        {"from_month": 1, "transitions": {"idle": {"job": 0.2}}},
        {"from_month": 3, "transitions": {"ill": {"idle": 0.5}}},
    ]
    model = _model(later=later)
    assert _treated(model, step=0)[0, 1, 0] == 0.3
    assert _treated(model, step=1)[1, 2, 0] == 0.2
    assert _treated(model, step=3)[1, 2, 0] == 0.2
    assert _treated(model, step=3)[0, 1, 0] == 0.5


@pytest.mark.parametrize(
    ("scale", "probability"),
    [
        ("odds_ratio", 2 / 11),  # odds 1/9 doubled are 2/9
        ("hazard_ratio", 1 - 0.9**2),
        ("risk_ratio", 0.2),
    ],
)
def test_an_effect_changes_its_move_and_what_stays(scale: str, probability: float) -> None:
    """The named move changes on its scale, staying takes the rest, and all else is as it was."""
    found = _treated(_model(effects=[TO_JOB | {"scale": scale}]))[..., 0]
    expected = WITHOUT.copy()
    expected[1, 1:] = [0.95 - probability, probability]
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_one_effect_acts_on_every_move_that_it_names() -> None:
    """A ratio on all worsening acts on idle to ill and job to idle, not on moves that never are."""
    halved = {"from": ["idle", "job"], "to": ["ill", "idle"], "scale": "risk_ratio", "value": 0.5}
    found = _treated(_model(effects=[halved]))[..., 0]
    np.testing.assert_allclose(found[1], [0.025, 0.875, 0.1], rtol=1e-14)
    np.testing.assert_allclose(found[2], [0, 0.01, 0.99], rtol=1e-14)
    assert np.array_equal(found[0], WITHOUT[0])


def test_effects_on_one_move_act_one_after_the_other() -> None:
    """Odds 1/9 doubled and tripled are 2/3: a probability of 0.4."""
    found = _treated(_model(effects=[TO_JOB, TO_JOB | {"value": 3.0}]))
    assert found[1, 2, 0] == pytest.approx(0.4, rel=1e-14)


def test_the_profile_is_read_at_the_middle_of_a_step() -> None:
    """A ramp of four months has g 1/8, 3/8, 5/8, 7/8 in the first steps, and a stop ends it."""
    profile = {"full_after_months": 4, "until_months": 5}
    model = _model(effects=[TO_JOB], profile=profile)
    (treated,), (untreated,), _ = _chains(model)
    p = np.array([matrix[1, 2, 0] for matrix in treated.transitions])
    g = np.array([1 / 8, 3 / 8, 5 / 8, 7 / 8, 1, 0])
    np.testing.assert_allclose(p / (1 - p), np.exp2(g) / 9, rtol=1e-13)
    assert treated.transitions[5] is untreated.transitions[5]


def test_the_profile_is_one_where_the_effect_was_measured() -> None:
    """Measured half way up a ramp of four months, the full effect is the square of the ratio."""
    effects = [TO_JOB | {"measured_at_months": 2}]
    p = _treated(_model(effects=effects, profile={"full_after_months": 4}), step=5)[1, 2, 0]
    assert p / (1 - p) == pytest.approx(4 / 9, rel=1e-13)


def test_effort_multiplies_the_effect_on_its_additive_scale() -> None:
    """Half the effort is the square root of the odds ratio; none is no effect."""
    model = _model(effects=[TO_JOB])
    p = _treated(model, context=_context(model, effort=0.5))[1, 2, 0]
    assert p / (1 - p) == pytest.approx(math.sqrt(2) / 9, rel=1e-14)
    assert _treated(model, context=_context(model, effort=0.0))[1, 2, 0] == pytest.approx(
        0.1, rel=1e-14
    )


def test_a_place_lifts_good_moves_and_lowers_bad_ones() -> None:
    """With tau 0.5 a ratio of 4 is 2 here; omega x noise = 0.2 helps on either move."""
    falls = {"from": "idle", "to": "ill", "scale": "odds_ratio", "value": 0.25}
    effects = [TO_JOB | {"value": 4.0}, falls]
    model = _model(effects=effects, transport={"tau": 0.5, "omega": 0.1})
    row = _treated(model, context=_context(model, instead={"transport.noise": 2.0}))[1, :, 0]
    assert row[2] / (1 - row[2]) == pytest.approx(2 / 9 * math.exp(0.2), rel=1e-13)
    assert row[0] / (1 - row[0]) == pytest.approx(0.05 / 0.95 / 2 * math.exp(-0.2), rel=1e-13)


def test_only_what_is_uncertain_varies_by_draw(seed: int) -> None:
    """An uncertain effect leaves the chain without it one column wide."""
    uncertain = {"dist": "lognormal", "log_mean": 0.5, "log_sd": 0.2}
    effect = {key: value for key, value in TO_JOB.items() if key != "value"} | uncertain
    model = _model(effects=[effect])
    (treated,), (untreated,), _ = _chains(
        model, context=_context(model, parameters=True, seed=seed)
    )
    assert untreated.transitions[0].shape == (3, 3, 1)
    assert treated.transitions[0].shape == (3, 3, BLOCK_DRAWS)
    assert treated.transitions[0] is treated.transitions[5]
    np.testing.assert_allclose(treated.transitions[0].sum(axis=1), 1.0, rtol=1e-15)


def test_cohorts_share_their_chains_unless_a_value_is_per_cohort(seed: int) -> None:
    """One chain for all, or one for each where a probability is drawn for each."""
    treated, _, _ = _chains(_model(), cohorts=2)
    assert treated[0] is treated[1]
    row = WORK["transitions"] | {"idle": {"job": UNCERTAIN | {"per_cohort": True}, "ill": 0.05}}
    model = _model(transitions=row)
    context = _context(model, parameters=True, seed=seed)
    treated, _, _ = _chains(model, cohorts=2, context=context)
    drawn = [chain.transitions[0][1, 2] for chain in treated]
    assert np.array_equal(np.stack(drawn), context.value("transitions.idle.job"))
    assert not np.array_equal(*drawn)


def test_counts_are_shares_in_the_base_case_and_a_dirichlet_in_draws(seed: int) -> None:
    """Counts 30, 15, 5 are 0.6, 0.3, 0.1; drawn, each has variance m (1 - m) / (50 + 1)."""
    counts = {"counts": {"idle": 30, "job": 15, "ill": 5}}
    model = _model(transitions=WORK["transitions"] | {"idle": counts})
    means = np.array([0.1, 0.6, 0.3])
    np.testing.assert_allclose(_treated(model)[1, :, 0], means, rtol=1e-14)
    drawn = _treated(model, context=_context(model, parameters=True, seed=seed))[1]
    variance = means * (1 - means) / 51
    assert np.all(np.abs(drawn.mean(axis=-1) - means) <= ERRORS * np.sqrt(variance / BLOCK_DRAWS))
    # The fourth moment of the draws themselves gives the error of their variance.
    square = (drawn - means[:, np.newaxis]) ** 2
    error = square.std(axis=-1) / math.sqrt(BLOCK_DRAWS)
    assert np.all(np.abs(square.mean(axis=-1) - variance) <= ERRORS * error)
    np.testing.assert_allclose(drawn.sum(axis=0), 1.0, rtol=1e-15)


def test_uncertain_shares_at_the_start_are_divided_by_their_sum() -> None:
    """0.3 and 0.2 in a draw are 0.6 and 0.4 of the people."""
    model = _model(start_in={"idle": {**UNCERTAIN, "base": 0.8}, "ill": 0.2})
    (chain,), _, _ = _chains(
        model, context=_context(model, instead={"start_in.idle": [[0.8, 0.3]]})
    )
    np.testing.assert_allclose(chain.start[:2], [[0.2, 0.4], [0.8, 0.6]], rtol=1e-14)
    assert not chain.start[2].any()


def test_a_drawn_row_above_one_is_scaled_and_counted() -> None:
    """0.9 and 0.6 become 0.6 and 0.4 in that draw, in each of 6 steps of 2 cohorts."""
    row = {"job": UNCERTAIN, "ill": UNCERTAIN}
    model = _model(transitions=WORK["transitions"] | {"idle": row})
    values = {"transitions.idle.job": [[0.1, 0.9]], "transitions.idle.ill": [[0.1, 0.6]]}
    _, (untreated, _), clipped = _chains(model, cohorts=2, context=_context(model, instead=values))
    np.testing.assert_allclose(untreated.transitions[0][1, :, 0], [0.1, 0.8, 0.1], rtol=1e-14)
    np.testing.assert_allclose(
        untreated.transitions[0][1, :, 1], [0.4, 0.0, 0.6], rtol=1e-14, atol=1e-15
    )
    assert clipped.tolist() == [0, 12]


@pytest.mark.parametrize(
    ("ratio", "row"),
    [
        (9.5, [0.05, 0.0, 0.95]),  # 0.95 and 0.05 fill the row, and are not cut
        (10.0, [0.05 / 1.05, 0.0, 1 / 1.05]),  # 1 and 0.05 sum to more than 1
        (20.0, [0.05 / 1.05, 0.0, 1 / 1.05]),  # 2 is cut to 1 first
    ],
)
def test_a_risk_ratio_that_lifts_a_row_above_one_is_cut_and_counted(
    ratio: float, row: list[float]
) -> None:
    """The moves are divided by their sum, in the steps at which the effect acts."""
    effect = TO_JOB | {"scale": "risk_ratio", "value": ratio}
    model = _model(effects=[effect], profile={"until_months": 3})
    (treated,), _, clipped = _chains(model)
    np.testing.assert_allclose(treated.transitions[0][1, :, 0], row, rtol=1e-14, atol=1e-15)
    assert clipped.tolist() == [0 if ratio < 10 else 3]


def test_a_move_cut_to_one_is_counted_even_where_it_is_alone() -> None:
    """0.3 x 4 is 1.2: cut to 1, in all 6 steps."""
    effect = {"from": "ill", "to": "idle", "scale": "risk_ratio", "value": 4.0}
    (treated,), _, clipped = _chains(_model(effects=[effect]))
    assert treated.transitions[0][0, :, 0].tolist() == [0, 1, 0]
    assert clipped.tolist() == [6]


def test_people_are_where_their_history_says(seed: int) -> None:
    """A result is the state at the follow-up; sums agree with the trace and members with counts."""
    model = _model(effects=[TO_JOB])
    path = _realise(model, seed=seed)
    assert [states.shape for states in path.history] == [(20, 7, BLOCK_DRAWS), (30, 7, BLOCK_DRAWS)]
    for cohort, states in enumerate(path.history):
        assert np.array_equal(path.value[cohort], states[:, [1, 2, 6]] == 2)
        assert np.array_equal(path.achieved[cohort], path.value[cohort].sum(axis=0))
    assert not np.array_equal(path.history[0], path.history[1][:20])
    error = path.achieved.std(axis=-1) / math.sqrt(BLOCK_DRAWS)
    expected = path.people * path.expected[..., 0]
    assert np.all(np.abs(path.achieved.mean(axis=-1) - expected) <= ERRORS * error)
    moved = (path.history[0][:, 0] == 1) & (path.history[0][:, 1] == 2)
    share = moved.sum() / (path.history[0][:, 0] == 1).sum()
    # 0.8 x 20 people a draw, each with probability 2/11.
    assert abs(share - 2 / 11) <= ERRORS * math.sqrt(2 / 11 * 9 / 11 / (16 * BLOCK_DRAWS))


def test_more_people_and_follow_ups_leave_the_others_as_they_were(seed: int) -> None:
    """Persons, cohorts and follow-ups at the end change no earlier one."""
    few = _realise(_model(), seed=seed)
    people = _people((20.0, 45.0, 10.0))
    many = _realise(_model(follow_up_months=[1, 2, 6, 12]), people=people, seed=seed)
    assert np.array_equal(few.value[0], many.value[0][:, :3])
    assert np.array_equal(few.value[1], many.value[1][:30, :3])
    assert np.array_equal(few.history[1], many.history[1][:30, :7])


def test_a_better_effect_lowers_nobody(seed: int) -> None:
    """Common luck: with a higher odds ratio nobody is in a worse state at any step."""
    # From a better state the next is at least as likely to be better, so that luck carries on.
    worse = _realise(_model(effects=[TO_JOB]), seed=seed)
    better = _realise(_model(effects=[TO_JOB | {"value": 3.0}]), seed=seed)
    assert np.all(better.history[0] >= worse.history[0])
    assert np.all(better.achieved >= worse.achieved)
    assert np.any(better.achieved > worse.achieved)


def test_the_law_of_a_result() -> None:
    """A result is 0 or 1: variance p (1 - p), at least 1 with probability p, never more."""
    path = _realise(_model())
    law = path.treated[0]
    assert isinstance(law, StatesLaw)
    p = path.expected[0]
    np.testing.assert_allclose(law.variance, p * (1 - p))
    assert np.all(law.at_least(0) == 1)
    assert np.array_equal(law.at_least(0.5), p)
    assert np.array_equal(law.at_least(1), p)
    assert np.all(law.at_least(1.5) == 0)
    off = Layer(LayerName.CHANCE, on=False)
    assert law.draw(off, stream="x", people=4).shape == (4, 3, 1)
    assert law is path.untreated[1]


def test_several_states_may_count() -> None:
    """Whoever counts in one of two states is in either; in all of them, everybody."""
    either = _realise(_model(counts=["job", "idle"])).expected
    parts = [_realise(_model(counts=[name])).expected for name in ("job", "idle")]
    np.testing.assert_allclose(either, parts[0] + parts[1], rtol=1e-14)


def test_whoever_counts_in_every_state_is_everybody(seed: int) -> None:
    """The shares of all states are 1 up to rounding, and rounding makes no variance negative."""
    row = WORK["transitions"] | {"idle": {"counts": {"idle": 30, "job": 15, "ill": 5}}}
    model = _model(counts=["ill", "job", "idle"], transitions=row)
    context = _context(model, parameters=True, seed=seed)
    (law, _) = model.laws(np.zeros((2, 3, 1)), context=context).treated
    np.testing.assert_allclose(law.mean, 1.0, rtol=1e-14)
    assert np.all(law.variance >= 0)


def _of_set(**changes: object) -> MultiState:
    named = {"states": None, "step": None, "transitions": None, "state_set": "sick-leave"}
    return _model(**(named | {"start_in": {"sygedagpenge": 1}} | changes))


def test_a_shipped_set_brings_states_step_and_rows() -> None:
    """What the set leaves stays, and own rows beside it replace its rows."""
    model = _of_set()
    shipped = model.shipped
    assert shipped is not None
    assert (model.names, model.step_name) == (shipped.names, shipped.step)
    matrix = _treated(model)[..., 0]
    sick, job = model.names.index("sygedagpenge"), model.names.index("job")
    row = shipped.transitions["sygedagpenge"]
    assert matrix[sick, job] == row["job"]
    assert matrix[sick, sick] == pytest.approx(1 - math.fsum(row.values()))
    own = _treated(_of_set(transitions={"sygedagpenge": {"job": 0.25}}))[..., 0]
    assert own[sick, job] == 0.25
    assert own[sick, sick] == 0.75
    assert np.array_equal(np.delete(own, sick, axis=0), np.delete(matrix, sick, axis=0))


def test_it_is_written_back_as_stated() -> None:
    """Counts, effects and rows keep the form in which the case file states them."""
    stated = WORK | {
        "transitions": {
            "idle": {
                "counts": {
                    "idle": 30.0,
                    "job": {"value": 9.0, "note": "our register", "per_cohort": True},
                }
            },
            "ill": {"idle": {"p10": 0.1, "p50": 0.2, "p90": 0.4}},
            "job": {"idle": 0.02, "ill": 0.01, "job": 0.97},
        },
        "effects": [
            TO_JOB,
            {"from": ["job"], "to": ["idle", "ill"], "scale": "risk_ratio", "value": 0.5},
        ],
        "later": [{"from_month": 3.0, "transitions": {"ill": {"idle": 0.5}}}],
        "profile": {"until_months": 5.0},
    }
    model = MultiState.model_validate(stated)
    written = model.model_dump(exclude_defaults=True)
    for key, given in stated.items():
        back = list(written[key]) if isinstance(given, list) else written[key]
        assert back == given
    assert MultiState.model_validate(model.model_dump(exclude_none=True)) == model
    paths = [path for path, _ in walk(model, Quantity)]
    assert "transitions.idle.counts.job" in paths
    assert "later.0.transitions.ill.idle" in paths
    assert "effects.1" in paths


def test_remarks_say_what_acts_and_what_is_cut() -> None:
    """Each effect with its moves and value, no transport, odd follow-ups, and cut rows."""
    effect = TO_JOB | {"scale": "risk_ratio", "value": 20.0}
    model = _model(effects=[effect], step="quarter", follow_up_months=[5, 6], horizon_months=6)
    remarks = model.remarks(context=_context(model))
    assert remarks[0] == "risk_ratio 20 acts on idle to job"
    assert "taken over in full" in remarks[1]
    assert remarks[2].endswith("nearest quarter: 5 at 6")
    assert remarks[3].startswith("2 of 6 rows")
    quiet = _model(effects=[TO_JOB], transport={"tau": 0.5})
    assert quiet.remarks(context=_context(quiet)) == ("odds_ratio 2 acts on idle to job",)
    assert _model().remarks(context=_context(_model())) == ()


def _row(**moves: object) -> dict[str, Any]:
    return {"transitions": WORK["transitions"] | {"idle": moves}}


@pytest.mark.parametrize(
    ("changes", "place", "says"),
    [
        (_row(job=0.1, idle=0.8), "transitions.idle", "got a row of 'idle' that sums to 0.9;"),
        (_row(job=0.7, ill=0.5), "transitions.idle", "got a row of 'idle' that sums to 1.2;"),
        (_row(job=UNCERTAIN, idle=0.9), "transitions.idle", "beside uncertain moves"),
        (_row(job=-0.1), "transitions.idle.job", "got -0.1; allowed is [0, 1]"),
        (_row(job=35), "transitions.idle.job", "write 0.35"),
        (_row(jop=0.1), "transitions.idle.jop", "did you mean 'job'?"),
        (_row(counts={"jop": 3}), "transitions.idle.counts.jop", "did you mean 'job'?"),
        (_row(counts={"job": 0}), "transitions.idle.counts.job", "above zero; leave out a move"),
        (_row(counts={"job": UNCERTAIN}), "transitions.idle.counts.job", "one number above zero"),
        ({"transitions": {"idlle": {"job": 0.1}}}, "transitions.idlle", "did you mean 'idle'?"),
        (
            {"later": [{"from_month": 2, "transitions": {"idle": {"job": 1.1, "ill": 0}}}]},
            "later.0.transitions.idle.job",
            "allowed is [0, 1]",
        ),
        (
            {"later": [{"from_month": 2, "transitions": {"idle": {"job": 0.8, "ill": 0.4}}}]},
            "later.0.transitions.idle",
            "sums to 1.2",
        ),
        (
            {"later": [{"from_month": month, "transitions": {}} for month in (3, 3)]},
            "later",
            "got from_month 3, 3; list each once, in rising order",
        ),
        (
            {"later": [{"from_month": 6, "transitions": {}}]},
            "later.0.from_month",
            "these rows would never hold; raise horizon_months",
        ),
        ({"start_in": {"idle": 0.7}}, "start_in", "got shares that sum to 0.7; they sum to 1"),
        ({"start_in": {"idlle": 1}}, "start_in.idlle", "did you mean 'idle'?"),
        (
            {
                "start_in": {
                    "idle": {
                        "dist": "discrete",
                        "values": [0, 1],
                        "probabilities": [0.5, 0.5],
                        "base": 1,
                    }
                }
            },
            "start_in",
            "may all be 0 in the same draw",
        ),
        ({"counts": ["work"]}, "counts", "got 'work'; the states are ill, idle, job"),
        ({"states": ["ill", "idle", "job", "job"]}, "states", "different names"),
        ({"states": ["ill", "idle", "job", "counts"]}, "states", "none of them 'counts'"),
        (
            {"states": ["ill", "idle", "job", "pension", "school"]},
            "transitions",
            "got pension, school, which nobody comes to from start_in",
        ),
        ({"effects": [TO_JOB | {"to": "jop"}]}, "effects.0.to", "did you mean 'job'?"),
        ({"effects": [TO_JOB | {"from": "idlle"}]}, "effects.0.from", "did you mean 'idle'?"),
        (
            {"effects": [TO_JOB | {"from": "ill"}]},
            "effects.0",
            "got an effect on ill to job, which has no probability above zero",
        ),
        ({"effects": [TO_JOB | {"to": "idle"}]}, "effects.0", "got an effect on idle to idle"),
        (
            {"effects": [TO_JOB | {"to": ["job", "idle"]}]},
            "effects.0",
            "on idle to job or idle, but none of them to idle has a",
        ),
        (
            {"effects": [TO_JOB | {"scale": "risk_difference", "value": 0.1}]},
            "effects.0",
            "is one of odds_ratio, hazard_ratio, risk_ratio",
        ),
        ({"effects": [TO_JOB | {"scale": "odd_ratio"}]}, "effects.0", "did you mean 'odds_ratio'?"),
        (
            {
                "effects": [TO_JOB | {"measured_at_months": 0}],
                "profile": {"full_after_months": 6},
            },
            "effects.0",
            "where the profile is zero",
        ),
        ({"profile": {"until_months": 3}}, "", "transport or profile without effects"),
        ({"horizon_months": 3}, "horizon_months", "got 3 with a follow-up at 6 months"),
        (
            {"step": "quarter", "follow_up_months": [3], "horizon_months": 7},
            "horizon_months",
            "got 7; with a step of one quarter it is a multiple of 3 months",
        ),
        ({"step": "year", "follow_up_months": [5, 12]}, "follow_up_months", "nearer to the start"),
        ({"state_set": "sick-leave"}, "states", "got state_set and states and step"),
        ({"states": None, "step": None}, "", "got neither state_set nor states and step"),
        ({"step": None}, "", "got neither state_set nor step"),
        (
            {"state_set": "sick-leaf", "states": None, "step": None},
            "state_set",
            "did you mean 'sick-leave'?",
        ),
    ],
)
def test_bad_input_is_refused_in_plain_words(
    changes: dict[str, Any], place: str, says: str
) -> None:
    """Each fault stands at its place and says what was given, the rule and the way out."""
    with pytest.raises(ValidationError) as caught:
        _model(**changes)
    faults = {".".join(map(str, each["loc"])): each["msg"] for each in caught.value.errors()}
    assert place in faults
    assert says in faults[place]


def test_all_faults_of_a_kind_come_at_once() -> None:
    """Three unknown names are three faults."""
    with pytest.raises(ValidationError) as caught:
        _model(counts=["jop"], start_in={"idlle": 1}, transitions={"idle": {"jop": 0.1}})
    assert len(caught.value.errors()) == 3


def test_a_state_of_a_shipped_set_that_counts_must_be_reached() -> None:
    """Of a set only the states that count must be reached: its others cannot be dropped."""
    for_ever = {"foertidspension": {"foertidspension": 1}}
    start = {"start_in": {"foertidspension": 1}, "transitions": for_ever}
    assert _of_set(counts=["foertidspension"], **start).names
    with pytest.raises(ValidationError, match="got job, which nobody comes to"):
        _of_set(**start)
