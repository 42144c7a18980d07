"""What no capital can be: claims that nobody has, ranks that are never paid, cover beyond the loss.

Every function yields the place of a fault and its text: what was given, the rule, the way out.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sibsim.capital.tranche import ROUNDING, Tranche
from sibsim.core.spec import nearest

if TYPE_CHECKING:
    from sibsim.capital.spec import Capital

COSTS = "costs"
"""The level of the waterfall that sets money aside for the costs still to come."""

PARTS = ("principal", "coupon", "return", "fee")
"""What a tranche may claim: the money it put in, the coupon or the return on it, a deferred fee."""

FaultAt = tuple[tuple[str, ...], str]
"""Where a fault is, and what it says."""


def split(claim: str) -> tuple[str, str]:
    """Return the tranche and the part of a claim: `dsi.return` is `dsi` and `return`."""
    name, _, part = claim.rpartition(".")
    return name, part


def faults_of(capital: Capital) -> Iterator[FaultAt]:
    """Yield every fault of a capital as a whole."""
    claims = [claim for level in capital.levels for claim in level]
    yield from _claims(capital, claims)
    yield from _costs(capital, claims)
    if all(claim in _known(capital) for claim in claims):
        yield from _ranks(capital)
    yield from _draw_order(capital)
    yield from _guarantees(capital)
    yield from _surplus(capital)


def _known(capital: Capital) -> set[str]:
    """Return every claim that somebody may have."""
    tranches = capital.tranches.items()
    return {COSTS, *(f"{name}.{part}" for name, each in tranches for part in each.parts)}


def _claims(capital: Capital, claims: list[str]) -> Iterator[FaultAt]:
    """Refuse unknown and repeated claims, and tranches without a rank."""
    here = ("order",)
    known = _known(capital)
    for claim in claims:
        if claim not in known:
            yield here, _why_unknown(capital, claim, known)
    for claim in _repeated(claims):
        yield here, f"got {claim!r} more than once; a claim has one rank; keep one of them"
    if () in capital.levels:
        yield here, "got []; a level holds at least one claim; remove the empty list"
    for name, tranche in capital.tranches.items():
        for part, why in _needed(tranche):
            if f"{name}.{part}" not in claims:
                yield here, f"has no '{name}.{part}'; {why}"


def _why_unknown(capital: Capital, claim: str, known: set[str]) -> str:
    name, part = split(claim)
    tranche = capital.tranches.get(name)
    if tranche is not None and part in PARTS:
        held = " and ".join(repr(f"{name}.{each}") for each in tranche.parts) or "nothing"
        way_out = f"remove it; with kind = {tranche.kind!r} {name} claims {held}"
        if part == "coupon" and tranche.is_investment:
            way_out = f"remove it or give {name} a coupon"
        return f"got {claim!r}, which {name} does not claim; {way_out}"
    listed = ", ".join(f"'{each}'" for each in sorted(known))
    return f"got {claim!r}; a claim is one of {listed}{nearest(claim, known)}"


def _needed(tranche: Tranche) -> Iterator[tuple[str, str]]:
    """Yield the parts that need a rank, and why."""
    if "principal" in tranche.parts:
        yield "principal", "every tranche needs a rank; add it"
    if tranche.coupon:
        yield "coupon", "a coupon needs a rank; add it or remove the coupon"
    if tranche.return_cap:
        yield "return", "a return with a cap needs a rank; add it or remove the return_cap"
    if tranche.fee:
        yield "fee", "a deferred fee needs a rank; add it"


def _costs(capital: Capital, claims: list[str]) -> Iterator[FaultAt]:
    if COSTS in claims and not capital.recycle:
        yield (
            ("order",),
            (
                "got 'costs'; money pays later costs only with recycling; "
                "set recycle = true or remove 'costs'"
            ),
        )
    if capital.recycle and COSTS not in claims:
        yield (
            ("order",),
            (
                "has no 'costs'; recycle = true needs the rank of the costs still to come; "
                "add 'costs', first if they rank before repayment"
            ),
        )


def _ranks(capital: Capital) -> Iterator[FaultAt]:
    """Refuse levels paid from different money, coupons after returns and what is never paid."""
    here = ("order",)
    levels = capital.levels
    money = [capital.money_of(level) for level in levels]
    for level, sources in zip(levels, money, strict=True):
        if len(sources) > 1:
            yield (
                here,
                (
                    f"got {' and '.join(map(repr, level))} at one rank; claims of one rank are "
                    "paid from the same lines; give them ranks of their own, or the same paid_from"
                ),
            )
    rank = {claim: place for place, level in enumerate(levels) for claim in level}
    for name in capital.tranches:
        coupon, back = rank.get(f"{name}.coupon"), rank.get(f"{name}.return")
        if coupon is not None and back is not None and coupon >= back:
            yield (
                here,
                (
                    f"got '{name}.coupon' after or beside '{name}.return'; a coupon is paid before "
                    "the return; move it up"
                ),
            )
    for place, level in enumerate(levels):
        unlimited = [claim for claim in level if claim != COSTS and capital.is_unlimited(claim)]
        if not unlimited:
            continue
        taken = next(iter(money[place]))
        starved = any(
            not sources or any(each == taken or (each and each < taken) for each in sources)
            for sources in money[place + 1 :]
        )
        if starved or len(unlimited) < len(level):
            yield (
                here,
                (
                    f"got {unlimited[0]!r} before or beside other claims; a return without a "
                    "cap takes all that reaches it; put it last or give it a return_cap"
                ),
            )


def _draw_order(capital: Capital) -> Iterator[FaultAt]:
    here = ("draw_order",)
    names = [name for level in capital.draw_levels for name in level]
    for name in names:
        if name not in capital.tranches:
            yield (
                here,
                (
                    f"got {name!r}; it must name a tranche; known are "
                    f"{', '.join(capital.tranches)}{nearest(name, capital.tranches)}"
                ),
            )
        elif not capital.tranches[name].is_drawn:
            yield here, f"got {name!r}, a deferred_fee; it puts in no money; remove it"
    if not any(tranche.is_drawn for tranche in capital.tranches.values()):
        yield ("tranches",), "holds deferred fees only; nobody puts money in; add who does"
        return
    for name in _repeated(names):
        yield here, f"got {name!r} more than once; a tranche is drawn at one rank; keep one"
    if () in capital.draw_levels:
        yield here, "got []; a level holds at least one tranche; remove the empty list"
    for name, tranche in capital.tranches.items():
        if name not in names and tranche.is_drawn:
            yield here, f"has no {name!r}; every tranche needs a rank; add it"


def _guarantees(capital: Capital) -> Iterator[FaultAt]:
    for name, guarantee in capital.guarantees.items():
        here = ("guarantees", name)
        tranche = capital.tranches.get(guarantee.tranche)
        if tranche is None:
            yield (
                (*here, "tranche"),
                (
                    f"got {guarantee.tranche!r}; it must name a tranche; known are "
                    f"{', '.join(capital.tranches)}{nearest(guarantee.tranche, capital.tranches)}"
                ),
            )
            continue
        if not tranche.is_investment:
            yield (
                (*here, "tranche"),
                (
                    f"got {guarantee.tranche!r}, a {tranche.kind}; it has no principal to lose; "
                    "name a tranche that is repaid"
                ),
            )
        if guarantee.guarantor == capital.investor(guarantee.tranche):
            yield (
                (*here, "guarantor"),
                (
                    f"got {guarantee.guarantor!r}, the investor of {guarantee.tranche}; nobody "
                    "bears its own loss twice; name another party"
                ),
            )
        stated = {
            "amount": guarantee.amount.base_value if guarantee.amount else 0.0,
            "layer": guarantee.layer.to if guarantee.layer else 0.0,
        }
        most = tranche.commitment.base_value
        for field, amount in stated.items():
            if amount > most * (1 + ROUNDING):
                yield (
                    (*here, field),
                    (
                        f"got {amount:,.0f}; it covers more than the {most:,.0f} that "
                        f"{guarantee.tranche} can lose; lower it to the commitment"
                    ),
                )


def _surplus(capital: Capital) -> Iterator[FaultAt]:
    total = math.fsum(capital.surplus_shares.values())
    if abs(total - 1) > ROUNDING:
        yield ("surplus",), f"got shares of the surplus that sum to {total:g}; they sum to 1"


def _repeated(names: list[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]
