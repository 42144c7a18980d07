"""Limits of a contract, one after the other, each on what the one before has left.

In period t with sigma claimed and S claimed up to and with t (in the year, for a limit per year), a
limit L cuts min(sigma, max(S - L, 0)), every line in proportion. Other public money N is set off
first: min(sigma, max(N - (S - sigma), 0)). Source: docs/model.md, section 9, limits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from sibsim.accounts import settle
from sibsim.core.wording import party_words
from sibsim.core.words import Words
from sibsim.payments.base import Terms
from sibsim.payments.limits import ContractLimit
from sibsim.payments.settlement import settle_payments
from sibsim.reports.workbook.blocks import Block, Column
from sibsim.reports.workbook.formulas import (
    Formula,
    added,
    largest,
    smallest,
    sum_where,
    total,
    where,
)
from sibsim.reports.workbook.model import Live
from sibsim.reports.workbook.payments import words

Key = tuple[str, str]
"""A line and a payer."""


@dataclass(eq=False)
class Limiting:
    """What is left of payments while limits are applied."""

    block: Block
    """A block with one row per period."""

    year: Column
    """Calendar year of every period."""

    left: dict[Key, Column]
    """What is left, by line and payer."""

    titles: dict[str, str]
    """What lines are called."""

    cut: dict[str, list[Column]] = field(default_factory=dict)
    """What each limit cuts, by its name in the library; that per person by line."""

    called: dict[str, Words] = field(default_factory=dict)
    """What each limit is called, by the same name."""

    def apply(
        self,
        name: str,
        cap: Formula,
        *,
        title: Words,
        of: Callable[[Key], bool] = lambda _: True,
        by_year: bool = False,
        below: bool = False,
    ) -> None:
        """Apply one limit.

        Parameters
        ----------
        name
            Its name in the library.
        cap
            Most that may be paid.
        title
            What it is called.
        of
            Which lines and payers it is of.
        by_year
            Whether it holds for each calendar year.
        below
            Whether what lies below it is cut, and not what lies above.
        """
        keys = [key for key in self.left if of(key)]
        if not keys:
            return
        claimed = self._together(keys, title=title)

        def lost(t: int) -> Formula:
            so_far = total(claimed.up_to(t))
            if by_year:
                so_far = sum_where(claimed.up_to(t), keys=self.year.up_to(t), key=self.year.at(t))
            excess = cap - (so_far - claimed.at(t)) if below else so_far - cap
            return smallest(claimed.at(t), largest(excess, 0))

        note = words.NETTED_NOTE if below else words.CUT_NOTE
        cut = self.block.column(words.of(words.CUT, title), lost, note=note)
        self.cut[name], self.called[name] = [cut], title
        if len(keys) == 1:
            self.left[keys[0]] = self.block.column(
                words.of(words.AFTER_ALONE, title), lambda t: claimed.at(t) - cut.at(t)
            )
            return
        kept = self.block.column(
            words.of(words.KEPT, title),
            lambda t: where(claimed.at(t) > 0, 1 - cut.at(t) / claimed.at(t), 1),
            kind="share",
        )
        for key in keys:
            before = self.left[key]
            self._after(key, title, lambda t, before=before: before.at(t) * kept.at(t))  # type: ignore[misc]  # the loop's column is kept

    def _together(self, keys: list[Key], *, title: Words) -> Column:
        if len(keys) == 1:
            return self.left[keys[0]]
        return self.block.column(
            words.of(words.TOGETHER, title),
            lambda t: added([self.left[key].at(t) for key in keys]),
        )

    def _after(self, key: Key, title: Words, cells: Callable[[int], Formula]) -> None:
        name = self.titles[key[0]]
        shared = sum(1 for line, _ in self.left if line == key[0]) > 1
        of_line = words.of(words.OF_PAYER, party_words(key[1]), name) if shared else name
        self.left[key] = self.block.column(words.of(words.AFTER, title, of_line), cells)


def apply_limits(live: Live, limiting: Limiting) -> None:
    """Apply all limits that a contract states but that per person, in their order.

    Parameters
    ----------
    live
        The workbook.
    limiting
        What is left before the first of them.
    """
    terms = live.case.contract.terms
    assert terms is not None  # noqa: S101 - a case that runs has a contract
    limit, inputs = terms.limit, live.inputs
    for name, line in live.case.contract.payments.items():
        if line.limit is not None:
            limiting.apply(
                f"line.{name}",
                inputs.get(f"payments.{name}.limit.line", line.limit.line),
                title=words.of(words.LIMIT_OF_LINE, limiting.titles[name]),
                of=lambda key, name=name: key[0] == name,  # type: ignore[misc]  # the loop's name is kept
            )
    if limit.year is not None:
        cap = inputs.get("contract.limit.year", limit.year)
        limiting.apply("year", cap, title=words.LIMIT_OF_YEAR, by_year=True)
    for payer, most in limit.payer.items():
        limiting.apply(
            f"payer.{payer}",
            inputs.get(f"contract.limit.payer.{payer}", most),
            title=words.of(words.LIMIT_OF_PAYER, party_words(payer)),
            of=lambda key, payer=payer: key[1] == payer,  # type: ignore[misc]  # the loop's payer is kept
        )
    if limit.contract is not None:
        cap = inputs.get("contract.limit.contract", limit.contract)
        limiting.apply("contract", cap, title=words.LIMIT_OF_CONTRACT)
    if limit.netting is not None:
        cap = inputs.get("contract.limit.netting", limit.netting)
        limiting.apply("netting", cap, title=words.NETTING, below=True)


def cut_by_person(live: Live) -> dict[str, np.ndarray]:
    """Return what the limit per person cuts from each line in the base case, (T,) each.

    The workbook knows cohorts and not people, so that these are numbers of the library.

    Parameters
    ----------
    live
        The workbook.
    """
    case, worlds = live.case, live.base.worlds
    terms = case.contract.terms
    assert worlds is not None  # noqa: S101 - a base case keeps its world
    assert terms is not None  # noqa: S101 - a case that runs has a contract
    if terms.limit.person is None:
        return {}
    world, timeline = worlds[0], case.timeline
    years, base_year = timeline.year_of_period, case.head.price_year
    found = settle_payments(
        {
            name: line.model_copy(update={"limit": None})
            for name, line in case.contract.payments.items()
        },
        measured=world.measured,
        standing=settle(case, world).standing,
        limits=ContractLimit(person=terms.limit.person),
        terms=Terms(
            timeline,
            lag_months=terms.lag_months,
            last=timeline.months_at(terms.last_payment),
            planned=world.participation.planned,
            factors={
                name: index.factor(years, price_year=base_year)
                for name, index in case.indices.items()
            },
        ),
        payers=terms.payers,
    )
    of_persons = {
        name
        for name, line in case.contract.payments.items()
        if line.readings and line.person_prices(_measured_at(live, line.readings[0].measure))
    }
    return {
        name: (found.due[name] - found.paid[name])[:, 0] for name in found.due if name in of_persons
    }


def _measured_at(live: Live, measure: str) -> tuple[int, ...]:
    return tuple(live.case.outcomes[live.case.measures[measure].outcome].follow_up_months)
