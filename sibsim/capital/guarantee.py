"""Guarantees: what part of a tranche's loss of principal somebody else bears, and for which fee.

With L the principal not repaid at the last payment, a guarantee pays
min(amount, share x (min(L, to) - from)+), nothing below its trigger, and at most what the
guarantees listed before it leave. The fee is rate x (the most it could pay) x years.

Real guarantees: an amount that stayed the same although less was drawn, Bloomberg Philanthropies
for the jail contract of New York (7.2 m of 9.6 m committed, https://www.nyc.gov/html/om/html/2012b/pr285-12.html,
2012; 6.0 m paid on 7.2 m drawn, The Bond Buyer,
http://mdrc.org./news/mdrc-news/no-success-failure-ny-sees-social-impact-bond-pluses, 2015).

Assumption: the fee runs from the start of the case to the period of the last payment.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Self

import numpy as np
from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from sibsim.capital.tranche import NonNegativeRate, Text, Tranche
from sibsim.core.arrays import FloatArray
from sibsim.core.parameters import Amount, Quantity
from sibsim.core.spec import Money, Probability, Spec

GuaranteeBase = Literal["drawn", "committed"]
"""What the amount of a guarantee stands for: the capital drawn, or the whole commitment."""

GUARANTEE_OF: GuaranteeBase = "committed"
"""Default base of a guarantee: at launch a guarantee is announced as an amount of the commitment,
as Bloomberg's 7.2 m of 9.6 m was in New York in 2012."""

EDGE_TOLERANCE = 1e-9
"""A trigger is met by a loss that misses it by this share of it: rounding of sums."""


