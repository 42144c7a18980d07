"""How a budget memo shows money: whose, from which year on, in which prices, unit and language.

A memo has a column for its budget year, one for each of three estimate years (Danish overslagsår),
one for all later years and one for the total, in 1,000 kr. at fixed prices (City of Copenhagen,
*Investeringsforslag*, read 2026,
https://docplayer.dk/amp/135920601-Faelles-administration-mellem-ungdomsskolen-og-ungdommens-uddannelsesvejledning.html).
Expense positive is the usual convention of Danish budgets; the sign of that form was not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from numbers import Real
from typing import TYPE_CHECKING, Self

import numpy as np

from sibsim.budget.ledger import yearly
from sibsim.core.arrays import FloatArray, added
from sibsim.core.postings import Frame, Posting
from sibsim.core.prices import index_factor
from sibsim.core.wording import Language, said
from sibsim.figures import QUANTILES
from sibsim.metrics import PUBLIC_PARTIES, ROUNDING
from sibsim.reports.cash import kept_postings
from sibsim.reports.municipal_money import (
    CITIZENS,
    GUARANTEE_FEE,
    Columns,
    Flow,
    Item,
    Row,
    items_of,
)
from sibsim.reports.municipal_words import FINANCING, caption, frame_word, word
from sibsim.results import Results, Sign

if TYPE_CHECKING:
    import pandas as pd

ESTIMATE_YEARS = 3
"""Estimate years (overslagsår) that follow the budget year in a Danish budget."""

TAILS = ("p5", "p95")
"""Quantiles that stand beside a total."""


def is_number(given: object) -> bool:
    """Return whether an argument is a real number and no truth value."""
    return isinstance(given, Real) and not isinstance(given, bool)


@dataclass(frozen=True, kw_only=True)
class Presentation:
    """Whose money is shown, in which years, prices, unit, sign and language."""

    results: Results
    """The run, base case or settlement."""

    party: str
    """Ledger party whose budget it is."""

    budget_year: int
    """Calendar year of the first column; three estimate years follow."""

    prices: str | None
    """Index that turns money into prices of the price year; None: current prices."""

    unit: float
    """Currency that one figure stands for, above 0."""

    sign: Sign
    """Whether what the party gains or what it pays is positive in the rows of its budget."""

    refunds_under_ceiling: bool
    """Whether refunds by the state on service lines count under the service ceiling."""

    lang: Language
    """Language of rows and columns."""

    @property
    def caption(self) -> str:
        """Unit, prices, sign: `1,000 DKK, fixed 2024 prices (index of wages), gains positive`."""
        head = self.results.case.head
        return caption(
            unit=f"{self.unit:,.10g}",
            currency=head.currency,
            year=head.price_year,
            index=self.prices,
            sign=self.sign,
            lang=self.lang,
        )

    def with_sign(self, sign: Sign) -> Self:
        """Return the same with another sign, made once."""
        return self if sign == self.sign else self._mirrored

    @cached_property
    def _mirrored(self) -> Self:
        """The same with the other sign."""
        return replace(
            self,
            sign="expense_positive" if self.sign == "saving_positive" else "saving_positive",
        )

    @property
    def title(self) -> str:
        """Title of the case and whose budget it is."""
        return f"{said(self.results.case.head.title, self.lang)} ({self.party_title(self.party)})"

    @property
    def direction(self) -> float:
        """1 where what the party gains is positive, -1 where what it pays is."""
        return 1.0 if self.sign == "saving_positive" else -1.0

    @cached_property
    def ledger(self) -> tuple[Posting, ...]:
        """The ledger by calendar year."""
        return yearly(kept_postings(self.results), self.results.case.timeline)

    @property
    def items(self) -> tuple[Item, ...]:
        """Rows of the party's budget."""
        return self.items_of(self.party)

    def items_of(self, party: str) -> tuple[Item, ...]:
        """Return the rows of a party's budget, made once."""
        if party not in self._items:
            self._items[party] = items_of(self.ledger, party, weight=self.columns.weight)
        return self._items[party]

    @cached_property
    def _items(self) -> dict[str, tuple[Item, ...]]:
        """Rows of the parties that have been asked for."""
        return {}

    @cached_property
    def net(self) -> FloatArray:
        """What the party gains and can realise in each year, nominal, (Y, 1 or D)."""
        return self.sum_of(item.flow for item in self.items)

    def flow(self, amount: FloatArray) -> Flow:
        """Return money by calendar year, nominal, (Y, 1 or D), as the memo shows it."""
        return Flow(amount, self.columns.weight)

    def sum_of(self, flows: Iterable[Flow]) -> FloatArray:
        """Return the sum of flows by year, (Y, 1 or D); zeros of nothing."""
        return added((flow.amount for flow in flows), shape=(len(self.columns.weight), 1))

    def mean_of(self, flows: Iterable[Flow]) -> FloatArray:
        """Return the mean over draws of the sum of flows, by year, (Y,); zeros of nothing."""
        return added((flow.mean for flow in flows), shape=self.columns.weight.shape)

    @cached_property
    def public_parties(self) -> tuple[str, ...]:
        """Authority, municipality, region and state, those that have money, each once."""
        problem = self.results.case.problem
        named = dict.fromkeys(
            (problem.authority if problem else PUBLIC_PARTIES[0], *PUBLIC_PARTIES)
        )
        known = {name for each in self.ledger for name in (each.payer, each.payee)}
        return tuple(name for name in named if name in known)

    @cached_property
    def deflator(self) -> FloatArray:
        """Price level of each calendar year, 1 in the price year, (Y,)."""
        case = self.results.case
        years = np.array(case.timeline.years)
        if self.prices is None:
            return np.ones(len(years))
        return index_factor(
            self.prices, indices=case.indices, years=years, price_year=case.head.price_year
        )

    @cached_property
    def columns(self) -> Columns:
        """How calendar years become columns."""
        years = np.array(self.results.case.timeline.years)
        before = int(np.sum(years < self.budget_year))
        earlier = any(posting.amount[:before].any() for posting in self.ledger)
        shown = range(self.budget_year, self.budget_year + ESTIMATE_YEARS + 1)
        names = [*map(str, shown), self.word("later"), self.word("total")]
        if earlier:
            names.insert(0, self.word("earlier"))
        first = 0 if earlier else 1
        place = np.clip(years - self.budget_year, -1, len(shown)) + 1 - first
        return Columns(tuple(names), np.maximum(place, 0), 1 / (self.unit * self.deflator))

    @property
    def chance_name(self) -> str:
        """What the probability of a loss is called, as the sign of the memo has it."""
        return self.word("below" if self.direction > 0 else "above")

    def word(self, key: str) -> str:
        """Return what a row or column is called."""
        return word(key, self.lang)

    def party_title(self, party: str) -> str:
        """Return what a party is called."""
        problem = self.results.case.problem
        if problem and party in problem.investors:
            return problem.investors[party]
        known = (*PUBLIC_PARTIES, "citizens")
        return self.word(party) if party in known else party.replace("_", " ")

    def frame_title(self, frame: Frame) -> str:
        """Return what a frame is called: of gains in tax alone, what is outside is financing."""
        case = self.results.case
        names = {item.name for item in self.items if item.frame == frame}
        taxes = {name for name, line in case.budget.items() if line.tax is not None}
        only_tax = frame == "outside" and bool(names) and names <= taxes
        return FINANCING.in_language(self.lang) if only_tax else frame_word(frame, self.lang)

    def gross_title(self, item: Item) -> str:
        """Return what the gross amount of a line is called.

        A *saving* of the party that it belongs to; its *gain* where it is a tax or what citizens
        earn; an *effect* where it costs that party on average, or falls on another party.
        """
        line = self.results.case.budget[item.name]
        if line.party != self.party:
            return self.word("gross effect")
        if line.tax is not None or line.party == CITIZENS:
            return self.word("gross gain")
        costs = item.flow.mean @ item.flow.weight < 0
        return self.word("gross effect" if costs else "gross")

    def line_title(self, item: Item) -> str:
        """Return what the line of a row is called, with its name where two share the title."""
        case = self.results.case
        if item.role in {"grant", "surplus"} or item.name in {"overrun", "termination"}:
            return self.word(item.name if item.role in {"cost", "payment"} else item.role)
        if item.role == "cost" and item.part == GUARANTEE_FEE:
            return f"{item.name}: {self.word(GUARANTEE_FEE)}"
        titles: Mapping[str, str] = {}
        if item.role == "saving":
            titles = {
                name: said(line.title, self.lang) or name for name, line in case.budget.items()
            }
        elif item.role == "cost":
            titles = {
                name: said(line.title, self.lang) if line.title else name.replace("_", " ")
                for name, line in case.costs.items()
            }
        elif item.role == "payment":
            titles = {name: self._payment_title(name) for name in case.contract.payments}
        title = titles.get(item.name, item.name.replace("_", " "))
        return title if list(titles.values()).count(title) <= 1 else f"{title} ({item.name})"

    def _payment_title(self, name: str) -> str:
        """Return the title of a payment line: its own, that of its outcome, or its name."""
        case = self.results.case
        line = case.contract.payments[name]
        own = said(line.title, self.lang) if line.title else ""
        if own or not line.readings or line.readings[0].measure not in case.measures:
            return own or name.replace("_", " ")
        outcome = case.measures[line.readings[0].measure].outcome
        title = case.outcomes[outcome].title
        return (said(title, self.lang) if title else "") or outcome

    def turned(self, gain: FloatArray) -> FloatArray:
        """Return gains in the memo's unit with its sign; within half an øre of zero, zero."""
        nothing = np.abs(gain) * self.unit < ROUNDING
        return np.where(nothing, 0.0, self.direction * gain)

    def chances(self, total: FloatArray) -> list[float]:
        """Return p5, p95 and the probability of a loss of a total, which is in the memo's unit.

        The total is what the party gains, (1 or D,); quantiles are of what is shown.
        """
        tails = np.quantile(self.turned(total), [QUANTILES[name] for name in TAILS])
        return [*tails.tolist(), self.chance(total)]

    def chance(self, total: FloatArray) -> float:
        """Return the probability of a loss of a total in the unit of the memo, (1 or D,)."""
        return float((total * self.unit < -ROUNDING).mean())

    def frame(self, rows: Mapping[tuple[str, ...], Row], *, names: Sequence[str]) -> pd.DataFrame:
        """Return rows as a table: a column per year, the total, and chances beside totals.

        Parameters
        ----------
        rows
            The rows by what they are called, one word per level.
        names
            What the levels are called, as keys of `WORDS`.
        """
        means = np.stack([self.mean_of(row.flows) for row in rows.values()], axis=-1)
        values = self.turned(self.columns.shown(means).T)
        columns = list(self.columns.names)
        if any(row.chance for row in rows.values()):
            columns += [*TAILS, self.chance_name]
            values = np.hstack([values, [self._beside(row) for row in rows.values()]])
        return self.dressed(values, keys=list(rows), names=names, columns=columns)

    def _beside(self, row: Row) -> list[float]:
        """Return the figures beside a total; empty beside other rows."""
        if row.chance:
            return self.chances(added(flow.total for flow in row.flows))
        return [np.nan] * (len(TAILS) + 1)

    def dressed(
        self,
        values: FloatArray,
        *,
        keys: Sequence[tuple[str, ...]],
        names: Sequence[str],
        columns: Sequence[str],
    ) -> pd.DataFrame:
        """Return figures as a table that says whose money it is, in which unit and prices.

        Parameters
        ----------
        values
            Figures by row and column.
        keys
            What the rows are called, one word per level.
        names
            What the levels are called, as keys of `WORDS`.
        columns
            The columns in order.
        """
        import pandas as pd

        levels = [self.word(name) for name in names]
        index = (
            pd.MultiIndex.from_tuples(keys, names=levels)
            if len(levels) > 1
            else pd.Index([key[0] for key in keys], name=levels[0])
        )
        table = pd.DataFrame(values, index=index, columns=list(columns))
        table.columns.name = self.caption
        table.attrs |= {"title": self.title, "caption": self.caption, "sign": self.sign}
        return table
