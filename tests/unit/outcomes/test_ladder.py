"""Time by weeks on support: a ledger week by week in plain Python, and the exact expectation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np
import pytest

from sibsim.budget.refund import state_share
from sibsim.core.arrays import BoolArray, FloatArray
from sibsim.core.parameters import BetweenPeople
from sibsim.core.paths import States
from sibsim.core.prices import refund_ladders
from sibsim.core.streams import BLOCK_DRAWS, Layer, LayerName
from sibsim.core.timeline import WEEKS_PER_MONTH
from sibsim.outcomes.chain import Chain
from sibsim.outcomes.credit import Credit
from sibsim.outcomes.ladder import SupportLadder, weeks_before_people
from sibsim.outcomes.state_sets import load_state_set

ERRORS = 5
"""Monte Carlo standard errors within which a simulated mean must lie."""

SICK, CASH, STUDY, JOB = range(4)
ROLES = {SICK: "support", CASH: "support", STUDY: "other", JOB: "self_support"}
EDGES = (4.0, 26.0, 52.0)
WEEK, MONTH = 1 / WEEKS_PER_MONTH, 1.0
DRAWS = (0, 9, 1000, BLOCK_DRAWS - 1)
MOVES = (
    (0.9, 0.04, 0.01, 0.05),
    (0.02, 0.9, 0.02, 0.06),
    (0, 0.1, 0.85, 0.05),
    (0.02, 0.02, 0, 0.96),
)


def _ladder(step_months: float = WEEK, credit: Credit = "start") -> SupportLadder:
    return SupportLadder(
        support=np.array([ROLES[state] == "support" for state in range(4)]),
        self_support=np.array([ROLES[state] == "self_support" for state in range(4)]),
        boundaries=EDGES,
        step_months=step_months,
        credit=credit,
    )


def _plain(
    path: Sequence[int],
    before: float,
    *,
    step: float = 1.0,
    window: int = 156,
    wanted: Sequence[int] = (SICK, CASH),
) -> list[list[float]]:
    """Return the weeks in each band at each step of one person, by a ledger kept in lists.

    `path` is the state that each step is credited to. A reset asks of every step anew which of the
    latest three years' steps were self-support after the first week with benefit of this count.
    """
    rows: list[list[float]] = []
    weeks = before
    free: list[int] = []
    for number, state in enumerate(path):
        row = [0.0] * 4
        if ROLES[state] == "support":
            left, at = step, weeks
            while left > 1e-12:
                band = sum(at >= edge for edge in EDGES)
                room = EDGES[band] - at if band < len(EDGES) else left
                part = min(left, room)
                if state in wanted:
                    row[band] += part
                at, left = at + part, left - part
            weeks += step
        elif ROLES[state] == "self_support" and weeks > 0:
            free.append(number)
            latest = [each for each in free if each > number - window]
            if len(latest) * step >= 52:
                weeks, free = 0.0, []
        rows.append(row)
    return [list(band) for band in zip(*rows, strict=True)]


def _one(ladder: SupportLadder, path: Sequence[int], before: float) -> FloatArray:
    """Return the weeks of one person by band and step, (B, N), of steps credited to `path`."""
    history = [*path, JOB] if ladder.credit == "start" else [JOB, *path]
    return ladder.of_people(
        np.array(history, dtype=np.uint8)[np.newaxis, :, np.newaxis],
        member=np.ones((1, 1), dtype=np.bool_),
        weeks_before=np.full((1, 1), before),
    )[..., 0]


def _total(path: Sequence[int], before: float, *, step_months: float = WEEK) -> list[float]:
    weeks: list[float] = _one(_ladder(step_months), path, before).sum(axis=-1).tolist()
    return weeks


def test_sixty_weeks_from_the_first() -> None:
    """Weeks 1 to 4, 5 to 26, 27 to 52 and from 53 on, over two benefits."""
    assert _total([SICK] * 10 + [CASH] * 50, 0.0) == [4, 22, 26, 8]
    assert _total([SICK] * 10, 20.0) == [0, 6, 4, 0]


def test_interruptions_below_52_weeks_stop_the_count_only() -> None:
    """51 weeks in a job, or any time in education, and the count goes on where it was."""
    assert _total([SICK] * 3 + [JOB] * 51 + [CASH] * 3, 0.0) == [4, 2, 0, 0]
    assert _total([SICK] * 3 + [STUDY] * 90 + [CASH] * 3, 0.0) == [4, 2, 0, 0]


def test_fifty_two_weeks_of_self_support_start_the_count_again() -> None:
    """In one go or in two pieces; a second time needs 52 new weeks."""
    assert _total([SICK] * 30 + [JOB] * 52 + [CASH] * 30, 0.0) == [8, 44, 8, 0]
    pieces = [SICK] * 30 + [JOB] * 26 + [STUDY] * 9 + [CASH] * 10 + [JOB] * 26 + [SICK] * 5
    assert _total(pieces, 0.0) == [8, 23, 14, 0]
    twice = [SICK] * 5 + [JOB] * 52 + [SICK] * 5 + [JOB] * 51 + [SICK] * 5
    assert _total(twice, 0.0) == [8, 7, 0, 0]


def test_self_support_older_than_three_years_is_forgotten() -> None:
    """30 weeks of self-support, then 22 more: within 156 weeks they are 52, a week later 51."""
    for between, total in ((104, [8, 22, 26, 78]), (105, [4, 22, 26, 83])):
        path = [JOB] * 30 + [SICK] * between + [JOB] * 22 + [SICK] * 4
        plain = [sum(band) for band in _plain(path, 26.0)]
        found = _total(path, 26.0)
        assert found == plain
        assert found[0] == total[0] - 4


def test_self_support_before_the_first_benefit_counts_for_nothing() -> None:
    """With no weeks before, 40 weeks in a job come before the first week with benefit."""
    path = [JOB] * 40 + [SICK] * 6 + [JOB] * 12 + [SICK] * 6
    assert _total(path, 0.0) == [4, 8, 0, 0]
    assert _total(path, 1.0) == [7, 5, 0, 0]


def test_a_month_that_crosses_boundaries_is_split() -> None:
    """13.04 / 3 weeks from week 0 on: 4 in the first band, the rest in the second."""
    month = 13.04 / 3
    weeks = _one(_ladder(MONTH), [SICK] * 2, 0.0)
    assert weeks[:, 0].tolist() == pytest.approx([4, month - 4, 0, 0])
    assert weeks[:, 1].tolist() == pytest.approx([0, month, 0, 0])
    assert _one(_ladder(MONTH), [SICK], 50.5)[:, 0].tolist() == pytest.approx(
        [0, 0, 1.5, month - 1.5]
    )


def test_a_person_who_stays_on_support_has_the_share_of_the_refund_formula() -> None:
    """Month by month the bands times the shares are what the budget's refund formula gives."""
    (rule,) = (each for each in refund_ladders() if each.name == "dk-refund")
    grid = BetweenPeople.model_validate({"between_people": {"p10": 5, "p50": 30, "p90": 60}}).grid
    people = _ladder(MONTH).of_people(
        np.full((len(grid), 25, 1), SICK, dtype=np.uint8),
        member=np.ones((len(grid), 1), dtype=np.bool_),
        weeks_before=grid[:, np.newaxis],
    )
    share = np.array(rule.state_share) @ people[..., 0] / people.sum(axis=0)[..., 0]
    formula = state_share(np.arange(25.0), ladder=rule, weeks_before=grid)
    np.testing.assert_allclose(share, formula, rtol=1e-10)
    stay = Chain(np.array([1.0, 0, 0, 0])[:, np.newaxis], (np.eye(4)[..., np.newaxis],) * 24)
    expected = _ladder(MONTH).expected(stay, weeks_before=grid)
    np.testing.assert_allclose(expected, people / len(grid), rtol=1e-10, atol=1e-12)


