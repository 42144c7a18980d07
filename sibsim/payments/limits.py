"""Limits on payments: per person, line, calendar year, payer and contract, in this order.

Each limit cuts what is above it, by due date: what is owed first is paid first, and lines that owe
in the same period are cut in proportion to what they claim. What is cut lapses; nothing is carried
over to a later year. Limits on the investor's return belong to the capital.

Because what is cut is gone for the limits that follow, a higher price can lower what a contract
pays in all when a line or person limit stands before a year limit (it is used up early, in a year
that is full), or a person limit before a line limit. Under year and contract limits alone it never
does.

Sources: GO Lab, INDIGO, POJ-0138 (DWP Innovation Fund, GBP 8,200 per person) and POJ-0015 (Cameroon
Kangaroo Mother Care, outcomes worth 3.1 m paid with 2.43 m)
(https://golab-indigo-data-store.herokuapp.com, 2025).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

import numpy as np

from sibsim.core.arrays import FloatArray, IntArray, added
from sibsim.core.spec import Frozen, Money, Spec
from sibsim.core.stages import Measurement
from sibsim.core.wording import Sentence, listing, money, party_words
from sibsim.core.words import Words
from sibsim.errors import ArgumentError

ROUNDING = 1e-12
"""What a claim may pass a limit by, as a share of the limit, without being cut: rounding error of
a sum of some hundred amounts stays below it."""


class ContractLimit(Spec):
    """The limits of a contract over all its lines."""

    person: Money | None = None
    """Most that is paid for one person over all lines that pay person by person for what is
    achieved, in the case's currency. Follow-ups in order of months from the start of service."""

    year: Money | None = None
    """Most that is paid in one calendar year; what is above lapses and is not carried over."""

    payer: Frozen[Money] = Frozen()
    """Most that each payer pays over the whole contract, by party; what is above lapses and no
    other payer bears it."""

    contract: Money | None = None
    """Most that is paid over the whole contract; what is above lapses."""

    netting: Money | None = None
    """Other public money spent on the same service, such as a waiver: so much of what is left after
    all limits, earliest first, counts as paid by it and is not paid again."""

    def sentence(self, *, currency: str) -> Sentence | None:
        """Return the limits as one sentence; None where there is none.

        Parameters
        ----------
        currency
            ISO 4217 code of the case's currency.
        """
        caps = [
            (self.person, Words(da="for en person", en="for one person")),
            (self.year, Words(da="i et kalenderår", en="in a calendar year")),
            *(
                (cap, Words(da=f"fra {party.da}", en=f"from {party.en}"))
                for party, cap in ((party_words(name), cap) for name, cap in self.payer.items())
            ),
            (self.contract, Words(da="i alt", en="in all")),
        ]
        parts = []
        for cap, what in caps:
            if cap is not None:
                amount = money(cap, currency=currency)
                parts.append(
                    Words(da=f"højst {amount.da} {what.da}", en=f"at most {amount.en} {what.en}")
                )
        if self.netting is not None:
            other = money(self.netting, currency=currency)
            parts.append(
                Words(
                    da=f"kun det, der overstiger {other.da} i andre offentlige midler",
                    en=f"only what exceeds {other.en} of other public money",
                )
            )
        if not parts:
            return None
        pattern = Words(da="kontrakten betaler {limits}", en="the contract pays {limits}")
        return Sentence(pattern, {"limits": listing(parts)})


Key = TypeVar("Key")
"""What names an amount: a line, or a line and a payer."""


