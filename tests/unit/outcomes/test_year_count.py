"""Time counted within a year: a plain ledger person by person, and the exact expectation."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, product

import numpy as np
import pytest

from sibsim.core.arrays import BoolArray, FloatArray
from sibsim.core.paths import States
from sibsim.core.streams import BLOCK_DRAWS, Layer, LayerName
from sibsim.core.timeline import WEEKS_PER_MONTH
from sibsim.core.year_count import CalendarYear, RunningYear, Scale, YearCount
from sibsim.outcomes.chain import Chain
from sibsim.outcomes.credit import FIRST_CREDITED, Credit
from sibsim.outcomes.year_count import counted_expected, counted_of_people

ERRORS = 5
"""Monte Carlo standard errors within which a simulated mean must lie."""

EXACT = 1e-12
"""Sums of some thousand products of probabilities are right to about 1e-14."""

WEEK, MONTH, QUARTER = 1 / WEEKS_PER_MONTH, 1.0, 3.0
INSIDE = np.array([True, False, True])
"""Of three states the first and the last count."""

MOVES = ((0.7, 0.2, 0.1), (0.25, 0.6, 0.15), (0.1, 0.3, 0.6))
LEVELS = np.array([[4.3], [8.4], [10.6]])
SHARES = (0.25, 0.5, 0.75)


def _chain(steps: int, *, moves: Sequence[Sequence[float]] = MOVES) -> Chain:
    matrix = np.array(moves)[:, :, np.newaxis]
    return Chain(np.array([[0.5], [0.3], [0.2]]), (matrix,) * steps)


def _running(step: float, *, keeps: bool, change: float = 15.0, before: float = 1.0) -> RunningYear:
    return RunningYear(
        step_months=step,
        period_months=3,
        since_opening=2.2,
        changes=(change,),
        limits=(120 * 12 / 365.25, 90 * 12 / 365.25),
        shares=(0.5, 0.4),
        used_before=before,
        keeps=keeps,
    )


def _calendar(step: float, *, left: float = 7.5, levels: FloatArray = LEVELS) -> CalendarYear:
    lower = Scale(levels, SHARES)
    return CalendarYear(step, 2025, left, 2024, (lower, Scale(levels * 0.8, SHARES)))


def _plain_running(
    count: RunningYear, inside: Sequence[bool], *, starts_inside: bool
) -> list[float]:
    """Return what counts of each step of one person, by a ledger of begin and time used."""
    step = count.step_months
    began: int | None = 0 if starts_inside else None
    used = count.used_before if starts_inside else 0.0
    rows = []
    for n, there in enumerate(inside):
        if began is not None and n - began == {WEEK: 52, MONTH: 12}[step]:
            began = None
        counts = 0.0
        if there:
            if began is None:
                began, used = n, 0.0
            change = count.changes[0]
            for begin, end, share, now in (
                (n * step, min(max(change, n * step), (n + 1) * step), 0, 0),
                (min(max(change, n * step), (n + 1) * step), (n + 1) * step, 1, 1),
            ):
                limit = count.limits[int(began * step >= change) if count.keeps else now]
                left = max(min(limit - used, end - begin), 0.0)
                counts += count.shares[share] * left
                used += end - begin
        rows.append(counts)
    return rows


def _plain_calendar(count: CalendarYear, inside: Sequence[bool]) -> list[float]:
    """Return what counts of each step of one person, by a ledger of the year's time so far."""
    step, used, rows = count.step_months, 0.0, []
    news = [count.months_left + 12 * year for year in range(20)]

    def refund(months: float, levels: FloatArray) -> float:
        bounds = [*levels[:, 0], 1e9]
        parts = zip(SHARES, pairwise(bounds), strict=True)
        return float(sum(share * max(min(months, high) - low, 0.0) for share, (low, high) in parts))

    for n, there in enumerate(inside):
        edges = [
            n * step,
            *(new for new in news if n * step < new < (n + 1) * step),
            (n + 1) * step,
        ]
        counts = 0.0
        for begin, end in pairwise(edges):
            if any(abs(begin - new) < 1e-9 for new in news):
                used = 0.0
            levels = count.scales[0 if begin < count.months_left - 1e-9 else 1].from_months
            if there:
                counts += refund(used + end - begin, levels) - refund(used, levels)
                used += end - begin
        rows.append(counts)
    return rows


def _people(count: YearCount, history: States, credit: Credit = "start") -> FloatArray:
    """Return what counts of each person, (B, N, P), of histories (P, N + 1)."""
    return counted_of_people(
        count,
        history=history.T[np.newaxis],
        member=np.ones((1, 1), dtype=np.bool_),
        wanted=INSIDE,
        credit=credit,
    )


