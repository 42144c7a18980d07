"""Capital of one investor on one set of terms: kind, drawing, coupon, limit on the return.

Kinds found in published contracts: Roca, Massachusetts, had senior and junior loans, grants and
fees that the provider deferred (Urban Institute, Juvenile Justice Pay for Success Initiative,
project fact sheet, https://pfs.urban.org/pfs-project-fact-sheets/content/juvenile-justice-pay-success-initiative,
2014); Aspire, Adelaide, paid a fixed coupon first and coupons by performance later, and Limburg had
a revolving facility (GO Lab, INDIGO, https://golab-indigo-data-store.herokuapp.com, 2025).

Assumptions: money that is drawn by schedule before it is needed waits in the account; a deferred
fee is no part of the costs that the capital finances, so its share of the provider's costs is a
cost line with the provider as payer.
"""

from __future__ import annotations

import datetime as dt
import math
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from sibsim.core.parameters import Amount, Provenance, Quantity
from sibsim.core.spec import Date, Flag, Money, Name, Number, Rate, Spec

Kind = Literal[
    "grant", "recoverable_grant", "first_loss", "junior", "mezzanine", "senior", "deferred_fee"
]
"""What a tranche is."""

Drawdown = Literal["as_needed", "up_front", "by_schedule"]
"""Whether capital is drawn when a cost falls due, all at the start of the case, or on dates."""

DRAWDOWN: Drawdown = "as_needed"
"""Default drawdown: capital is called against need and the unspent part is never called."""

Text = Annotated[str, Field(min_length=1)]
"""A text of at least one character."""

NonNegativeRate = Annotated[Rate, Field(ge=0)]
"""A rate a year in [0, 1]."""

ROUNDING = 1e-9
"""Amounts may exceed what they are part of by this share of it: rounding of a sum."""


class ReturnCap(Provenance):
    """The most a tranche may earn or receive."""

    basis: Literal["irr", "simple", "multiple"]
    """`irr`: the unpaid return itself earns the rate, so that a tranche paid to its cap has that
    internal rate of return; `simple`: rate x outstanding principal x years, not compounding;
    `multiple`: all that is received is at most a multiple of what is drawn."""

    rate: NonNegativeRate | None = None
    """Rate a year, in [0, 1]; of `irr` and `simple`."""

    multiple: Annotated[Number, Field(ge=1)] | None = None
    """Most that is received, as a multiple of what is drawn, 1 or more; of `multiple`."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        wanted, other = ("rate", "multiple") if self.basis != "multiple" else ("multiple", "rate")
        kind, context = "return_cap", {"basis": self.basis, "wanted": wanted, "other": other}
        if getattr(self, wanted) is None:
            message = "has no {wanted}; basis = '{basis}' limits the return by it; add {wanted}"
            raise PydanticCustomError(kind, message, context)
        if getattr(self, other) is not None:
            message = "got {other} with basis = '{basis}'; it reads {wanted} alone; remove {other}"
            raise PydanticCustomError(kind, message, context)
        return self


class Coupon(Provenance):
    """A fixed coupon, which accrues on the outstanding principal."""

    rate: NonNegativeRate
    """Rate a year, in [0, 1]."""

    basis: Literal["simple", "compound"]
    """`simple`: rate x outstanding principal x years; `compound`: the unpaid coupon itself earns
    the rate, which is effective annual."""

    until: Date | None = None
    """Last day on which it accrues; by default it does so until the last payment."""


class Instalment(Spec):
    """An amount on a date."""

    on: Date
    """The date; a date before the start of the case counts as its first day."""

    amount: Money
    """The amount, money."""


class Fee(Spec):
    """How a deferred fee is earned by delivery: so much a year, or amounts on dates."""

    per_year: Money | None = None
    """Amount a year, money, from `from` to `to`, by days."""

    from_: Date | None = Field(default=None, alias="from")
    """First day of a fee per year."""

    to: Date | None = None
    """Last day of a fee per year."""

    at: tuple[Instalment, ...] = ()
    """Amounts on dates, instead of a fee per year."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        yearly = (self.per_year, self.from_, self.to)
        kind = "fee"
        if self.at and yearly != (None, None, None):
            message = "got at beside per_year, from or to; a fee is one or the other; remove one"
            raise PydanticCustomError(kind, message)
        if not self.at and None in yearly:
            message = (
                "needs per_year, from and to, or at = [{ on = ..., amount = ... }]; "
                "add what is missing"
            )
            raise PydanticCustomError(kind, message)
        if self.from_ and self.to and self.from_ > self.to:
            message = "got from {start} after to {end}; a fee ends after it begins; change one"
            raise PydanticCustomError(kind, message, {"start": self.from_, "end": self.to})
        return self


