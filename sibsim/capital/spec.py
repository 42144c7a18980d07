"""The capital of a contract as it is agreed: tranches, their claims in order, guarantees, surplus.

Models section 7 of the mathematical description. A claim is `tranche.principal` (what was drawn
and is not repaid) or `tranche.return` (what has accrued on it); the waterfall is the ordered list
of claims, and claims of one level share pro rata to what they claim.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from sibsim.core.parameters import Amount, Provenance, Quantity
from sibsim.core.spec import Flag, Frozen, Probability, Rate, Spec, nearest

COSTS = "costs"
"""The level of the waterfall that sets money aside for the costs still to come."""

Drawdown = Literal["as_needed", "up_front"]
"""Whether capital is drawn when a cost falls due, or all at the start of the case."""

DRAWDOWN: Drawdown = "as_needed"
"""Default drawdown: capital is called against need and the unspent part is never called."""

GuaranteeBase = Literal["drawn", "committed"]
"""What the amount of a guarantee stands for: the capital drawn, or the whole commitment."""

GUARANTEE_OF: GuaranteeBase = "committed"
"""Default base of a guarantee: at launch a guarantee is announced as an amount of the commitment,
as Bloomberg's 7.2 m of 9.6 m was in New York in 2012."""

SurplusAt = Literal["last_payment", "as_it_arises"]
"""When what no claim takes is released."""

SURPLUS_AT: SurplusAt = "last_payment"
"""Default date of the surplus: held until then, it repays later drawings first, so that a better
effect never leaves a later drawing unpaid."""

PARTS = ("principal", "return")
"""What a tranche may claim: the money it put in, or the return on it."""

Text = Annotated[str, Field(min_length=1)]
"""A text of at least one character."""

Levels = tuple[tuple[str, ...], ...]
"""Names in order of rank; those within one inner tuple rank equally."""


class ReturnCap(Provenance):
    """The most a tranche may earn."""

    basis: Literal["irr", "simple"]
    """`irr`: the unpaid return itself earns the rate, so that a tranche paid to its cap has that
    internal rate of return; `simple`: rate x outstanding principal x years, not compounding."""

    rate: Annotated[Rate, Field(ge=0)]
    """Rate a year, in [0, 1]."""


class Tranche(Spec):
    """Capital of one investor on one set of terms."""

    kind: Literal["senior", "mezzanine", "junior", "first_loss"]
    """What the tranche is called; who is paid before whom stands in the capital's `order`."""

    investor: Text | None = None
    """Ledger party that puts the money in; by default the tranche's name."""

    commitment: Amount
    """Most that can be drawn, money; a fixed number."""

    drawdown: Drawdown = DRAWDOWN
    """`as_needed`: drawn when a cost falls due; `up_front`: all at the start of the case."""

    return_cap: ReturnCap | None = None
    """Limit on the return; without one the return takes all that reaches it."""

    note: str | None = None
    """Reasoning."""

    @field_validator("commitment")
    @classmethod
    def _check_fixed(cls, commitment: Quantity) -> Quantity:
        if not commitment.is_fixed:
            kind = "commitment"
            message = (
                "got a distribution; a commitment is an agreed, fixed number; "
                "uncertainty belongs to costs and outcomes"
            )
            raise PydanticCustomError(kind, message)
        return commitment


class Guarantee(Spec):
    """A promise to bear part of one tranche's loss of principal.

    It pays min(amount, share x loss) at the last payment, at most what is still lost after the
    guarantees listed before it.
    """

    guarantor: Text
    """Ledger party that pays."""

    tranche: str
    """Tranche that is covered."""

    share: Probability
    """Share of the loss of principal that is covered, in [0, 1]."""

    amount: Amount
    """Most that is paid, money; a fixed number."""

    of: GuaranteeBase = GUARANTEE_OF
    """`committed`: the amount holds however much is drawn; `drawn`: it is reduced to the share of
    the commitment that is drawn."""

    note: str | None = None
    """Reasoning."""

    @field_validator("amount")
    @classmethod
    def _check_fixed(cls, amount: Quantity) -> Quantity:
        if not amount.is_fixed:
            kind = "guarantee"
            message = "got a distribution; a guarantee is an agreed, fixed number"
            raise PydanticCustomError(kind, message)
        return amount


