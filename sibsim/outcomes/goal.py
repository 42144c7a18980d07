"""A result goal: how much those who count are to achieve together at a follow-up."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from sibsim.core.distributions import fault
from sibsim.core.spec import Number, Probability, Spec

FollowUp = Annotated[int, Field(strict=True, gt=0)]
"""A follow-up in whole months from the start of service, above zero."""


class Goal(Spec):
    """A result goal: what those who count have achieved at a follow-up, together."""

    at_months: FollowUp
    """Follow-up, in months from the start of service; one of the outcome's."""

    share: Probability | None = None
    """Share of those who count that achieves an outcome of yes or no, in [0, 1]."""

    mean_at_least: Number | None = None
    """Lowest mean result of a person, where a result is a number of events, days or points."""

    mean_at_most: Number | None = None
    """Highest mean result of a person, where less is better."""

    @model_validator(mode="after")
    def _check_one(self) -> Self:
        names = ("share", "mean_at_least", "mean_at_most")
        given = [name for name in names if getattr(self, name) is not None]
        if len(given) != 1:
            got = " and ".join(given) or "none of them"
            message = f"got {got}; state exactly one of {', '.join(names)}"
            raise fault(message)
        return self

    def __str__(self) -> str:
        """Return the level that is asked for: `50%`, `>= 5`, `<= 6`."""
        if self.share is not None:
            return f"{self.share:.0%}"
        if self.mean_at_least is not None:
            return f">= {self.mean_at_least:g}"
        return f"<= {self.mean_at_most:g}"
