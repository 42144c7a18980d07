"""What one payment line pays on average when the estimate it reads is normal about the truth.

y(x) is what the line pays on an estimate x, with its own limit, index and clauses; x is
Normal(effect, standard error^2). A line is piecewise linear or stepped in what it reads, so y is
divided where it is not linear, by bisection, and every piece is integrated in closed form: with
z = (x - m) / s at the ends of a piece, on which y = a + b x,

    E[y; piece] = (a + b m) (Phi(z2) - Phi(z1)) - b s (phi(z2) - phi(z1)).

A band with floor 0 therefore gives E[max(0, X)] = m Phi(m / s) + s phi(m / s). A jump is bisected
until rounding hides it, and the piece that holds it counts as level; a piece that crosses zero is
divided there. Assumes one cohort, all follow-ups with the same estimate, and a stated standard
error that is the true one. The tolerance with which lines compare levels (1e-9) is meant for shares
of whole people; a jump within it of a figure of the line lies on that figure.

A line is had from a case by its name, `case.contract.payments["job"]`. Its index, holdback and
clawback are left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

import numpy as np
from scipy.special import ndtr, ndtri

from sibsim.core.arrays import BoolArray, FloatArray, added
from sibsim.core.stages import Measurement, Precision, Standing
from sibsim.core.statistics import mc_error_of_mean, mc_error_of_probability
from sibsim.core.streams import BLOCK_DRAWS, Layer, LayerName, Rng, seed_from
from sibsim.core.timeline import Timeline
from sibsim.core.validation import shown
from sibsim.errors import ArgumentError
from sibsim.payments.base import PaymentModel, Terms
from sibsim.payments.limits import ContractLimit
from sibsim.payments.reading import Of
from sibsim.payments.settlement import settle_payments

Mode = Literal["quadrature", "simulation"]
"""In closed form piece by piece, or by drawing estimates."""

PEOPLE = 1_000.0
"""Participants where none are stated; matters for lines that pay by the person only."""

COMPARISON = 0.5
"""Mean result of the comparison where none is stated; matters for relative changes only."""

DRAWS = 10_000
"""Draws of the simulation: Monte Carlo errors of probabilities below half a point."""

MOST_DRAWS = 10_000_000
"""More draws than this are surely a slip of the hand."""

REACH = 10.0
"""Standard errors on either side that are looked at: what lies beyond has a chance of 1e-23."""

STARTS = 2_000
"""Equal pieces that the range is divided into first, a hundredth of a standard error each."""

ROUNDING = 4.0 * np.finfo(np.float64).eps
"""A piece this narrow, as a share of the furthest estimate, is a jump: estimates in it are hardly
told apart."""

LINEAR = 1e-11
"""A piece is linear where it strays from the straight line by less than this share of the most
that is paid."""

SNAP = 2e-9
"""A jump this close to a figure of the line lies on it: twice the tolerance of levels."""

MOST_PIECES = 200_000
"""Pieces after which a payment is not piecewise linear."""

INSIDE = np.array([0.25, 0.5, 0.75])[:, np.newaxis]
"""Where in a piece it is looked at."""

FOLLOW_UP = 12
"""Follow-up of a line that names none, in months."""


@dataclass(frozen=True, slots=True)
class PaymentMoments:
    """What a line pays under error; Monte Carlo errors are zero in quadrature mode."""

    expected: float
    """Mean payment."""

    p_paid: float
    """Probability that anything is paid; what is paid back is below zero and does not count."""

    sd: float
    """Standard deviation of the payment."""

    expected_mc_error: float = 0.0
    """Monte Carlo error of the mean payment."""

    p_paid_mc_error: float = 0.0
    """Monte Carlo error of the probability."""


def payment_under_error(
    line: PaymentModel,
    *,
    effect: float,
    standard_error: float,
    people: float = PEOPLE,
    comparison: float = COMPARISON,
    mode: Mode = "quadrature",
    draws: int = DRAWS,
    rng: Rng = 0,
) -> PaymentMoments:
    """Return mean, chance and spread of what one line pays when the estimate is normal.

    Parameters
    ----------
    line
        A payment line that reads one measure, such as `case.contract.payments["job"]`. Its index,
        holdback and clawback are left out.
    effect
        Mean of what the line reads: the true effect, reduction, uplift or rate.
    standard_error
        Its standard deviation, at least 0; a trigger that tests knows it.
    people
        Participants in the report, above 0.
    comparison
        Mean result of the comparison, above 0.
    mode
        `quadrature`, exact to rounding, or `simulation`.
    draws, rng
        Size and seed of the simulation.

    Returns
    -------
    PaymentMoments
        In the line's currency.

    Raises
    ------
    ArgumentError
        If an argument is out of range, the line reads none or several measures, or what it pays is
        not piecewise linear in quadrature mode.
    """
    _check(standard_error=standard_error, people=people, comparison=comparison, mode=mode)
    payment = _Payment(line, people=people, comparison=comparison, standard_error=standard_error)
    if mode == "simulation":
        return _simulated(payment, effect=effect, draws=draws, seed=seed_from(rng))
    if standard_error == 0:
        paid = float(payment.of(np.array([effect]))[0])
        return PaymentMoments(paid, p_paid=float(paid > 0), sd=0.0)
    return _integrated(payment, effect=effect)


class _Payment:
    """What a line pays as a function of the estimate that it reads."""

    def __init__(
        self, line: PaymentModel, *, people: float, comparison: float, standard_error: float
    ) -> None:
        """Prepare a contract of this line alone."""
        plain = {"index": None, "holdback": None, "clawback": None, "cohorts": None}
        self.line = line.model_copy(update=plain)
        self.measure, self.reads = _read_by(self.line)
        self.people, self.comparison = people, comparison
        self.standard_error = standard_error
        self.follow_ups = self._follow_ups()
        self.timeline = Timeline(date(2000, 1, 1), date(2000, 12, 31), "quarter")

    def _follow_ups(self) -> tuple[int, ...]:
        read = {m for each in self.line.readings for m in each.at_months or ()}
        months = tuple(sorted(read)) or (FOLLOW_UP,)
        faults = self.line.check_follow_ups(months)
        if faults:
            message = f"line: {faults[0]}"
            raise ArgumentError(message)
        return months

    def of(self, estimate: FloatArray) -> FloatArray:
        """Return what is paid on estimates, (D,)."""
        mean = {
            "rate": estimate,
            "effect": self.comparison + estimate,
            "uplift": self.comparison * (1.0 + estimate),
            "reduction": self.comparison * (1.0 - estimate),
        }[self.reads]
        # Of a relative change the standard error of the difference is that much smaller.
        relative = self.comparison if self.reads in {"uplift", "reduction"} else 1.0
        shape = (1, len(self.follow_ups), len(estimate))
        alike = (*shape[:2], 1)
        measured = Measurement(
            follow_up_months=self.follow_ups,
            when=np.zeros(alike),
            treated_sum=np.broadcast_to(self.people * mean, shape),
            treated_n=np.full(alike, self.people),
            comparison_sum=np.full(alike, self.people * self.comparison),
            comparison_n=np.full(alike, self.people),
            precision=Precision(
                own=np.full(alike, (relative * self.standard_error) ** 2), common=np.zeros(alike)
            ),
        )
        payments = settle_payments(
            {"line": self.line},
            measured={self.measure: measured},
            standing=Standing(
                served=np.ones((1, 1), dtype=np.bool_),
                end=np.full(1, np.inf),
                cause=np.zeros(1, dtype=np.int8),
            ),
            limits=ContractLimit(),
            terms=Terms(self.timeline, planned=np.full(1, self.people)),
        )
        periods = (self.timeline.periods, 1)
        back = added(payments.returned_to.values(), shape=periods)
        whole = (added(payments.paid.values(), shape=periods) - back).sum(axis=0)
        return np.broadcast_to(whole, estimate.shape)

    def figures(self) -> FloatArray:
        """Return every number of the line, where what it pays is likely to bend, rising."""
        return np.unique(list(_numbers(self.line.model_dump())))


def _read_by(line: PaymentModel) -> tuple[str, Of]:
    """Return the one measure that a line reads and what it reads of it."""
    read = {(each.measure, each.of) for each in line.readings}
    if len(read) != 1:
        got = ", ".join(sorted(f"{of} of {measure}" for measure, of in read)) or "nothing"
        message = (
            f"line: got a line that reads {got}; the error of one result is one number; use "
            "case.diagnose() for the others"
        )
        raise ArgumentError(message)
    if line.needs_persons:
        message = (
            "line: got a line that looks at one person after the other, which an estimate says "
            "nothing about; use case.diagnose()"
        )
        raise ArgumentError(message)
    return next(iter(read))


def _numbers(value: object) -> Iterator[float]:
    """Yield every number in tables and lists."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for each in value:
            yield from _numbers(each)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)


