"""What a run found: labelled arrays and everything that is needed to run it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.facts import Facts
from sibsim.core.postings import Posting
from sibsim.core.sampling import Method as Sampling
from sibsim.core.spec import nearest
from sibsim.core.stages import World
from sibsim.errors import ArgumentError, UnknownNameError

if TYPE_CHECKING:
    import xarray as xr

Kind = Literal["run", "base case", "settled"]
"""Simulated; the deterministic twin; or the contract settled on what was really reported."""


@dataclass(frozen=True)
class Run:
    """One number per metric and draw, with everything needed to run it again."""

    kind: Kind
    """A simulated run, the base case, or the contract settled on real reports."""

    case: Case
    """The case that was run."""

    draws: int
    """Number of draws (D)."""

    seed: int | None
    """Seed of the run; None where there is no chance."""

    sampling: Sampling
    """How the parameters were drawn."""

    metrics: Mapping[str, FloatArray]
    """One number per draw, (D,) each; probabilities are indicators."""

    postings: Sequence[Posting] | None
    """The ledger, amounts (T, D); None unless flows were kept."""

    worlds: tuple[World, ...] | None
    """What chance decided, block by block; None unless kept."""

    facts: Facts | None = None
    """What had really happened before the run; None: nothing yet."""

    @property
    def is_base_case(self) -> bool:
        """Whether this is the deterministic twin."""
        return self.kind == "base case"

    @property
    def in_nets(self) -> bool:
        """Whether the draws come in independently randomised nets."""
        return self.sampling != "random"

    def metric(self, name: str) -> FloatArray:
        """Return one metric, shape (D,); an unknown name is an error that names the nearest."""
        if name not in self.metrics:
            message = (
                f"there is no metric {name!r}{nearest(name, self.metrics)}; results.metrics has "
                "them all"
            )
            raise UnknownNameError(message)
        return self.metrics[name]

    def to_xarray(self) -> xr.Dataset:
        """Return the metrics as an xarray Dataset over the dimension `draw` (needs xarray)."""
        try:
            import xarray as xr
        except ModuleNotFoundError:
            message = "to_xarray needs the package xarray; install it with: pip install xarray"
            raise ArgumentError(message) from None
        return xr.Dataset({name: ("draw", values) for name, values in self.metrics.items()})
