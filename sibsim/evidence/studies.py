"""What several studies found about one effect, on one scale.

Estimates and their variances are kept on the *additive scale* of the effect, where they are close
to normal: the natural logarithm of a ratio, a difference as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.special import ndtri

from sibsim.core.arrays import FloatArray
from sibsim.core.standard_errors import LEVEL

if TYPE_CHECKING:
    import pandas as pd

StudyScale = Literal[
    "risk_difference",
    "risk_ratio",
    "odds_ratio",
    "hazard_ratio",
    "rate_ratio",
    "mean_difference",
    "standardised_difference",
]
"""The scale that studies are compared on."""

RATIOS = frozenset({"risk_ratio", "odds_ratio", "hazard_ratio", "rate_ratio"})
"""Scales whose additive scale is the natural logarithm, and on which 1 is no effect."""


@dataclass(frozen=True, slots=True)
class Counts:
    """People and events in the two groups of each study, (k,) each."""

    events: FloatArray
    """People with the outcome among those treated."""

    people: FloatArray
    """People treated, above zero."""

    comparison_events: FloatArray
    """People with the outcome in the comparison group."""

    comparison_people: FloatArray
    """People in the comparison group, above zero."""


@dataclass(frozen=True, eq=False, repr=False)
class Studies:
    """What k studies found about one effect, on one scale."""

    scale: StudyScale
    """Scale of the effect."""

    names: tuple[str, ...]
    """Name of each study, k of them, each once."""

    estimate: FloatArray
    """Estimates on the additive scale, (k,): the natural logarithm of a ratio."""

    variance: FloatArray
    """Variances of the estimates on that scale, (k,), above zero."""

    counts: Counts | None = None
    """People and events of each study; None where studies give estimates only."""

    moderators: Mapping[str, tuple[float | str, ...]] = field(default_factory=dict)
    """What else is known of each study, by name, k values each: numbers such as `latitude`, or
    words such as `design`."""

    outcome: str | None = None
    """What they all measure, such as `in work`; None where it is not stated."""

    sources: Mapping[str, Mapping[str, str | int]] = field(default_factory=dict)
    """Where each was read: name of the source to its `title`, `url` and `year`."""

    notes: tuple[str, ...] = ()
    """What was corrected, left out or is unusual, in words."""

    def __repr__(self) -> str:
        """Return it in short: `<14 studies, odds ratio, in work>`."""
        noun = "study" if self.number == 1 else "studies"
        parts = (f"{self.number} {noun}", self.scale.replace("_", " "), self.outcome)
        return f"<{', '.join(each for each in parts if each)}>"

    @property
    def number(self) -> int:
        """Number of studies, k."""
        return len(self.names)

    @property
    def is_ratio(self) -> bool:
        """Whether the additive scale is the natural logarithm."""
        return self.scale in RATIOS

    def shown(self, additive: FloatArray | float) -> FloatArray:
        """Return values of the additive scale as readers know them: exp of a logarithm, same shape.

        Parameters
        ----------
        additive
            Values on the additive scale, any shape.
        """
        values = np.asarray(additive, dtype=np.float64)
        return np.exp(values) if self.is_ratio else values

    def table(self) -> pd.DataFrame:
        """Return what each study found, one row each, ratios as ratios.

        Returns
        -------
        DataFrame
            By study: `estimate`, `low` and `high` of its normal 95 % interval, `standard_error` on
            the additive scale, counts where all have them, and every moderator.
        """
        import pandas as pd

        error = np.sqrt(self.variance)
        reach = float(ndtri((1.0 + LEVEL) / 2.0)) * error
        counts = {} if self.counts is None else asdict(self.counts)
        columns = {
            "estimate": self.shown(self.estimate),
            "low": self.shown(self.estimate - reach),
            "high": self.shown(self.estimate + reach),
            "standard_error": error,
            **counts,
        }
        index = pd.Index(self.names, name="study")
        return pd.DataFrame({**columns, **self.moderators}, index=index)