def _integrated(payment: _Payment, *, effect: float) -> PaymentMoments:
    """Return the moments in closed form, piece by piece."""
    reach = REACH * payment.standard_error
    low, high = effect - reach, effect + reach
    figures = payment.figures()
    figures = figures[(figures > low) & (figures < high)]
    nodes = np.union1d(np.linspace(low, high, STARTS + 1), figures)
    left, right, jump = _linear_pieces(payment, nodes)
    near, far = (payment.of(left + share * (right - left)) for share in (0.25, 0.75))
    width = right - left
    slope = np.where(jump, 0.0, (far - near) / (width / 2.0))
    level = np.where(jump, (near + far) / 2.0, near - slope * (left + width / 4.0))
    left, right = _snapped(left, figures=figures), _snapped(right, figures=figures)
    left, right, level, slope = _parted_at_zero(left, right, level=level, slope=slope)
    middle = level + slope * (left + right) / 2.0
    left[0], right[-1] = -np.inf, np.inf
    error = payment.standard_error
    pieces = _Pieces((left - effect) / error, (right - effect) / error)
    # In z: y = base + rise z.
    base, rise = level + slope * effect, slope * error
    mean = float(np.sum(base * pieces.zeroth + rise * pieces.first))
    apart = base - mean
    variance = apart**2 * pieces.zeroth + 2.0 * apart * rise * pieces.first
    variance += rise**2 * pieces.second
    paid = middle > LINEAR * max(float(np.abs(middle).max()), 1.0)
    return PaymentMoments(
        expected=mean,
        p_paid=float(np.sum(pieces.zeroth[paid])),
        sd=math.sqrt(max(float(variance.sum()), 0.0)),
    )


