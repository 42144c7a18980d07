"""What every outcome states: its meaning, whom it counts, when it is looked at."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, model_validator

from sibsim.core.arrays import FloatArray
from sibsim.core.distributions import fault
from sibsim.core.spec import Name, Probability, Spec
from sibsim.core.stages import Among, Context, OutcomePath, Participation
from sibsim.core.words import Words

LIKELY_HARM = 0.05
"""Above this probability of a negative effect a case must say `may_be_negative = true`: one in
twenty, the usual size of a test."""

Drift = Callable[[FloatArray], FloatArray]
"""D(t): what to add to the counterfactual probability at dates (C, K, 1 or D); same shape."""

FollowUp = Annotated[int, Field(strict=True, gt=0)]
"""A follow-up in whole months from the start of service, above zero."""


class Goal(Spec):
    """A result goal: a share of those who count that has achieved the outcome at a follow-up."""

    at_months: FollowUp
    """Follow-up, in months from the start of service; one of the outcome's."""

    share: Probability
    """Share of those who count, in [0, 1]."""


class OutcomeModel(Spec, ABC):
    """What happens to the people in a programme, without and with it."""

    title: Words | None = None
    """Name of the outcome for readers."""

    definition: Words | None = None
    """What counts as having achieved it, and by which register or instrument it is seen."""

    model: str
    """Name of the outcome model."""

    among: Among
    """Whom it counts: those `referred`, `started` or `completed`."""

    follow_up_months: Annotated[tuple[FollowUp, ...], Field(min_length=1)]
    """Follow-ups in months from the start of service, rising."""

    drift: Name | None = None
    """Name of the drift of the counterfactual, shared with other outcomes that name it."""

    goal: Goal | None = None
    """Result goal."""

    note: str | None = None
    """Anything a reader must know."""

    @model_validator(mode="after")
    def _check_follow_ups(self) -> Self:
        months = self.follow_up_months
        if any(later <= earlier for earlier, later in pairwise(months)):
            message = f"got follow_up_months {list(months)}; list each once, in rising order"
            raise fault(message)
        if self.goal and self.goal.at_months not in months:
            message = (
                f"got a goal at {self.goal.at_months} months; the outcome is looked at after "
                f"{', '.join(map(str, months))} months; use one of these"
            )
            raise fault(message)
        return self

    @abstractmethod
    def realise(
        self, participation: Participation, *, context: Context, drift: Drift | None = None
    ) -> OutcomePath:
        """Return what is achieved.

        Parameters
        ----------
        participation
            Who comes and stays.
        context
            At the path of the outcome.
        drift
            How what happens anyway has moved since the case's start; None: not at all.
        """

    def remarks(self, *, context: Context) -> tuple[str, ...]:
        """Return what a careful reader should know or would ask about.

        Parameters
        ----------
        context
            At the path of the outcome, every quantity at its base value.
        """
        del context
        return ()
