r"""Probabilities of moving between states in one step: how they are stated, and effects on them.

A *row* holds the moves out of one state: a probability per step for each, or the numbers of moves
that were observed. With numbers n_j the row is the Dirichlet posterior that they alone give: each
cell is drawn as Gamma(n_j, 1), and the row is the cells divided by their sum; in the base case the
share n_j / n. Staying is what the moves leave: p_ii = 1 - sum of p_ij over j other than i. Where
the moves of a row sum above 1, each is divided by their sum, nobody stays, and the row counts as
cut.

An effect acts on one move p_ij per step, b = g x effort x ln effect: risk ratio p_ij e^b, odds
ratio logit^-1(logit p_ij + b), hazard ratio 1 - (1 - p_ij)^(e^b) (`sibsim.core.effects.apply`).
Several effects on one move act one after the other, in the order in which they are listed.

Source: Briggs, Claxton, Sculpher (2006), Decision Modelling for Health Economic Evaluation, Oxford
University Press, chapters 2 (Markov models) and 4 (the Dirichlet posterior of a row).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self, get_args

import numpy as np
from annotated_types import MinLen
from pydantic import (
    BeforeValidator,
    Field,
    TypeAdapter,
    model_serializer,
    model_validator,
)

from sibsim.core.arrays import BoolArray, FloatArray, added, summed
from sibsim.core.atoms import SUM_TOLERANCE
from sibsim.core.distributions import Distribution, Fixed, fault
from sibsim.core.effects import Effect, Scale, apply
from sibsim.core.parameters import OneOrEach, Quantity, Share, Support
from sibsim.core.spec import Frozen, Name, Spec
from sibsim.core.tabulated import Gamma

COUNTS = "counts"
"""Key of a row that states observed moves; no state may bear that name."""

RATIOS: tuple[Scale, ...] = ("odds_ratio", "hazard_ratio", "risk_ratio")
"""Scales on which an effect can act on a transition."""

_POSITIVE = Support(0.0, math.inf)


class Count(Quantity):
    """A number of observed moves, uncertain as a weight of a Dirichlet posterior.

    Read from a number n above zero, plain or as `{value}` beside its provenance: Gamma with mean n
    and standard deviation sqrt(n), base value n.
    """

    @model_validator(mode="before")
    @classmethod
    def _read_as_number(cls, given: object) -> object:
        if isinstance(given, Mapping) and isinstance(given.get("distribution"), Distribution):
            return given
        fields = cls._split(given, support=_POSITIVE)
        stated = fields["distribution"]
        if not isinstance(stated, Fixed) or "base" in fields or not stated.value > 0:
            message = (
                f"got {given!r}; observed moves are one number above zero; leave out a move that "
                "was never seen, or add a prior weight such as 0.5"
            )
            raise fault(message)
        number = stated.value
        spread = Gamma(mean=number, sd=math.sqrt(number))
        return {**fields, "distribution": spread, "base": number}

    @model_serializer(mode="plain")
    def table(self) -> float | dict[str, Any]:
        """Return the form in which a case file states it: a number, or a table."""
        spread = {"base", *self.distribution.table()}
        form = super().table()
        assert isinstance(form, dict)  # noqa: S101 - it has a distribution
        rest = {key: value for key, value in form.items() if key not in spread}
        return {"value": self.base_value, **rest} if rest else self.base_value


class CountsRow(Spec):
    """The moves out of a state as they were observed."""

    counts: Annotated[Frozen[Count], MinLen(1)]
    """Number of people seen to move to each state, or to stay, above zero."""


def _read_row(given: object) -> Row:
    """Return the row that a table stands for, so that a fault names the cell and not the union."""
    by_counts = isinstance(given, CountsRow) or (isinstance(given, Mapping) and COUNTS in given)
    kind: Any = CountsRow if by_counts else Frozen[Share]
    return TypeAdapter(kind).validate_python(given)  # type: ignore[no-any-return]  # of `kind`


Row = CountsRow | Frozen[Share]
"""The moves out of one state, by the state they lead to."""

Table = Frozen[Annotated[Row, BeforeValidator(_read_row)]]
"""Rows by the state that is left; a state without a row is never left."""


class TransitionEffect(Effect):
    """An effect on the probability per step of moving from one state to another.

    With several states named it is one effect, drawn once, on every such move that happens.
    """

    way_to_zero: ClassVar[str] = "to stop a move state it as 0 in `later`"

    from_: Annotated[str | tuple[str, ...], OneOrEach(Name)] = Field(alias="from")
    """State that is left, or several."""

    to: Annotated[str | tuple[str, ...], OneOrEach(Name)]
    """State that is reached, or several."""

    @model_validator(mode="before")
    @classmethod
    def _check_scale(cls, given: object) -> object:
        scale = given.get("scale") if isinstance(given, Mapping) else None
        if scale in get_args(Scale) and scale not in RATIOS:
            message = (
                f"got scale = {scale!r}; an effect on a transition is one of {', '.join(RATIOS)}; "
                "convert it at the study's own baseline"
            )
            raise fault(message)
        return given

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        for names in (self.origins, self.targets):
            if len(set(names)) < len(names):
                message = f"got {', '.join(names)}; name each state once, or the effect acts twice"
                raise fault(message)
        return self

    @classmethod
    def _split(cls, given: object, *, support: Support) -> dict[str, Any]:
        if not isinstance(given, Mapping):
            return super()._split(given, support=support)
        ends = {key: given[key] for key in ("from", "to") if key in given}
        rest = {key: value for key, value in given.items() if key not in ends}
        return {**super()._split(rest, support=support), **ends}

    @model_serializer(mode="plain")
    def table(self) -> dict[str, Any]:
        """Return the form in which a case file states it."""
        ends = {"from": self.from_, "to": self.to}
        stated = {key: list(end) if isinstance(end, tuple) else end for key, end in ends.items()}
        return {**stated, **super().table()}

    @property
    def origins(self) -> tuple[str, ...]:
        """States that are left."""
        return (self.from_,) if isinstance(self.from_, str) else self.from_

    @property
    def targets(self) -> tuple[str, ...]:
        """States that are reached."""
        return (self.to,) if isinstance(self.to, str) else self.to


def base_shares(row: Row) -> dict[str, float]:
    """Return the stated probabilities of a row in the base case: n_j / n where they are counts."""
    if isinstance(row, CountsRow):
        total = math.fsum(count.base_value for count in row.counts.values())
        return {to: count.base_value / total for to, count in row.counts.items()}
    return {to: share.base_value for to, share in row.items()}


def completed(
    cells: Mapping[int, FloatArray], *, state: int, states: int, as_counts: bool = False
) -> tuple[FloatArray, BoolArray]:
    """Return a row with the probability of staying, and where it had to be cut.

    Parameters
    ----------
    cells
        By position of the state reached: probability or number of moves, (1 or D,).
    state
        Position of the state that is left; what `cells` says of it counts in a sum of numbers only.
    states
        Number of states, S.
    as_counts
        Whether the cells are numbers, each to be divided by their sum.

    Returns
    -------
    row
        Probabilities, (S, 1 or D); they sum to 1.
    cut
        Where the moves summed above 1 and were divided by their sum, (1 or D,).
    """
    width = max((cell.shape[-1] for cell in cells.values()), default=1)
    moves = np.zeros((states, width))
    for to, cell in cells.items():
        moves[to] = cell
    if as_counts:
        moves /= summed(moves)
    moves[state] = 0.0
    total = summed(moves)
    moves /= np.maximum(total, 1.0)
    moves[state] = np.maximum(1.0 - summed(moves), 0.0)
    return moves, total > 1.0 + SUM_TOLERANCE


def as_matrix(rows: Mapping[int, FloatArray], *, states: int) -> FloatArray:
    """Return the transition matrix [from, to], (S, S, 1 or D); a state without a row stays."""
    width = max((row.shape[-1] for row in rows.values()), default=1)
    matrix = np.repeat(np.eye(states)[..., np.newaxis], width, axis=-1)
    for state, row in rows.items():
        matrix[state] = row
    return matrix


@dataclass(frozen=True, slots=True)
class Acting:
    """An effect on one move, as it holds here."""

    origin: int
    """Position of the state that is left."""

    target: int
    """Position of the state that is reached."""

    scale: Scale
    """Scale of the effect."""

    local: FloatArray
    """The effect here, (1 or D,)."""

    course: FloatArray
    """Time profile g at each step, (N,)."""


def changed(
    matrix: FloatArray, *, effects: Sequence[Acting], at: int, effort: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the transition matrix with effects at a step, and how many rows had to be cut.

    Only rows that an effect acts on are worked out again. A row is cut where a risk ratio lifts a
    move above 1, or where its moves then sum above 1.

    Parameters
    ----------
    matrix
        Without the effects, [from, to], (S, S, 1 or D).
    effects
        Those that act.
    at
        The step, n.
    effort
        What g is multiplied by, (1 or D,).
    """
    states = len(matrix)
    rows, cuts = dict(enumerate(matrix)), []
    for origin in sorted({effect.origin for effect in effects}):
        cells = dict(enumerate(matrix[origin]))
        above = np.zeros(1, dtype=np.bool_)
        for effect in effects:
            if effect.origin == origin:
                cells[effect.target], outside = apply(
                    cells[effect.target],
                    effect.local,
                    scale=effect.scale,
                    g=effect.course[at] * effort,
                )
                above = above | (outside > 0)
        rows[origin], cut = completed(cells, state=origin, states=states)
        cuts.append((above | cut).astype(np.float64))
    return as_matrix(rows, states=states), added(cuts)


