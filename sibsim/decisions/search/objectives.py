"""What a contract search weighs: figures that are to be high or low, with the effect or without.

*Payment for nothing* is what is paid where nobody gets any effect: the same draws, with the same
luck, in which the effort of the intervention is zero.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, cast

from sibsim.core.arrays import FloatArray
from sibsim.core.statistics import Estimate
from sibsim.core.validation import shown
from sibsim.core.words import Words
from sibsim.decisions.conditions import Figure, figure
from sibsim.errors import ArgumentError

Best = Literal["highest", "lowest"]
"""Which way is better."""

WITHOUT_EFFECT = "without effect"
"""End of an objective that is looked at where nobody gets any effect."""

OBJECTIVES = (
    "highest mean municipality_net",
    "lowest shortfall investor_profit",
    "lowest mean payments_total without effect",
)
"""What is weighed where nothing else is said: what the municipality gains, what the investor risks,
and what is paid for nothing."""

_FORM = re.compile(rf"\s*(highest|lowest)\s+(.*?)(\s+{WITHOUT_EFFECT})?\s*")


@dataclass(frozen=True, slots=True)
class Objective:
    """A figure that is to be as high or as low as may be."""

    figure: Figure
    """What is looked at."""

    best: Best
    """Which way is better."""

    without_effect: bool = False
    """Whether it is looked at where nobody gets any effect, and not as it is expected to go."""

    def of(self, values: FloatArray) -> Estimate:
        """Return the figure with its Monte Carlo error; values (D,)."""
        return self.figure.of(values)

    def cost(self, value: float) -> float:
        """Return the value with the sign with which less is better."""
        return -value if self.best == "highest" else value

    @property
    def label(self) -> str:
        """Return what is looked at, as a column is called."""
        return f"{self.figure} {WITHOUT_EFFECT}" if self.without_effect else str(self.figure)

    def __str__(self) -> str:
        """Return the objective as it is written."""
        return f"{self.best} {self.label}"

    def words(self, *, currency: str) -> Words:
        """Return what is looked at, in Danish and English."""
        words = self.figure.words(currency=currency)
        if not self.without_effect:
            return words
        return Words(da=f"{words.da} uden nogen effekt", en=f"{words.en} without any effect")


def objective(text: str | Objective) -> Objective:
    """Return the objective that a text states.

    Parameters
    ----------
    text
        `highest FIGURE` or `lowest FIGURE`, and perhaps `without effect`, such as
        `lowest mean payments_total without effect`.

    Raises
    ------
    ArgumentError
        If the text is no objective.
    """
    if isinstance(text, Objective):
        return text
    found = _FORM.fullmatch(str(text))
    if found is None:
        message = (
            f"got {shown(text)}; an objective is 'highest' or 'lowest' and a figure, such as "
            "'highest mean municipality_net' or 'lowest mean payments_total without effect'"
        )
        raise ArgumentError(message)
    return Objective(figure(found[2]), cast("Best", found[1]), without_effect=found[3] is not None)