def _chain(steps: int, *, moves: Sequence[Sequence[float]] = MOVES) -> Chain:
    start = np.array([0.5, 0.3, 0.05, 0.15])[:, np.newaxis]
    return Chain(start, (np.array(moves, dtype=np.float64)[..., np.newaxis],) * steps)


def _people(chain: Chain, *, seed: int, people: int = 30) -> States:
    return chain.people(Layer(LayerName.CHANCE, seed), stream="where/0", people=people)


@pytest.mark.parametrize("credit", ["start", "end"])
@pytest.mark.parametrize(
    ("step_months", "steps", "window", "faster"), [(WEEK, 330, 156, 1.0), (MONTH, 90, 36, 2.0)]
)
def test_person_by_person_it_is_a_plain_ledger(
    seed: int, *, credit: Credit, step_months: float, steps: int, window: int, faster: float
) -> None:
    """More than six years of moves, with resets and forgetting: every step of every person."""
    chain = _chain(steps, moves=_faster(faster))
    history = _people(chain, seed=seed)
    before = weeks_before_people(
        Layer(LayerName.CHANCE, seed), stream="before", people=30, grid=np.linspace(0.0, 99.9, 1000)
    )
    before[:5] = 0.0
    ladder = _ladder(step_months, credit)
    # Every person of some draws stands in a column of its own.
    columns = history[..., DRAWS].transpose(1, 0, 2).reshape(1, steps + 1, -1)
    starts = before[:, DRAWS].reshape(1, -1)
    credited = columns[0, :-1] if credit == "start" else columns[0, 1:]
    resets = 0
    for wanted in ((SICK, CASH), (CASH,)):
        found = ladder.of_people(
            columns,
            member=np.ones((1, 1), dtype=np.bool_),
            weeks_before=starts,
            within=_only(wanted),
        )
        for column, start in enumerate(starts[0]):
            plain = _plain(
                credited[:, column].tolist(),
                float(start),
                step=ladder.step_weeks,
                window=window,
                wanted=wanted,
            )
            np.testing.assert_allclose(found[..., column], plain, atol=1e-9)
            resets += start > EDGES[0] and sum(plain[0]) > 0
    assert resets