class Tranche(Spec):
    """Capital of one investor on one set of terms, or a fee that the provider defers."""

    kind: Kind
    """What the tranche is; who is paid before whom stands in the capital's `order`. A `grant` is
    drawn and never repaid, a `recoverable_grant` is repaid without a return, a `deferred_fee` puts
    in no money: it is earned by delivery and paid out of the waterfall."""

    investor: Text | None = None
    """Ledger party that puts the money in, or that defers the fee; by default the tranche's name.
    The provider may be one."""

    commitment: Amount
    """Most that can be drawn, money; a fixed number. Of a revolving tranche the most that may be
    outstanding, of a deferred fee the most that can be earned."""

    drawdown: Drawdown = DRAWDOWN
    """`as_needed`: drawn when a cost falls due; `up_front`: all at the start of the case;
    `by_schedule`: on the dates of `schedule`."""

    schedule: tuple[Instalment, ...] = ()
    """What is drawn on which dates, together at most the commitment; of `by_schedule`."""

    revolving: Flag = False
    """Whether principal that has been repaid can be drawn again."""

    coupon: Coupon | None = None
    """Fixed coupon, claimed as `<tranche>.coupon`."""

    return_cap: ReturnCap | None = None
    """Limit on the return, coupon included; without one the return takes all that reaches it."""

    fee: Fee | None = None
    """How a deferred fee is earned; it is claimed as `<tranche>.fee`."""

    paid_from: tuple[Name, ...] = ()
    """Payment lines that alone pay the tranche's claims, in the order in which they are used; what
    the claims leave joins the common money in the same period. By default the common money."""

    note: str | None = None
    """Reasoning."""

    @property
    def parts(self) -> tuple[str, ...]:
        """What the tranche may claim."""
        if self.kind == "grant":
            return ()
        if self.kind == "deferred_fee":
            return ("fee",)
        if self.kind == "recoverable_grant":
            return ("principal",)
        return ("principal", "coupon", "return") if self.coupon else ("principal", "return")

    @property
    def is_drawn(self) -> bool:
        """Whether the tranche puts money in."""
        return self.kind != "deferred_fee"

    @property
    def is_investment(self) -> bool:
        """Whether the tranche puts money in and claims it back."""
        return self.kind not in {"grant", "deferred_fee"}

    @property
    def dates(self) -> tuple[tuple[str, dt.date], ...]:
        """The field and date of everything that is drawn or earned on an agreed day."""
        fee = self.fee
        return (
            *(("schedule", each.on) for each in self.schedule),
            *(("fee", each.on) for each in (fee.at if fee else ())),
            *((("fee", fee.to),) if fee and fee.to else ()),
        )

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

    @model_validator(mode="after")
    def _check_kind(self) -> Self:
        """Refuse terms that the kind cannot have."""
        kind, context = "kind", {"kind": self.kind}
        stated = self.model_fields_set - {"kind", "investor", "commitment", "note"}
        needless = sorted(
            name
            for name in stated & _FOREIGN.get(self.kind, frozenset())
            if getattr(self, name) != type(self).model_fields[name].default
        )
        if needless:
            message = "got {term} with kind = '{kind}', which {why}; remove it or take another kind"
            raise PydanticCustomError(
                kind, message, {**context, "term": needless[0], "why": _WHY[self.kind]}
            )
        if self.kind == "deferred_fee" and self.fee is None:
            message = "has no fee; a deferred fee says how it is earned; add fee = {{ ... }}"
            raise PydanticCustomError(kind, message.replace("{{", "{").replace("}}", "}"))
        if self.kind != "deferred_fee" and self.fee is not None:
            message = "got fee with kind = '{kind}'; only a deferred_fee is earned; remove it"
            raise PydanticCustomError(kind, message, context)
        return self

    @model_validator(mode="after")
    def _check_drawdown(self) -> Self:
        kind = "drawdown"
        if (self.drawdown == "by_schedule") != bool(self.schedule):
            message = (
                "got drawdown = '{drawdown}' with {number} entries in schedule; by_schedule and "
                "schedule = [{example}] go together; add the other or remove one"
            )
            context = {
                "drawdown": self.drawdown,
                "number": len(self.schedule),
                "example": "{ on = 2024-01-01, amount = 1_000_000 }",
            }
            raise PydanticCustomError(kind, message, context)
        if self.revolving and self.drawdown != "as_needed":
            message = (
                "got revolving = true with drawdown = '{drawdown}'; only what is drawn as needed "
                "can be drawn again; write drawdown = 'as_needed' or remove revolving"
            )
            raise PydanticCustomError(kind, message, {"drawdown": self.drawdown})
        return self

    @model_validator(mode="after")
    def _check_amounts(self) -> Self:
        """Refuse instalments beyond the commitment, and a coupon beyond the cap on the return."""
        most = self.commitment.base_value
        stated = {"schedule": self.schedule, "fee": self.fee.at if self.fee else ()}
        for name, instalments in stated.items():
            total = math.fsum(each.amount for each in instalments)
            if total > most * (1 + ROUNDING):
                message = (
                    "{name} sums to {total}, more than the commitment of {most}; "
                    "lower an amount or raise the commitment"
                )
                context = {"name": name, "total": f"{total:,.2f}", "most": f"{most:,.2f}"}
                raise PydanticCustomError(name, message, context)
        limit = self.return_cap.rate if self.return_cap else None
        if self.coupon and limit is not None and self.coupon.rate > limit:
            kind = "coupon"
            message = (
                "got a coupon of {coupon} with a return_cap of {cap}; what is above the cap can "
                "never be paid; lower the coupon or raise the cap"
            )
            context = {"coupon": f"{self.coupon.rate:g}", "cap": f"{limit:g}"}
            raise PydanticCustomError(kind, message, context)
        if len(set(self.paid_from)) < len(self.paid_from):
            kind, message = "paid_from", "got a line twice in paid_from; keep one of them"
            raise PydanticCustomError(kind, message)
        return self


_FOREIGN = {
    "grant": frozenset({"coupon", "return_cap", "paid_from", "revolving"}),
    "recoverable_grant": frozenset({"coupon", "return_cap"}),
    "deferred_fee": frozenset({"drawdown", "schedule", "revolving", "coupon", "return_cap"}),
}
"""Fields that a kind cannot have."""

_WHY = {
    "grant": "is never repaid",
    "recoverable_grant": "is repaid without a return",
    "deferred_fee": "puts in no money",
}
"""Why."""