class LossLayer(Spec):
    """The part of a loss that is covered."""

    from_: Money = Field(alias="from")
    """Loss of principal above which the layer begins, money."""

    to: Money
    """Loss of principal at which the layer ends, money."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.to <= self.from_:
            kind = "layer"
            message = "got to {to} with from {start}; a layer ends above its beginning; raise to"
            context = {"to": f"{self.to:,.0f}", "start": f"{self.from_:,.0f}"}
            raise PydanticCustomError(kind, message, context)
        return self


class GuaranteeFee(Spec):
    """What is paid for a guarantee."""

    rate: NonNegativeRate
    """Rate a year on the most that the guarantee could pay, in [0, 1]."""

    payer: Text
    """Ledger party that pays the fee to the guarantor."""


class Guarantee(Spec):
    """A promise to bear part of one tranche's loss of principal.

    It pays min(amount, share x loss) at the last payment, at most what is still lost after the
    guarantees listed before it.
    """

    guarantor: Text
    """Ledger party that pays."""

    tranche: str
    """Tranche that is covered."""

    share: Probability | None = None
    """Share of the loss of principal that is covered, in [0, 1]; by default all of it."""

    amount: Amount | None = None
    """Most that is paid, money; a fixed number. By default only the share and the layer limit."""

    of: GuaranteeBase = GUARANTEE_OF
    """`committed`: the amount holds however much is drawn; `drawn`: it is reduced to the share of
    the commitment that is drawn."""

    layer: LossLayer | None = None
    """Part of the loss that is covered; by default from the first krone to the last."""

    trigger: Probability | None = None
    """Share of the principal drawn that has to be lost before anything is paid, in [0, 1]; that
    share itself is enough. By default any loss."""

    fee: GuaranteeFee | None = None
    """What the guarantor is paid; by default nothing."""

    note: str | None = None
    """Reasoning."""

    @field_validator("amount")
    @classmethod
    def _check_fixed(cls, amount: Quantity | None) -> Quantity | None:
        if amount is not None and not amount.is_fixed:
            kind = "guarantee"
            message = "got a distribution; a guarantee is an agreed, fixed number"
            raise PydanticCustomError(kind, message)
        return amount

    @model_validator(mode="after")
    def _check_limits(self) -> Self:
        kind = "guarantee"
        if self.share is None and self.amount is None and self.layer is None:
            message = "has neither share, amount nor layer; say what is covered; add one of them"
            raise PydanticCustomError(kind, message)
        if self.fee and self.fee.payer == self.guarantor:
            message = "got {payer} as guarantor and as payer of the fee; nobody pays itself"
            raise PydanticCustomError(kind, message, {"payer": repr(self.guarantor)})
        return self

    def covers(self, loss: FloatArray, *, drawn: FloatArray) -> FloatArray:
        """Return what is paid for a loss of principal, before trigger and other guarantees.

        Parameters
        ----------
        loss
            Principal lost, any shape.
        drawn
            Share of the commitment that is drawn, at most 1; shapes broadcast.
        """
        paid = loss
        if self.layer is not None:
            paid = np.clip(paid, self.layer.from_, self.layer.to) - self.layer.from_
        if self.share is not None:
            paid = self.share * paid
        if self.amount is not None:
            most: FloatArray | float = self.amount.base_value
            paid = np.minimum(most * drawn if self.of == "drawn" else most, paid)
        return paid


def call_guarantees(
    guarantees: Mapping[str, Guarantee],
    *,
    tranches: Mapping[str, Tranche],
    put_in: Mapping[str, FloatArray],
    lost: Mapping[str, FloatArray],
    periods: int,
    last: int,
) -> dict[str, FloatArray]:
    """Return what every guarantee pays, at most what the guarantees before it leave.

    Parameters
    ----------
    guarantees
        Guarantees by name, in the order in which they pay.
    tranches
        Tranches by name.
    put_in
        Drawn from each tranche up to the last payment, (1 or D,).
    lost
        Principal of each tranche not repaid then, (1 or D,).
    periods
        Number of periods (T).
    last
        Period of the last payment, in which every guarantee pays.

    Returns
    -------
    dict
        By guarantee, (T, 1 or D).
    """
    uncovered = dict(lost)
    paid = {}
    for name, guarantee in guarantees.items():
        tranche = guarantee.tranche
        loss, drawn = lost[tranche], _once(put_in[tranche], tranche=tranches[tranche])
        amount = guarantee.covers(loss, drawn=_share_drawn(drawn, tranche=tranches[tranche]))
        if guarantee.trigger is not None:
            enough = loss >= guarantee.trigger * drawn * (1.0 - EDGE_TOLERANCE)
            amount = np.where(enough, amount, 0.0)
        amount = np.minimum(amount, uncovered[tranche])
        uncovered[tranche] = uncovered[tranche] - amount
        paid[name] = np.zeros((periods, *loss.shape))
        paid[name][last] = amount
    return paid


def guarantee_fees(
    guarantees: Mapping[str, Guarantee],
    *,
    tranches: Mapping[str, Tranche],
    drawn: Mapping[str, FloatArray],
    last: int,
    periods_per_year: int,
) -> dict[str, FloatArray]:
    """Return the fee of every guarantee that has one, at the end of each period, (T, 1 or D).

    Parameters
    ----------
    guarantees
        Guarantees by name.
    tranches
        Tranches by name.
    drawn
        Drawn from each tranche at the start of each period, (T, 1 or D).
    last
        Period of the last payment, the last one with a fee.
    periods_per_year
        Periods in one year.
    """
    fees = {}
    for name, guarantee in guarantees.items():
        if guarantee.fee is None:
            continue
        tranche = tranches[guarantee.tranche]
        at_risk = _once(np.cumsum(drawn[guarantee.tranche], axis=0), tranche=tranche)
        share = _share_drawn(at_risk, tranche=tranche)
        if guarantee.of == "committed":
            at_risk = np.full_like(at_risk, tranche.commitment.base_value)
        fee = guarantee.covers(at_risk, drawn=share) * (guarantee.fee.rate / periods_per_year)
        fee[last + 1 :] = 0.0
        fees[name] = fee
    return fees


def _once(drawn: FloatArray, *, tranche: Tranche) -> FloatArray:
    """Return what has been drawn, at most the commitment where it can be drawn again."""
    return np.minimum(drawn, tranche.commitment.base_value) if tranche.revolving else drawn


def _share_drawn(drawn: FloatArray, *, tranche: Tranche) -> FloatArray:
    """Return the share of the commitment that is drawn, and zero where there is none."""
    commitment = tranche.commitment.base_value
    return drawn / commitment if commitment else np.zeros_like(drawn)