class Capital(Spec):
    """Who finances the costs, and who is repaid in which order."""

    recycle: Flag
    """Whether payments that are held pay later costs before capital is drawn for them; `order`
    then says with `costs` what ranks before the costs still to come."""

    order: tuple[str | tuple[str, ...], ...]
    """The claims on every payment, first to last: `tranche.principal`, `tranche.return`, and
    `costs` with recycling; a nested list ranks equally."""

    surplus: Text
    """Ledger party that receives what no claim takes."""

    surplus_at: SurplusAt = SURPLUS_AT
    """When the surplus is released: at the end of the period of the last payment, until when it
    repays later drawings; or as it arises."""

    draw_order: tuple[str | tuple[str, ...], ...] | None = None
    """The tranches in the order in which they are drawn, a nested list pro rata to commitments;
    by default all pro rata."""

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
            return (tuple(self.tranches),)
        return _levels(self.draw_order)

    @property
    def committed(self) -> float:
        """The most that can be drawn from all tranches together, money."""
        return sum(tranche.commitment.base_value for tranche in self.tranches.values())

    def investor(self, tranche: str) -> str:
        """Return the ledger party behind a tranche."""
        return self.tranches[tranche].investor or tranche

    def is_unlimited(self, claim: str) -> bool:
        """Return whether a claim is a return without a cap, which takes all that reaches it."""
        name, part = split(claim)
        return part == "return" and self.tranches[name].return_cap is None

    @model_validator(mode="after")
    def _check(self) -> Self:
        faults = [*self._order_faults(), *self._draw_order_faults(), *self._guarantee_faults()]
        if faults:
            details: list[InitErrorDetails] = [
                {
                    "type": PydanticCustomError("capital", "{text}", {"text": text}),
                    "loc": loc,
                    "input": self,
                }
                for loc, text in faults
            ]
            raise ValidationError.from_exception_data(type(self).__name__, details)
        return self

    def _order_faults(self) -> Iterator[tuple[tuple[str, ...], str]]:
        here = ("order",)
        known = {f"{name}.{part}" for name in self.tranches for part in PARTS}
        claims = [claim for level in self.levels for claim in level]
        unknown = [claim for claim in claims if claim not in known | {COSTS}]
        for claim in unknown:
            yield (
                here,
                (
                    f"got {claim!r}; a claim is '<tranche>.principal' or '<tranche>.return' of "
                    f"{', '.join(self.tranches)}{nearest(claim, known | {COSTS})}"
                ),
            )
        for claim in _repeated(claims):
            yield here, f"got {claim!r} more than once; a claim has one rank; keep one of them"
        if () in self.levels:
            yield here, "got []; a level holds at least one claim; remove the empty list"
        for name, tranche in self.tranches.items():
            if f"{name}.principal" not in claims:
                yield here, f"has no '{name}.principal'; every tranche needs a rank; add it"
            if tranche.return_cap and f"{name}.return" not in claims:
                yield (
                    here,
                    (
                        f"has no '{name}.return'; a return with a cap needs a rank; "
                        "add it or remove the return_cap"
                    ),
                )
        if COSTS in claims and not self.recycle:
            yield (
                here,
                (
                    "got 'costs'; money pays later costs only with recycling; "
                    "set recycle = true or remove 'costs'"
                ),
            )
        if self.recycle and COSTS not in claims:
            yield (
                here,
                (
                    "has no 'costs'; recycle = true needs the rank of the costs still to come; "
                    "add 'costs', first if they rank before repayment"
                ),
            )
        if not unknown:
            yield from self._unlimited_faults()

    def _unlimited_faults(self) -> Iterator[tuple[tuple[str, ...], str]]:
        for rank, level in enumerate(self.levels):
            unlimited = [claim for claim in level if claim != COSTS and self.is_unlimited(claim)]
            last = rank == len(self.levels) - 1
            if unlimited and not (last and len(unlimited) == len(level)):
                yield (
                    ("order",),
                    (
                        f"got {unlimited[0]!r} before or beside other claims; a return without a "
                        "cap takes all that reaches it; put it last or give it a return_cap"
                    ),
                )

    def _draw_order_faults(self) -> Iterator[tuple[tuple[str, ...], str]]:
        here = ("draw_order",)
        names = [name for level in self.draw_levels for name in level]
        for name in names:
            if name not in self.tranches:
                yield (
                    here,
                    (
                        f"got {name!r}; it must name a tranche; known are "
                        f"{', '.join(self.tranches)}{nearest(name, self.tranches)}"
                    ),
                )
        for name in _repeated(names):
            yield here, f"got {name!r} more than once; a tranche is drawn at one rank; keep one"
        if () in self.draw_levels:
            yield here, "got []; a level holds at least one tranche; remove the empty list"
        for name in self.tranches:
            if name not in names:
                yield here, f"has no {name!r}; every tranche needs a rank; add it"

    def _guarantee_faults(self) -> Iterator[tuple[tuple[str, ...], str]]:
        for name, guarantee in self.guarantees.items():
            if guarantee.tranche not in self.tranches:
                yield (
                    ("guarantees", name, "tranche"),
                    (
                        f"got {guarantee.tranche!r}; it must name a tranche; known are "
                        f"{', '.join(self.tranches)}{nearest(guarantee.tranche, self.tranches)}"
                    ),
                )


def split(claim: str) -> tuple[str, str]:
    """Return the tranche and the part of a claim: `dsi.return` is `dsi` and `return`."""
    name, _, part = claim.rpartition(".")
    return name, part


def _levels(order: tuple[str | tuple[str, ...], ...]) -> Levels:
    return tuple((level,) if isinstance(level, str) else level for level in order)


def _repeated(names: list[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]