def cut_running(
    amounts: Mapping[Key, FloatArray],
    *,
    cap: float,
    groups: IntArray,
    periods: Iterable[int],
    below: bool = False,
) -> tuple[dict[Key, FloatArray], FloatArray]:
    """Cut what brings the running total of several lines above a cap, or what stays below it.

    In period t the lines claim s together, S up to and with t in the group; each line is cut by the
    share min(S - cap, s) / s of its claim when S is above the cap. Below: by the share
    min(cap - (S - s), s) / s when the total before t is below it.

    Parameters
    ----------
    amounts
        What each line claims, (T, 1 or D).
    cap
        Most that may be paid in one group, in the case's currency.
    groups
        Group of every period, (T,): the running total starts again where it changes.
    periods
        The periods in which anything is claimed, in order.
    below
        Whether the part up to the cap is cut, and not what is above it.

    Returns
    -------
    kept
        What is left to each line, (T, 1 or D); the same array where nothing was cut.
    cut
        What was cut from all lines together, (T, 1 or D).
    """
    length = len(groups)
    draws = max((amount.shape[-1] for amount in amounts.values()), default=1)
    kept = dict(amounts)
    cut = np.zeros((length, 1))
    total = np.zeros(draws)
    group = None
    for t in periods:
        if groups[t] != group:
            group, total = groups[t], np.zeros(draws)
        claim = added(amount[t] for amount in amounts.values())
        total += claim
        excess = cap - (total - claim) if below else total - cap
        over = excess > cap * ROUNDING
        if over.any():
            excess = np.where(over, np.minimum(excess, claim), 0.0)
            share = excess / np.where(claim > 0, claim, 1.0)
            for name, amount in amounts.items():
                if kept[name] is amount:
                    kept[name] = np.array(np.broadcast_to(amount, (length, draws)))
                kept[name][t] -= amount[t] * share
            if cut.shape[1] < draws:
                cut = np.zeros((length, draws))
            cut[t] = excess
    return kept, cut


def cut_per_person(
    prices: Mapping[str, tuple[float, ...]], *, measured: Mapping[str, Measurement], cap: float
) -> dict[str, FloatArray]:
    """Return what a cap per person cuts from each line at each follow-up.

    Each person's claims are added in order of months from the start of service, over all lines;
    what brings the total above the cap is cut, from lines at the same month in proportion to what
    they claim. With chance off a claim is a probability and the cap meets the expected claim.

    Parameters
    ----------
    prices
        Price of one person's success at every follow-up, (K,), by line.
    measured
        The report that each line reads, by line; with claims by person.
    cap
        Most that is paid for one person, in the case's currency.

    Returns
    -------
    dict
        Money cut, (C, K, 1 or D), by line, as if every cohort were served.

    Raises
    ------
    ArgumentError
        If a report has no claims by person.
    """
    claims = {}
    for line in prices:
        persons = measured[line].claims
        if persons is None:
            message = (
                f"{line}: a limit per person needs results by person, and this report has sums; in "
                "a deal write by_person = true for the run"
            )
            raise ArgumentError(message)
        claims[line] = persons
    draws = max(cohort.shape[-1] for persons in claims.values() for cohort in persons)
    cuts = {
        line: np.zeros((len(persons), len(prices[line]), draws)) for line, persons in claims.items()
    }
    calendar = _follow_ups(prices, measured=measured)
    for cohort in range(len(next(iter(claims.values())))):
        of_cohort = {line: persons[cohort] for line, persons in claims.items()}
        people = max(len(claim) for claim in of_cohort.values())
        total = np.zeros((people, draws))
        most = 0.0
        for events in calendar:
            most += sum(
                prices[line][k] * float(of_cohort[line][:, k].max(initial=0)) for line, k in events
            )
            claimed = {(line, k): prices[line][k] * of_cohort[line][:, k] for line, k in events}
            together = np.zeros_like(total)
            for claim in claimed.values():
                together[: len(claim)] += claim
            total += together
            if most <= cap:
                continue
            excess = np.minimum(total - cap, together)
            excess[excess <= cap * ROUNDING] = 0.0
            excess /= np.where(together > 0, together, 1.0)
            for (line, k), claim in claimed.items():
                cuts[line][cohort, k] = (claim * excess[: len(claim)]).sum(axis=0)
    return cuts


def _follow_ups(
    prices: Mapping[str, tuple[float, ...]], *, measured: Mapping[str, Measurement]
) -> list[list[tuple[str, int]]]:
    """Return the paid follow-ups, (line, k), of each month from the start of service, in order."""
    by_month: dict[int, list[tuple[str, int]]] = {}
    for line, of_line in prices.items():
        for k, months in enumerate(measured[line].follow_up_months):
            if of_line[k] > 0:
                by_month.setdefault(months, []).append((line, k))
    return [by_month[months] for months in sorted(by_month)]