def _faster(times: float) -> list[list[float]]:
    """Return the moves, so many times as likely."""
    rows = [[times * share for share in row] for row in MOVES]
    for state, row in enumerate(rows):
        row[state] = 1.0 - (sum(row) - row[state])
    return rows


def _only(wanted: Sequence[int]) -> BoolArray:
    return np.isin(np.arange(4), wanted)


def test_the_sum_over_people_weighs_who_counts(seed: int) -> None:
    """The sum is over members, also in part, and the same in chunks as person by person."""
    history = _people(_chain(40), seed=seed, people=100)
    before = np.linspace(0.0, 60.0, 100)[:, np.newaxis]
    member = np.linspace(0.0, 1.0, 100)[:, np.newaxis]
    ladder = _ladder()
    together = ladder.of_people(history, member=member, weeks_before=before)
    assert together.shape == (4, 40, BLOCK_DRAWS)
    some = slice(0, 10)
    apart = sum(
        member[p]
        * ladder.of_people(
            history[p : p + 1, :, some],
            member=np.ones((1, 1), dtype=np.bool_),
            weeks_before=before[p : p + 1],
        )
        for p in range(100)
    )
    np.testing.assert_allclose(together[..., some], cast("FloatArray", apart), rtol=1e-10)
    on_support = np.isin(history[:, :-1], (SICK, CASH)) * member[:, np.newaxis]
    np.testing.assert_allclose(together.sum(axis=0), on_support.sum(axis=0), rtol=1e-10)


@pytest.mark.parametrize("credit", ["start", "end"])
@pytest.mark.parametrize(("step_months", "steps"), [(MONTH, 36), (WEEK, 100)])
def test_the_expectation_is_the_mean_of_people(
    seed: int, *, credit: Credit, step_months: float, steps: int
) -> None:
    """Every band and step up to three years, a fifth of people with no weeks before."""
    grid = np.concatenate([np.zeros(200), np.linspace(0.05, 80.0, 800)])
    chain = _chain(steps, moves=_faster(1.0 if step_months == WEEK else 2.0))
    ladder = _ladder(step_months, credit)
    people = 30
    before = weeks_before_people(
        Layer(LayerName.CHANCE, seed), stream="before", people=people, grid=grid
    )
    history = _people(chain, seed=seed, people=people)
    for within in (None, _only((SICK,))):
        expected = people * ladder.expected(chain, weeks_before=grid, within=within)
        found = ladder.of_people(
            history, member=np.ones((people, 1)), weeks_before=before, within=within
        )
        error = found.std(axis=-1) / np.sqrt(BLOCK_DRAWS)
        missed = np.abs(found.mean(axis=-1) - expected[..., 0])
        assert np.all(missed <= ERRORS * error + 1e-9)
        assert expected[0, -1, 0] > 0


