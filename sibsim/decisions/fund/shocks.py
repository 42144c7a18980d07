"""Shocks that several deals share: what is uncertain in one deal moves with the same in another.

Each matched stream of the parameter layer has uniforms u of its own. With a shock they become
Phi(a Z + sqrt(1 - a^2) Phi^-1(u)), Z the standard normal that all share and
a^2 = 2 sin(pi rho / 6), so that any two matched quantities, of different deals or of one, have
Spearman's rank correlation rho (-rho where one of them moves the other way): a Gaussian copula with
one factor. For the conversion see Pearson 1907, "On further methods of determining correlation",
Drapers' Company Research Memoirs, Biometric Series 4; for the one common factor Vasicek 2002, "The
distribution of loan portfolio value", Risk 15(12). Each quantity by itself keeps its distribution.

A quantity has one shared normal for all its cohorts. A drift has one per calendar month: the step
over a period is the sum of its months' normals, each times the square root of the part of the month
that the step covers, over the root of the sum of these parts. So two drifts of which one is walked
in quarters and the other in months, or which start on different dates, share what happens in the
months that both live through. The normal of the quantities and those of the months are independent:
a shock ties quantities to quantities and drifts to drifts, not a quantity to a drift.

Assumptions: one factor per shock and no tail dependence, as of any Gaussian copula. That rank
correlations lie at 0.1 to 0.25 within one country and policy area is a starting range that we
worked out from 28 British projects, not an established value.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

import numpy as np

from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.sampling import LARGEST_UNIFORM
from sibsim.core.streams import Layer, LayerName
from sibsim.core.timeline import MONTHS_PER_YEAR
from sibsim.core.validation import shown
from sibsim.errors import ArgumentError
from sibsim.world import Layers

DRIFTS = "drifts."
"""What the path of a drift begins with."""

_WAY_OUT = 'write Shock("labour market", of=["drifts.*"], spearman=0.2)'


@dataclass(frozen=True)
class Shock:
    """One common cause on which quantities of several deals lean."""

    name: str
    """What it is called; also the name of its stream of random numbers."""

    of: Sequence[str] = field(kw_only=True)
    """Paths of quantities and drifts that move with it, or patterns such as
    `outcomes.*.counterfactual`; `*` stands for anything, dots included."""

    spearman: float = field(kw_only=True)
    """Rank correlation of any two of them, in (0, 1]."""

    against: Sequence[str] = field(default=(), kw_only=True)
    """Paths or patterns of those that move the other way."""

    def __post_init__(self) -> None:
        """Refuse what is no shock; one pattern stands for a list of one.

        Raises
        ------
        ArgumentError
            If a name, a pattern or the correlation is out of range.
        """
        for side in ("of", "against"):
            given: object = getattr(self, side)
            listed = (given,) if isinstance(given, str) else given
            if not isinstance(listed, Sequence) or not all(
                isinstance(each, str) and each for each in listed
            ):
                message = f"{side}: got {shown(given)}; it is a list of paths; {_WAY_OUT}"
                raise ArgumentError(message)
            object.__setattr__(self, side, tuple(listed))
        name: object = self.name
        if not isinstance(name, str) or not name:
            message = f"name: got {shown(name)}; a shock has a name; {_WAY_OUT}"
            raise ArgumentError(message)
        if not self.of:
            message = f"of: got nothing; the shock {self.name!r} moves something; {_WAY_OUT}"
            raise ArgumentError(message)
        rho: object = self.spearman
        if isinstance(rho, bool) or not isinstance(rho, int | float) or not 0 < rho <= 1:
            message = (
                f"spearman: got {shown(rho)}; what leans on one shock has a rank correlation "
                "above 0 and at most 1; leave the shock out for none, and name in `against` what "
                "moves the other way"
            )
            raise ArgumentError(message)

    @property
    def weight(self) -> float:
        """The weight a of the shared normal: sqrt(2 sin(pi rho / 6))."""
        return 1.0 if self.spearman == 1 else math.sqrt(2.0 * math.sin(math.pi * self.spearman / 6))

    def sign(self, path: str) -> int:
        """Return 1 where a path moves with the shock, -1 where against it, 0 where not at all.

        Raises
        ------
        ArgumentError
            If it is in both lists.
        """
        along, against = (
            any(fnmatchcase(path, pattern) for pattern in side) for side in (self.of, self.against)
        )
        if along and against:
            message = (
                f"the shock {self.name!r} moves {path} both ways; let one pattern of `of` or "
                "`against` leave it out"
            )
            raise ArgumentError(message)
        return int(along) - int(against)


@dataclass(frozen=True, slots=True)
class Lean:
    """How one stream of a deal leans on a shock."""

    shock: Shock
    """The shock."""

    weight: float
    """Weight of the shared normal, in [-1, 1]."""

    first_month: int
    """Calendar month (year x 12 + month - 1) of the first column of `months`."""

    months: FloatArray | None
    """Weights of the calendar months in each step of a drift, (rows, M); None: no drift."""


@dataclass(frozen=True, slots=True)
class Shared:
    """The shared normals of one stream on one block."""

    weight: float
    """Weight of them, in [-1, 1]."""

    normals: FloatArray
    """Standard normals, (1 or rows, BLOCK_DRAWS)."""


@dataclass(frozen=True, slots=True)
class ShockedLayer(Layer):
    """A parameter layer some of whose streams lean on shared shocks."""

    shared: Mapping[str, Shared] = field(default_factory=dict)
    """Shared normals by the name of the stream."""

    def uniforms(self, name: str, *, rows: int) -> FloatArray:
        """Return uniforms strictly inside (0, 1), shape (rows, BLOCK_DRAWS)."""
        own = Layer.uniforms(self, name, rows=rows)
        shared = self.shared.get(name)
        if shared is None:
            return own
        from scipy.special import ndtr, ndtri

        mixed = shared.weight * shared.normals + math.sqrt(1.0 - shared.weight**2) * ndtri(own)
        return np.clip(ndtr(mixed), 1.0 - LARGEST_UNIFORM, LARGEST_UNIFORM)


def months_of_steps(case: Case, *, since: float) -> tuple[int, FloatArray]:
    """Return how the steps of a drift are made of calendar months.

    Parameters
    ----------
    case
        The case.
    since
        Date of the drift's baseline in months since the start of the case.

    Returns
    -------
    first
        Calendar month (year x 12 + month - 1) of the first column.
    weights
        Shape (T + 1, M); the squares of a row sum to 1, or it is 0 where the step has no length.
    """
    timeline = case.timeline
    nodes = np.arange(timeline.periods + 1.0) * timeline.months_per_period
    edges = np.concatenate([[since], np.maximum(nodes, since)])
    first, last = min(math.floor(since), 0), math.ceil(edges[-1])
    opens = np.arange(first, last)
    part = np.minimum(edges[1:, np.newaxis], opens + 1.0) - np.maximum(
        edges[:-1, np.newaxis], opens
    )
    part = np.maximum(part, 0.0)
    covered = part.sum(axis=1, keepdims=True)
    weights = np.sqrt(part / np.where(covered > 0, covered, 1.0))
    start = timeline.start.year * MONTHS_PER_YEAR + timeline.start.month - 1
    return start + first, weights


def lean_of(case: Case, path: str, *, shock: Shock, sign: int) -> Lean:
    """Return how a quantity or a drift of a case leans on a shock.

    Parameters
    ----------
    case
        The case.
    path
        Path of the quantity, or `drifts.<name>`.
    shock
        The shock.
    sign
        1 where it moves with the shock, -1 where against it.
    """
    first, months = 0, None
    if path.startswith(DRIFTS):
        since = case.timeline.months_at(case.drifts[path.removeprefix(DRIFTS)].since)
        first, months = months_of_steps(case, since=since)
    return Lean(shock, sign * shock.weight, first, months)


def layers_of(seed: int, *, block: int, shared: Mapping[str, Shared]) -> Layers:
    """Return the layers of a deal on a block; those of a run of its seed where nothing is shared.

    Parameters
    ----------
    seed
        Seed of the deal.
    block
        Index of the block.
    shared
        Shared normals by the name of the stream.
    """
    parameters, chance, measurement = LayerName
    return Layers(
        ShockedLayer(parameters, seed=seed, block=block, shared=shared),
        Layer(chance, seed=seed, block=block),
        Layer(measurement, seed=seed, block=block),
    )


class SharedNormals:
    """The normals that the deals share on one block, each drawn once."""

    def __init__(self, *, seed: int, block: int) -> None:
        """Begin a block.

        Parameters
        ----------
        seed
            Seed of the run.
        block
            Index of the block.
        """
        self._layer = Layer(LayerName.PARAMETERS, seed=seed, block=block)
        self._known: dict[str, FloatArray] = {}

    def of(self, streams: Mapping[str, Lean]) -> dict[str, Shared]:
        """Return the shared normals of the streams of a deal.

        Parameters
        ----------
        streams
            How each stream leans, by its name.
        """
        return {name: Shared(lean.weight, self._of(lean)) for name, lean in streams.items()}

    def _of(self, lean: Lean) -> FloatArray:
        stream = f"shocks/{lean.shock.name}"
        if lean.months is None:
            return self._drawn(stream)
        months = range(lean.first_month, lean.first_month + lean.months.shape[1])
        monthly = np.concatenate([self._drawn(f"{stream}/{_label(month)}") for month in months])
        steps: FloatArray = lean.months @ monthly
        return steps

    def _drawn(self, stream: str) -> FloatArray:
        if stream not in self._known:
            from scipy.special import ndtri

            self._known[stream] = ndtri(self._layer.uniforms(stream, rows=1))
        return self._known[stream]


def _label(month: int) -> str:
    year, index = divmod(month, MONTHS_PER_YEAR)
    return f"{year}-{index + 1:02d}"