def _whole(found: FloatArray, *, step: float, opened: float, length: float) -> FloatArray:
    """Return what counts of whole steps, (N, P), of the parts in even and odd periods or years.

    Service starts so many months after an even one has opened, each of the same length.
    """
    edges = opened + np.arange(found.shape[1] + 1) * step
    whole = np.floor(edges / (2 * length)) * length
    odd = np.diff(whole + np.clip(edges % (2 * length) - length, 0.0, None))[:, np.newaxis] / step
    return np.asarray(found[0] * (1.0 - odd) + found[1] * odd)


def _histories(people: int, steps: int, *, seed: int) -> States:
    rng = np.random.default_rng(seed)
    stay = rng.random((people, steps + 1)) < 0.85
    drawn = rng.integers(0, 3, (people, steps + 1)).astype(np.uint8)
    for n in range(1, steps + 1):
        drawn[:, n] = np.where(stay[:, n], drawn[:, n - 1], drawn[:, n])
    return drawn


@pytest.mark.parametrize("credit", ["start", "end"])
@pytest.mark.parametrize("keeps", [False, True])
@pytest.mark.parametrize(
    ("step", "change"), [(WEEK, 15.1), (WEEK, 30.0), (MONTH, 14.5), (MONTH, 15.0), (MONTH, 0.0)]
)
def test_a_running_year_is_that_of_the_ledger(
    step: float, change: float, *, keeps: bool, credit: Credit, seed: int
) -> None:
    """Person by person and step by step, whoever comes and goes over four years."""
    count = _running(step, keeps=keeps, change=change)
    steps = round(48 / step)
    history = _histories(40, steps, seed=seed)
    people = _people(count, history, credit)
    found = _whole(people, step=step, opened=2.2, length=3.0)
    first = FIRST_CREDITED[credit]
    for person, states in enumerate(history):
        inside = list(INSIDE[states[first : first + steps]])
        plain = _plain_running(count, inside, starts_inside=bool(INSIDE[states[0]]))
        np.testing.assert_allclose(found[:, person], plain, atol=1e-9)
    assert found.sum() > 40


@pytest.mark.parametrize(
    ("step", "left"), [(WEEK, 7.5), (WEEK, 12.0), (MONTH, 7.5), (MONTH, 5.0), (QUARTER, 4.0)]
)
def test_a_calendar_year_is_that_of_the_ledger(step: float, left: float, seed: int) -> None:
    """Steps that cross 1 January are divided; the two parts lie in even and in odd years."""
    count = _calendar(step, left=left)
    steps = round(48 / step)
    history = _histories(40, steps, seed=seed)
    # Service starts in 2025, which is odd.
    whole = _whole(_people(count, history), step=step, opened=24.0 - left, length=12.0)
    for person, states in enumerate(history):
        plain = _plain_calendar(count, list(INSIDE[states[:steps]]))
        np.testing.assert_allclose(whole[:, person], plain, atol=1e-9)
    assert whole.sum() > 40


def _enumerated(chain: Chain, count: YearCount, credit: Credit) -> FloatArray:
    """Return the mean over all histories of a chain, each with its probability, (B, N)."""
    states = np.array(list(product(range(3), repeat=chain.steps + 1)), dtype=np.uint8)
    probability = chain.start[states[:, 0], 0]
    for n, matrix in enumerate(chain.transitions):
        probability = probability * matrix[states[:, n], states[:, n + 1], 0]
    assert probability.sum() == pytest.approx(1.0)
    return np.asarray((_people(count, states, credit) * probability).sum(axis=-1))


@pytest.mark.parametrize("credit", ["start", "end"])
@pytest.mark.parametrize(
    "count",
    [
        _running(QUARTER, keeps=False, change=13.0),
        _running(QUARTER, keeps=True, change=13.0, before=0.0),
        _calendar(QUARTER, left=4.0),
        _calendar(QUARTER, left=12.0),
    ],
)
def test_what_is_expected_is_the_mean_over_all_histories(count: YearCount, credit: Credit) -> None:
    """Of the 59,049 histories of three states over nine quarters, each as likely as it is."""
    chain = _chain(9)
    found = counted_expected(count, chain=chain, wanted=INSIDE, credit=credit)
    assert found.shape == (2, 9, 1)
    expected = _enumerated(chain, count, credit)
    np.testing.assert_allclose(found[..., 0], expected, rtol=EXACT, atol=EXACT)
    assert (expected > 0.01).sum() > 5


def _pooled(count: YearCount, chain: Chain, *, seed: int) -> tuple[FloatArray, FloatArray]:
    """Return the mean over 40 people in each of all draws and its standard error, (B, N)."""
    layer = Layer(LayerName.CHANCE, seed, on=True)
    history = chain.people(layer, stream="people", people=40)
    member: BoolArray = np.ones((40, 1), dtype=np.bool_)
    found = counted_of_people(count, history=history, member=member, wanted=INSIDE, credit="start")
    return found.mean(axis=-1) / 40, found.std(axis=-1) / 40 / np.sqrt(BLOCK_DRAWS)


