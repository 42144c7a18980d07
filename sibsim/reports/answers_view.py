"""A run with its ledger, as sentences to its parties read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sibsim.budget.ledger import realised_net
from sibsim.core.amounts import rounded
from sibsim.core.arrays import FloatArray, added
from sibsim.core.postings import Posting, PostingKind
from sibsim.core.words import Words
from sibsim.results import Results

NINE_TENTHS = (0.05, 0.95)
"""Ends of the range that nine cases in ten lie in."""


@dataclass(frozen=True, slots=True)
class View:
    """A run with its ledger."""

    results: Results
    """The run."""

    postings: tuple[Posting, ...]
    """The ledger."""

    @property
    def authority(self) -> str:
        """Ledger party of the outcome payer's side."""
        problem = self.results.case.problem
        assert problem is not None  # noqa: S101 - a case that was run has one
        return problem.authority

    @property
    def is_run(self) -> bool:
        """Whether there are chances to speak of."""
        return self.results.kind == "run"

    @property
    def on_average(self) -> Words:
        """Say that an amount is a mean, where there is anything to take one of."""
        return Words(da=" i gennemsnit", en=" on average") if self.is_run else Words(da="", en="")

    def money(self, amount: float) -> Words:
        """Return an amount in words."""
        return rounded(amount, currency=self.results.case.head.currency)

    def total(
        self, wanted: Callable[[Posting], bool], *, kind: PostingKind = "transfer"
    ) -> FloatArray:
        """Return the sum over periods of the postings that are wanted, (D,).

        Parameters
        ----------
        wanted
            Which postings.
        kind
            Transfers, or another kind.
        """
        found = (each for each in self.postings if each.kind == kind and wanted(each))
        amounts = (np.add.reduce(each.amount, axis=0) for each in found)
        return added(amounts, shape=(self.results.draws,))

    def net(self, party: str, *, section: str = "") -> FloatArray:
        """Return what a party gains, savings that no budget can take out left out, (T, D).

        Parameters
        ----------
        party
            The party.
        section
            Beginning of the lines that are looked at; empty: of all.
        """
        periods = self.results.case.timeline.periods
        postings = [each for each in self.postings if each.line.startswith(section)]
        return np.broadcast_to(
            realised_net(postings, party, periods=periods), (periods, self.results.draws)
        )

    def spread(self, values: FloatArray) -> Words:
        """Return an amount: in a run its mean and the range of nine cases in ten."""
        mean = self.money(float(values.mean()))
        if not self.is_run:
            return mean
        low, high = (self.money(float(each)) for each in np.quantile(values, NINE_TENTHS))
        if low == high:
            return mean
        return Words(
            da=f"i gennemsnit {mean.da} (90 %: {low.da} til {high.da})",
            en=f"{mean.en} on average (90 %: {low.en} to {high.en})",
        )