def with_effects(
    without: tuple[FloatArray, ...], *, effects: Sequence[Acting], effort: FloatArray
) -> tuple[tuple[FloatArray, ...], FloatArray]:
    """Return the transition matrices of all steps with effects, and how many rows had to be cut.

    Steps at which matrix and time profile are the same share one array; a step at which no effect
    acts keeps the array that it has without them.

    Parameters
    ----------
    without
        Matrix of each step without the effects, N times (S, S, 1 or D).
    effects
        The effects.
    effort
        What g is multiplied by, (1 or D,).
    """
    known: dict[tuple[int | float, ...], tuple[FloatArray, FloatArray]] = {}
    steps, cuts = [], []
    for n, matrix in enumerate(without):
        acting = [effect for effect in effects if effect.course[n] != 0]
        key = (id(matrix), *(float(effect.course[n]) for effect in effects))
        if key not in known:
            known[key] = (
                changed(matrix, effects=acting, at=n, effort=effort)
                if acting
                else (matrix, np.zeros(1))
            )
        steps.append(known[key][0])
        cuts.append(known[key][1])
    return tuple(steps), added(cuts)


def start_shares(shares: Mapping[int, FloatArray], *, states: int) -> FloatArray:
    """Return the share of people in each state at the start, (S, 1 or D), divided by their sum.

    Parameters
    ----------
    shares
        By position of the state, each (1 or D,).
    states
        Number of states, S.
    """
    width = max(share.shape[-1] for share in shares.values())
    start = np.zeros((states, width))
    for state, share in shares.items():
        start[state] = share
    start /= summed(start)
    return start