@pytest.mark.parametrize(
    "count", [_running(MONTH, keeps=True, change=14.5), _calendar(MONTH, left=7.5)]
)
def test_people_have_the_expectation_on_average(count: YearCount, seed: int) -> None:
    """Every step of three years within five standard errors of 163,840 people."""
    chain = _chain(36)
    expected = counted_expected(count, chain=chain, wanted=INSIDE, credit="start")[..., 0]
    mean, error = _pooled(count, chain, seed=seed)
    assert np.all(np.abs(mean - expected) <= ERRORS * error + EXACT)
    assert error.sum() > 0.001


def _wide(steps: int) -> Chain:
    moves = np.array(MOVES)[:, :, np.newaxis] * np.linspace(0.9, 1.0, 6)
    moves[0, 0] += 1.0 - moves[0].sum(axis=0)
    moves[1, 1] += 1.0 - moves[1].sum(axis=0)
    moves[2, 2] += 1.0 - moves[2].sum(axis=0)
    return Chain(np.array([[0.5], [0.3], [0.2]]), (moves,) * steps)


@pytest.mark.parametrize("count", [_running(WEEK, keeps=False), _calendar(WEEK)])
def test_each_draw_is_what_it_would_be_alone(count: YearCount) -> None:
    """To the last bit, whatever other draws stand beside it."""
    chain = _wide(60)
    found = counted_expected(count, chain=chain, wanted=INSIDE, credit="start")
    assert found.shape == (2, 60, 6)
    for draw in range(6):
        alone = counted_expected(
            count, chain=chain.in_draws(np.array([draw])), wanted=INSIDE, credit="start"
        )
        np.testing.assert_array_equal(alone[..., 0], found[..., draw])
    assert np.ptp(found.sum(axis=(0, 1))) > 0.001


def test_many_draws_are_worked_out_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thresholds that differ by draw go with their draws."""
    levels = LEVELS * np.linspace(0.5, 1.5, 6)
    chain, count = _wide(24), _calendar(MONTH, levels=levels)
    whole = counted_expected(count, chain=chain, wanted=INSIDE, credit="end")
    monkeypatch.setattr("sibsim.outcomes.year_count.LARGEST_SHARES", 4 * count.tags * 3)
    parts = counted_expected(count, chain=chain, wanted=INSIDE, credit="end")
    np.testing.assert_array_equal(parts, whole)
    third = counted_expected(
        count.of(np.array([2])), chain=chain.in_draws(np.array([2])), wanted=INSIDE, credit="end"
    )
    np.testing.assert_array_equal(third[..., 0], whole[..., 2])


def test_thresholds_may_differ_by_draw_for_people(seed: int) -> None:
    """Each draw is counted by its own thresholds."""
    history = _histories(6, 24, seed=seed)
    levels = LEVELS * np.linspace(0.5, 1.5, 6)
    found = _people(_calendar(MONTH, levels=levels), history)
    for draw in range(6):
        alone = _people(_calendar(MONTH, levels=levels[:, [draw]]), history)
        np.testing.assert_allclose(found[..., draw], alone[..., draw], rtol=EXACT, atol=EXACT)


@pytest.mark.parametrize("members", [(1.0, 0.0, 0.25), (True, False, True)])
def test_who_does_not_count_is_left_out(members: Sequence[float], seed: int) -> None:
    """A member in part counts in part."""
    history = _histories(3, 24, seed=seed)[:, :, np.newaxis]
    count, member = _running(MONTH, keeps=False), np.array(members)[:, np.newaxis]
    found = counted_of_people(count, history=history, member=member, wanted=INSIDE, credit="start")
    each = _people(count, history[..., 0])
    np.testing.assert_allclose(found[..., 0], (each * members).sum(axis=-1), atol=EXACT)


@pytest.mark.parametrize(("months", "said"), [(1.0, ()), (3.0, ("got a step of 3 months",))])
def test_days_are_not_counted_in_long_steps(months: float, said: tuple[str, ...]) -> None:
    """A month is the longest step."""
    found = RunningYear.check_step(months)
    assert tuple(problem[: len("got a step of 3 months")] for problem in found) == said


def test_a_limit_that_is_infinite_never_ends() -> None:
    """Of eight months inside, all count before the change, and none more of 90 days after it."""
    limits = (np.inf, 90 * 12 / 365.25)
    count = RunningYear(MONTH, 1, 0.0, (6.0,), limits, (0.5, 0.5), 0.0, keeps=False)
    found = _people(count, np.zeros((1, 9), dtype=np.uint8))[..., 0]
    np.testing.assert_allclose(found[0], [0.5, 0, 0.5, 0, 0.5, 0, 0, 0], atol=EXACT)
    np.testing.assert_allclose(found[1], [0, 0.5, 0, 0.5, 0, 0.5, 0, 0], atol=EXACT)
