"""The capital of a contract as it is agreed: tranches, their claims in order, guarantees, surplus.

Models section 7 of the mathematical description. A claim is `tranche.principal` (what was drawn
and is not repaid), `tranche.coupon` or `tranche.return` (what has accrued on it), or `tranche.fee`
(a fee earned by delivery and deferred); the waterfall is the ordered list of claims, and claims of
one level share pro rata to what they claim.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from sibsim.capital.checks import COSTS, faults_of, split
from sibsim.capital.guarantee import Guarantee
from sibsim.capital.tranche import Text, Tranche
from sibsim.core.spec import Flag, Frozen, Probability, Spec
from sibsim.core.wording import KRONER, Language
from sibsim.core.words import Words

SurplusAt = Literal["last_payment", "as_it_arises"]
"""When what no claim takes is released."""

SURPLUS_AT: SurplusAt = "last_payment"
"""Default date of the surplus: held until then, it repays later drawings first, so that a better
effect never leaves a later drawing unpaid."""

Levels = tuple[tuple[str, ...], ...]
"""Names in order of rank; those within one inner tuple rank equally."""


class Capital(Spec):
    """Who finances the costs, and who is repaid in which order."""

    recycle: Flag
    """Whether payments that are held pay later costs before capital is drawn for them; `order`
    then says with `costs` what ranks before the costs still to come."""

    order: tuple[str | tuple[str, ...], ...]
    """The claims on every payment, first to last: `tranche.principal`, `tranche.coupon`,
    `tranche.return`, `tranche.fee`, and `costs` with recycling; a nested list ranks equally."""

    surplus: Text | Frozen[Annotated[Probability, Field(gt=0)]]
    """Ledger party that receives what no claim takes, or the share of each of several; shares sum
    to 1."""

    surplus_at: SurplusAt = SURPLUS_AT
    """When the surplus is released: at the end of the period of the last payment, until when it
    repays later drawings; or as it arises."""

    draw_order: tuple[str | tuple[str, ...], ...] | None = None
    """The tranches in the order in which they are drawn, a nested list pro rata to commitments;
    by default all pro rata. Deferred fees are not drawn."""

    tranches: Annotated[Frozen[Tranche], Field(min_length=1)]
    """Tranches by name."""

    guarantees: Frozen[Guarantee] = Frozen()
    """Guarantees by name, in the order in which they pay."""

    note: str | None = None
    """Reasoning."""

    @property
    def levels(self) -> Levels:
        """The waterfall as levels of claims."""
        return _levels(self.order)

    @property
    def draw_levels(self) -> Levels:
        """The tranches as levels of drawing."""
        if self.draw_order is None:
            return (tuple(name for name, each in self.tranches.items() if each.is_drawn),)
        return _levels(self.draw_order)

    @property
    def committed(self) -> float:
        """The most that can be drawn from all tranches together, money."""
        return sum(each.commitment.base_value for each in self.tranches.values() if each.is_drawn)

    @property
    def investments(self) -> tuple[str, ...]:
        """The tranches that put money in and claim it back."""
        return tuple(name for name, each in self.tranches.items() if each.is_investment)

    @property
    def surplus_shares(self) -> dict[str, float]:
        """Share of the surplus of each party that receives some."""
        return {self.surplus: 1.0} if isinstance(self.surplus, str) else dict(self.surplus)

    def investor(self, tranche: str) -> str:
        """Return the ledger party behind a tranche."""
        return self.tranches[tranche].investor or tranche

    def is_unlimited(self, claim: str) -> bool:
        """Return whether a claim is a return without a cap, which takes all that reaches it."""
        name, part = split(claim)
        return part == "return" and self.tranches[name].return_cap is None

    def money_of(self, level: tuple[str, ...]) -> frozenset[frozenset[str]]:
        """Return the sets of payment lines that pay the claims of a level; empty is the rest."""
        return frozenset(
            frozenset() if claim == COSTS else frozenset(self.tranches[split(claim)[0]].paid_from)
            for claim in level
        )

    def describe(
        self,
        lang: Language,
        *,
        currency: str = KRONER,
        parties: Mapping[str, Words | str] | None = None,
    ) -> tuple[str, ...]:
        """Return the capital as sentences: what is drawn, then the waterfall in order.

        Parameters
        ----------
        lang
            `da` or `en`.
        currency
            ISO 4217 code of the case's currency.
        parties
            What ledger parties are called; by default as in the ledger.
        """
        from sibsim.capital.sentences import sentences

        found = sentences(self, currency=currency, parties=parties or {})
        return tuple(each.say(lang) for each in found)

    @model_validator(mode="after")
    def _check(self) -> Self:
        details: list[InitErrorDetails] = [
            {
                "type": PydanticCustomError("capital", "{text}", {"text": text}),
                "loc": loc,
                "input": self,
            }
            for loc, text in faults_of(self)
        ]
        if details:
            raise ValidationError.from_exception_data(type(self).__name__, details)
        return self


def _levels(order: tuple[str | tuple[str, ...], ...]) -> Levels:
    return tuple((level,) if isinstance(level, str) else level for level in order)