def test_beyond_three_years_the_expectation_is_a_bound(seed: int) -> None:
    """Sick leave over six years: exact for three, then a few too many counts start again.

    The expectation is the mean of people whose self-support is never forgotten. Against the same
    people with the window of three years, less than one week in 500 of years four to six lies in a
    lower band than it should.
    """
    chain, ladder = _of_set(72)
    grid = BetweenPeople.model_validate({"between_people": {"p10": 4, "p50": 20, "p90": 50}}).grid
    people = 40
    layer = Layer(LayerName.CHANCE, seed)
    history = chain.people(layer, stream="where/0", people=people)
    before = weeks_before_people(layer, stream="before", people=people, grid=grid)
    member = np.ones((people, 1), dtype=np.bool_)
    bound = people * ladder.expected(chain, weeks_before=grid)[..., 0]
    window = ladder.of_people(history, member=member, weeks_before=before)
    keeps = replace(ladder, forgets=False)
    never = keeps.of_people(history, member=member, weeks_before=before)
    error = never.std(axis=-1) / np.sqrt(BLOCK_DRAWS)
    assert np.all(np.abs(never.mean(axis=-1) - bound) <= ERRORS * error + 1e-9)
    np.testing.assert_array_equal(window[:, :36], never[:, :36])
    np.testing.assert_allclose(window.sum(axis=0), never.sum(axis=0), rtol=1e-12)
    late = window[:, 36:].sum(axis=(1, 2)), never[:, 36:].sum(axis=(1, 2))
    moved = (late[1] - late[0]) / late[0].sum()
    assert moved[0] > 0 > moved[3]
    assert -moved[3] < 0.002


def _of_set(steps: int) -> tuple[Chain, SupportLadder]:
    """Return people on sickness benefit who move as the shipped set says, and its ladder."""
    shipped = load_state_set("sick-leave")
    start = np.array([float(name == "sygedagpenge") for name in shipped.names])
    matrix = shipped.table().to_numpy(dtype=np.float64)[..., np.newaxis]
    roles = [info.role for info in shipped.states.values()]
    ladder = SupportLadder(
        support=np.array([role == "support" for role in roles]),
        self_support=np.array([role == "self_support" for role in roles]),
        boundaries=EDGES,
        step_months=shipped.months_per_step,
        credit="start",
    )
    return Chain(start[:, np.newaxis], (matrix,) * steps), ladder


def test_weeks_before_are_drawn_from_the_grid(seed: int) -> None:
    """Each value is equally likely, more people change no earlier one, one value needs no draw."""
    grid = BetweenPeople.model_validate({"between_people": {"p10": 4, "p50": 20, "p90": 50}}).grid
    layer = Layer(LayerName.CHANCE, seed)
    few = weeks_before_people(layer, stream="before", people=20, grid=grid)
    more = weeks_before_people(layer, stream="before", people=30, grid=grid)
    np.testing.assert_array_equal(few, more[:20])
    assert np.all(np.isin(more, grid))
    error = grid.std() / np.sqrt(more.size)
    assert abs(more.mean() - grid.mean()) <= ERRORS * error
    same = weeks_before_people(layer, stream="before", people=3, grid=np.full(1000, 8.0))
    assert same.tolist() == [[8.0]] * 3


def test_what_52_weeks_and_three_years_are_in_steps() -> None:
    """Twelve months, 52.16 weeks, are 52 weeks of self-support; three years are 36 or 156 steps."""
    assert (_ladder(MONTH).reset_steps, _ladder(MONTH).window_steps) == (12, 36)
    assert (_ladder().reset_steps, _ladder().window_steps) == (52, 156)


def test_a_step_longer_than_a_month_is_refused() -> None:
    """A quarter says how long it is, what the rule is, and the way out."""
    assert not SupportLadder.check_step(MONTH)
    assert not SupportLadder.check_step(WEEK)
    (problem,) = SupportLadder.check_step(3.0)
    assert "got a step of 3 months" in problem
    assert "at most one month" in problem
    assert "give the outcome of states a step of a week or a month" in problem