class _Pieces:
    """Integrals of 1, z and z^2 times the normal density over pieces."""

    def __init__(self, left: FloatArray, right: FloatArray) -> None:
        """Integrate from left to right."""
        # By the tail that is nearer, so that small chances keep their digits.
        turned = left > 0
        one, two = np.where(turned, -right, left), np.where(turned, -left, right)
        self.zeroth = ndtr(two) - ndtr(one)
        density_left, density_right = _density(left), _density(right)
        self.first = density_left - density_right
        self.second = self.zeroth + _times(left, density_left) - _times(right, density_right)


def _density(z: FloatArray) -> FloatArray:
    found: FloatArray = np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
    return found


def _times(z: FloatArray, density: FloatArray) -> FloatArray:
    """Return z times its density, 0 at infinity."""
    return np.where(np.isinf(z), 0.0, np.where(np.isinf(z), 0.0, z) * density)


def _linear_pieces(
    payment: _Payment, nodes: FloatArray
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return ends of pieces on which the payment is linear or jumps, in order, and which jump."""
    smallest = ROUNDING * float(np.abs(nodes).max())
    left, right = nodes[:-1], nodes[1:]
    most = float(np.abs(payment.of(nodes)).max())
    done: list[tuple[FloatArray, FloatArray, BoolArray]] = []
    count = 0
    while left.size:
        count += left.size
        if count > MOST_PIECES:
            message = (
                "line: what it pays is not made of straight lines and steps; use "
                "mode = 'simulation'"
            )
            raise ArgumentError(message)
        points = np.concatenate([[left], left + INSIDE * (right - left), [right]])
        paid = payment.of(points.ravel()).reshape(points.shape)
        straight = paid[0] + np.concatenate([[[0.0]], INSIDE, [[1.0]]]) * (paid[-1] - paid[0])
        linear = np.abs(paid - straight).max(axis=0) <= LINEAR * most
        over = linear | (right - left <= smallest)
        done.append((left[over], right[over], ~linear[over]))
        left, right = left[~over], right[~over]
        middle = 0.5 * (left + right)
        left, right = np.concatenate([left, middle]), np.concatenate([middle, right])
    lefts, rights, jumps = (np.concatenate(each) for each in zip(*done, strict=True))
    order = np.argsort(lefts)
    return lefts[order], rights[order], jumps[order]


def _parted_at_zero(
    left: FloatArray, right: FloatArray, *, level: FloatArray, slope: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return the pieces with level + slope x, those that cross zero in two."""
    crosses = (level + slope * left) * (level + slope * right) < 0
    zero, place = -level[crosses] / slope[crosses], np.flatnonzero(crosses)
    left, right = np.insert(left, place + 1, zero), np.insert(right, place, zero)
    return left, right, np.repeat(level, 1 + crosses), np.repeat(slope, 1 + crosses)


def _snapped(ends: FloatArray, *, figures: FloatArray) -> FloatArray:
    """Return ends of pieces, those within the tolerance of a figure of the line on it."""
    if not figures.size:
        return ends.copy()
    after = np.clip(np.searchsorted(figures, ends), 1, max(len(figures) - 1, 1))
    before = figures[after - 1]
    later = figures[np.minimum(after, len(figures) - 1)]
    nearest = np.where(np.abs(ends - before) <= np.abs(later - ends), before, later)
    return np.where(np.abs(ends - nearest) <= SNAP, nearest, ends)


def _simulated(payment: _Payment, *, effect: float, draws: int, seed: int) -> PaymentMoments:
    """Return the moments over drawn estimates."""
    if isinstance(draws, bool) or not 1 <= draws <= MOST_DRAWS:
        message = f"draws: got {shown(draws)}; it is a whole number from 1 to {MOST_DRAWS:,}"
        raise ArgumentError(message)
    blocks = range(math.ceil(draws / BLOCK_DRAWS))
    layers = (Layer(LayerName.MEASUREMENT, seed=seed, block=block) for block in blocks)
    uniforms = [layer.uniforms("payment under error", rows=1)[0] for layer in layers]
    normal = ndtri(np.concatenate(uniforms)[:draws])
    paid = payment.of(effect + payment.standard_error * normal)
    anything = paid > 0
    return PaymentMoments(
        expected=float(paid.mean()),
        p_paid=float(anything.mean()),
        sd=float(paid.std()),
        expected_mc_error=mc_error_of_mean(paid),
        p_paid_mc_error=mc_error_of_probability(anything),
    )


def _check(*, standard_error: float, people: float, comparison: float, mode: str) -> None:
    """Refuse arguments that are out of range; all of them at once."""
    faults = []
    if not (math.isfinite(standard_error) and standard_error >= 0):
        faults.append(
            f"standard_error: got {shown(standard_error)}; a standard deviation is at least 0"
        )
    faults += [
        f"{name}: got {shown(value)}; it is above 0"
        for name, value in (("people", people), ("comparison", comparison))
        if not (math.isfinite(value) and value > 0)
    ]
    if mode not in get_args(Mode):
        faults.append(f"mode: got {mode!r}; it is one of {', '.join(get_args(Mode))}")
    if faults:
        raise ArgumentError("\n  ".join(faults))
