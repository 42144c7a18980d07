"""The chains of a multi-state outcome: from its tables of transitions and the values of a draw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sibsim.core.arrays import BoolArray, FloatArray, added
from sibsim.core.effects import localise
from sibsim.core.parameters import Quantity
from sibsim.core.spec import Frozen
from sibsim.core.stages import Context
from sibsim.outcomes.chain import Chain
from sibsim.outcomes.transitions import (
    COUNTS,
    Acting,
    CountsRow,
    Row,
    Table,
    TransitionEffect,
    as_matrix,
    base_shares,
    completed,
    start_shares,
    with_effects,
)

if TYPE_CHECKING:
    from sibsim.outcomes.states import MultiState


@dataclass(frozen=True, slots=True)
class Stated:
    """A row, and the path below which its values are found; None: figures of a shipped set."""

    row: Row
    """The row."""

    path: tuple[str, ...] | None = None
    """Path below the outcome."""

    def completed(
        self, context: Context, *, state: str, names: tuple[str, ...], cohort: int
    ) -> tuple[FloatArray, BoolArray]:
        """Return the row of a cohort, (S, 1 or D), and where it had to be cut, (1 or D,)."""
        by_counts = isinstance(self.row, CountsRow)
        cells = {}
        for to, share in base_shares(self.row).items():
            value = np.array([share])
            if self.path is not None:
                steps = (*self.path, COUNTS, to) if by_counts else (*self.path, to)
                value = _of_cohort(context.value(".".join(steps)), cohort=cohort)
            cells[names.index(to)] = value
        return completed(cells, state=names.index(state), states=len(names), as_counts=by_counts)


def tables_of(model: MultiState) -> tuple[tuple[float, Mapping[str, Stated]], ...]:
    """Return from which month on which rows hold without the intervention, by rising time."""
    shipped = {} if model.shipped is None else model.shipped.transitions
    rows = {
        state: Stated(Frozen({to: Quantity.fixed(share) for to, share in moves.items()}))
        for state, moves in shipped.items()
    }
    own: list[tuple[float, tuple[str, ...], Table]] = [(0.0, ("transitions",), model.transitions)]
    for k, later in enumerate(model.later):
        own.append((later.from_month, ("later", str(k), "transitions"), later.transitions))
    found = []
    for month, place, table in own:
        rows = rows | {state: Stated(row, (*place, state)) for state, row in table.items()}
        found.append((month, rows))
    return tuple(found)


def moves_of(model: MultiState, effect: TransitionEffect) -> tuple[tuple[str, str], ...]:
    """Return the moves that an effect acts on: named in it, and happening in some table."""
    tables = [
        {state: base_shares(stated.row) for state, stated in rows.items()}
        for _, rows in tables_of(model)
    ]
    return tuple(
        (origin, target)
        for origin in effect.origins
        for target in effect.targets
        if origin != target and any(table.get(origin, {}).get(target, 0.0) > 0 for table in tables)
    )


def course_of(model: MultiState, effect: TransitionEffect) -> FloatArray:
    """Return the time profile g of an effect at the middle of each step, (N,).

    Raises
    ------
    ArgumentError
        If the profile is zero where the effect was measured.
    """
    if model.profile is None:
        return np.ones(model.steps)
    return model.profile.at(_middles(model), measured_at=effect.measured_at_months)


def chains_of(
    model: MultiState, *, cohort: int, context: Context
) -> tuple[Chain, Chain, FloatArray]:
    """Return how people of a cohort move with and without, and how many rows had to be cut.

    Parameters
    ----------
    model
        The outcome.
    cohort
        Position of the cohort.
    context
        At the path of the outcome.
    """
    shares = {
        model.names.index(name): _of_cohort(context.value(f"start_in.{name}"), cohort=cohort)
        for name in model.start_in
    }
    start = start_shares(shares, states=len(model.names))
    without, cut = _without(model, cohort=cohort, context=context)
    with_it, cut_again = with_effects(
        without,
        effects=tuple(_acting(model, cohort=cohort, context=context)),
        effort=_of_cohort(context.effort, cohort=cohort),
    )
    untreated = Chain(start=start, transitions=without)
    alike = all(each is other for each, other in zip(with_it, without, strict=True))
    treated = untreated if alike else Chain(start=start, transitions=with_it)
    return treated, untreated, added((cut, cut_again))


def _without(
    model: MultiState, *, cohort: int, context: Context
) -> tuple[tuple[FloatArray, ...], FloatArray]:
    """Return the matrix of each step without effects, and how many rows had to be cut."""
    names, tables = model.names, tables_of(model)
    matrices = []
    for _, rows in tables:
        found = {
            names.index(state): stated.completed(context, state=state, names=names, cohort=cohort)
            for state, stated in rows.items()
        }
        matrix = as_matrix({i: row for i, (row, _) in found.items()}, states=len(names))
        cut = added(where.astype(np.float64) for _, where in found.values())
        matrices.append((matrix, cut))
    begins = np.array([month for month, _ in tables])
    used = [matrices[k] for k in np.searchsorted(begins, _middles(model), side="right") - 1]
    return tuple(matrix for matrix, _ in used), added(cut for _, cut in used)


def _acting(model: MultiState, *, cohort: int, context: Context) -> Iterator[Acting]:
    """Yield every effect as it holds here, on each move that it acts on."""
    for k, effect in enumerate(model.effects):
        found = _of_cohort(context.value(f"effects.{k}"), cohort=cohort)
        course = course_of(model, effect)
        for origin, target in moves_of(model, effect):
            left, to = model.names.index(origin), model.names.index(target)
            local = found
            if model.transport is not None:
                here = context.at("transport")
                tau, omega, noise = (
                    _of_cohort(here.value(name), cohort=cohort)
                    for name in ("tau", "omega", "noise")
                )
                sign = 1.0 if to > left else -1.0
                local = localise(found, scale=effect.scale, tau=tau, noise=sign * omega * noise)
            yield Acting(left, to, effect.scale, local, course)


def _middles(model: MultiState) -> FloatArray:
    """Return the middle of each step in months from the start of service, (N,)."""
    return np.asarray((np.arange(model.steps) + 0.5) * model.step_months, dtype=np.float64)


def _of_cohort(value: FloatArray, *, cohort: int) -> FloatArray:
    """Return the values of a cohort, (1 or D,), from those of all, (1 or C, 1 or D)."""
    row: FloatArray = value[min(cohort, len(value) - 1)]
    return row
