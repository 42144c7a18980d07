"""A published contract, settled on what was really measured; no randomness.

A deal has payment lines, terms and, where they are public, capital, but no model of delivery. It is
settled run by run: a run is one set of reports (a year, a scenario of the contract) and, where
capital is public, the costs that were financed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sibsim.accounts import pay_and_fund
from sibsim.capital.account import CapitalAccount
from sibsim.capital.returns import investor_metrics
from sibsim.core.arrays import BoolArray, FloatArray
from sibsim.core.prices import Index
from sibsim.core.spec import nearest
from sibsim.core.stages import Measurement, Standing
from sibsim.core.timeline import Timeline
from sibsim.core.wording import Language, MeasureWords, designs_words, together
from sibsim.core.words import Words
from sibsim.deals.spec import About, DealCost, DealMeasure, Published, Run
from sibsim.errors import UnknownNameError
from sibsim.metrics import paid_metrics
from sibsim.payments.base import PaymentModel, Terms
from sibsim.payments.payers import shares_of
from sibsim.payments.reading import Of, pooled
from sibsim.payments.settlement import Payments, settle_payments
from sibsim.sections import Contract, ContractTerms, Head, Source

if TYPE_CHECKING:
    import pandas as pd

AMOUNT_FROM = 100
"""Figures from this size on are amounts, shown with two decimals; smaller ones are rates."""

ALL_MEASURED = np.inf
"""End of a contract that runs to its end."""


@dataclass(frozen=True)
class Deal:
    """A published contract; a value, never changed."""

    head: Head
    """Name, title, currency and time."""

    about: About
    """What kind of contract it is, and how much of it is public."""

    measures: Mapping[str, DealMeasure]
    """What is reported, by measure."""

    contract: Contract
    """What is owed, and who funds it where that is public."""

    indices: Mapping[str, Index]
    """Price indices by name."""

    starts: tuple[date, ...]
    """Start of every cohort."""

    runs: Mapping[str, Run]
    """Settlements by name."""

    published: tuple[Published, ...]
    """Figures that were published."""

    sources: Mapping[str, Source]
    """Where they were read."""

    def __repr__(self) -> str:
        """Return name, title, grade and currency."""
        head = self.head
        title = head.title.in_language("en")
        return f"<Deal {head.name}: {title}, grade {self.about.grade}, {head.currency}>"

    @property
    def name(self) -> str:
        """Short name of the deal."""
        return self.head.name

    @cached_property
    def timeline(self) -> Timeline:
        """The periods of the deal."""
        return self.head.timeline

    @property
    def terms(self) -> ContractTerms:
        """When and by whom it is paid, within which limits."""
        agreed = self.contract.terms
        assert agreed is not None  # noqa: S101 - a deal has terms, `load_deal` checks
        return agreed

    @property
    def parties(self) -> frozenset[str]:
        """Every ledger party: payers, holders of a right to end, and those behind the capital."""
        lines, capital = self.contract.payments.values(), self.contract.capital
        found: set[str | None] = set(self.terms.payers)
        found |= {name for line in lines if line.payer for name in shares_of(line.payer)}
        found |= {right.held_by for right in self.terms.termination}
        if capital is not None:
            found |= {capital.investor(tranche) for tranche in capital.tranches}
            found |= set(capital.surplus_shares)
            for each in capital.guarantees.values():
                found |= {each.guarantor, each.fee.payer if each.fee else None}
        return frozenset(name for name in found if name is not None)

    def describe(self, lang: Language = "en") -> tuple[str, ...]:
        """Return every payment rule, limits, the rights to end early and the capital as sentences.

        A payment rule stands after the title of its line, if that has any.

        Parameters
        ----------
        lang
            `da` (Danish) or `en` (English).
        """
        terms, capital, currency = self.terms, self.contract.capital, self.head.currency
        rules = [self._sentence(line, lang=lang) for line in self.contract.payments.values()]
        if limits := terms.limit.sentence(currency=currency):
            rules.append(limits.say(lang))
        words = MeasureWords(payer="", currency=currency, titles=self._titles, units=self._units)
        rules += [right.sentence(words).say(lang) for right in terms.termination]
        if capital is not None:
            rules += capital.describe(lang, currency=currency, parties=self.about.parties)
        return tuple(rules)

    def settle(self, run: str | None = None) -> Settlement:
        """Settle the contract on the reports of a run; no randomness.

        Parameters
        ----------
        run
            Name of the run; without it the first.

        Raises
        ------
        UnknownNameError
            If there is no such run; names the nearest one.
        """
        name = run or next(iter(self.runs))
        if name not in self.runs:
            hint = nearest(name, self.runs) or f"; known are {', '.join(self.runs)}"
            message = f"{self.name} has no run {name!r}{hint}"
            raise UnknownNameError(message)
        return _settled(self, name=name)

    @property
    def _titles(self) -> dict[str, Words | str]:
        """Title of the outcome of every measure."""
        return {name: measure.title for name, measure in self.measures.items()}

    @property
    def _units(self) -> dict[str, str]:
        """What the results of every measure are counted in."""
        return {name: measure.counted_in for name, measure in self.measures.items()}

    def _sentence(self, line: PaymentModel, *, lang: Language) -> str:
        read = [self.measures[each] for each in dict.fromkeys(r.measure for r in line.readings)]
        first = read[0] if read else None
        payers = shares_of(line.payer) if line.payer else self.terms.payers
        words = MeasureWords(
            payer=together(payers, parties=self.about.parties),
            outcome=first.title if first else "",
            design=designs_words([(each.title, each.design) for each in read]) if read else "",
            currency=self.head.currency,
            follow_up_months=first.follow_up_months if first else (),
            titles=self._titles,
            units=self._units,
        )
        rule = line.describe(lang, words=words)
        return rule if line.title is None else f"{line.title.in_language(lang)}: {rule}"


@dataclass(frozen=True)
class Settlement:
    """What a deal comes to on the reports of one run."""

    deal: Deal
    """The deal."""

    run: str
    """Name of the run."""

    metrics: Mapping[str, float]
    """Figures that are defined, by name: `payments_total`, `payments.<line>`,
    `payments.<line>.<year>`, `paid.<line>` (1 where anything is paid), `limit_bound.<limit>`,
    `result.<measure>.<of>`; of a line with a principal `of_principal.<line>.<year>`, what it pays
    in the year as a share of it; where the capital is public `capital_committed`, with deferred
    fees, and `investor_irr` and so on."""

    payments: Payments
    """What is owed, paid and cut by limits."""

    account: CapitalAccount | None
    """What the tranches put in and get out, where the capital is public."""

    def metric(self, name: str) -> float:
        """Return one figure.

        Raises
        ------
        UnknownNameError
            If there is no such metric; names the nearest one.
        """
        if name not in self.metrics:
            hint = nearest(name, self.metrics) or f"; known are {', '.join(self.metrics)}"
            message = f"{self.deal.name}, {self.run}: no metric {name!r}{hint}"
            raise UnknownNameError(message)
        return self.metrics[name]

    def cash_flows(self) -> pd.DataFrame:
        """Return what is paid by line, what tranches draw and receive, guarantees and surplus.

        One row per period in which anything moves; amounts in the deal's currency, current prices.
        """
        import pandas as pd

        columns = {f"payments.{name}": paid for name, paid in self.payments.paid.items()}
        if self.account is not None:
            for name in self.account.capital.tranches:
                columns[f"{name}.drawn"] = self.account.drawn[name]
                columns[f"{name}.received"] = self.account.received[name]
            for name, paid in self.account.guarantee_paid.items():
                columns[f"{name}.paid"] = paid
            columns["surplus"] = self.account.surplus
        frame = pd.DataFrame(
            {name: amount[:, 0] for name, amount in columns.items()},
            index=list(self.deal.timeline.labels),
        )
        frame.index.name = "period"
        return frame[(frame != 0).any(axis=1)]

    def __repr__(self) -> str:
        """Return the figures, one a line."""
        title = self.deal.runs[self.run].title.in_language("en")
        lines = [f"{self.deal.head.title.in_language('en')}: {title}"]
        width = max(map(len, self.metrics), default=0)
        for name, value in self.metrics.items():
            digits = 2 if abs(value) >= AMOUNT_FROM else 4
            lines.append(f"  {name:<{width}}  {value:>18,.{digits}f}")
        return "\n".join(lines)


def _settled(deal: Deal, *, name: str) -> Settlement:
    run, agreed = deal.runs[name], deal.terms
    timeline = deal.timeline
    measured = {measure: _measurement(deal, measure=measure, run=run) for measure in deal.measures}
    lines = {
        key: line
        for key, line in deal.contract.payments.items()
        if run.lines is None or key in run.lines
    }
    standing = Standing(
        served=np.ones((len(deal.starts), 1), dtype=np.bool_),
        end=np.full(1, ALL_MEASURED),
        cause=np.zeros(1, dtype=np.int8),
    )
    factors = {
        key: index.factor(timeline.year_of_period, price_year=deal.head.price_year)
        for key, index in deal.indices.items()
    }
    last = timeline.months_at(agreed.last_payment)
    planned = np.ones(len(deal.starts))
    terms = Terms(timeline, agreed.lag_months, last, planned, factors)
    account = None
    if deal.contract.capital is None:
        payments = settle_payments(
            lines,
            measured=measured,
            standing=standing,
            limits=agreed.limit,
            terms=terms,
            payers=agreed.payers,
        )
    else:
        funding = pay_and_fund(
            Contract(terms=agreed, payments=lines, capital=deal.contract.capital),
            measured=measured,
            standing=standing,
            costs=_costs(run.costs, timeline=timeline),
            planned=planned,
            timeline=timeline,
            factors=factors,
        )
        payments, account = funding.payments, funding.account
    found = dict(_results(measured))
    found |= {key: float(value[0]) for key, value in paid_metrics(payments).items()}
    found |= {f"paid.{key}": float(payments.paid[key].any()) for key in lines}
    found |= dict(_by_year(lines, paid=payments.paid, measured=measured, terms=terms))
    if account is not None:
        tranches = account.capital.tranches.values()
        found["capital_committed"] = sum(each.commitment.base_value for each in tranches)
        earned = investor_metrics(account, rate=None, periods_per_year=timeline.periods_per_year)
        found |= {key: float(value[0]) for key, value in earned.items()}
    defined = {key: value for key, value in found.items() if not np.isnan(value)}
    return Settlement(deal, name, defined, payments, account)


def _by_year(
    lines: Mapping[str, PaymentModel],
    *,
    paid: Mapping[str, FloatArray],
    measured: Mapping[str, Measurement],
    terms: Terms,
) -> Iterator[tuple[str, float]]:
    """Yield what every line pays in a year, and what share of its principal that is.

    Years in which it pays, and those in which a result that it reads would have been paid for.
    """
    years = terms.timeline.year_of_period
    for name, line in lines.items():
        periods = {int(period) for period in np.flatnonzero(paid[name][:, 0])}
        for reading in line.readings:
            report = measured[reading.measure]
            when = report.when[report.treated_n > 0]
            periods |= {int(period) for period in terms.period(when) if period < len(years)}
        principal = getattr(line, "principal", 0.0)
        for year in sorted({int(years[period]) for period in periods}):
            amount = float(paid[name][years == year].sum())
            yield f"payments.{name}.{year}", amount
            if principal:
                yield f"of_principal.{name}.{year}", amount / principal


def _results(measured: Mapping[str, Measurement]) -> Iterator[tuple[str, float]]:
    """Yield the last result reported of every measure, as a rate and where compared as changes."""
    readings: tuple[Of, ...] = ("rate", "effect", "reduction", "uplift")
    for name, report in measured.items():
        reported = report.treated_n.any(axis=(0, 2))
        if not reported.any():
            continue
        position = int(np.flatnonzero(reported)[-1])
        served = np.ones((len(report.when), 1), dtype=np.bool_)
        for of in readings if report.comparison_n.any() else readings[:1]:
            result = pooled(report, of=of, position=position, served=served)
            yield f"result.{name}.{of}", float(result.value[0])


def _measurement(deal: Deal, *, measure: str, run: Run) -> Measurement:
    """Return the reports of one measure as stages exchange them; what has no row is nobody."""
    months = deal.measures[measure].follow_up_months
    starts = np.array([deal.timeline.months_at(day) for day in deal.starts])
    shape = (len(starts), len(months), 1)
    treated, people, comparison, others = (np.zeros(shape) for _ in range(4))
    for report in run.reported:
        if report.measure == measure:
            here = (report.cohort - 1, months.index(report.at_months))
            treated[here], people[here] = report.achieved, report.people
            comparison[here] = report.comparison_achieved or 0.0
            others[here] = report.comparison_people or 0.0
    return Measurement(
        follow_up_months=months,
        when=starts[:, np.newaxis, np.newaxis] + np.array(months, dtype=np.float64)[:, np.newaxis],
        treated_sum=treated,
        treated_n=people,
        comparison_sum=comparison,
        comparison_n=others,
        claims=_claims(treated, people=people) if run.by_person else None,
    )


def _claims(achieved: FloatArray, *, people: FloatArray) -> tuple[BoolArray, ...]:
    """Return who may be claimed of each cohort, (P_c, K, 1): of everyone, the first so many."""
    return tuple(
        np.arange(int(of.max()))[:, np.newaxis, np.newaxis] < number
        for number, of in zip(achieved, people, strict=True)
    )


def _costs(costs: Iterable[DealCost], *, timeline: Timeline) -> FloatArray:
    """Return what the capital financed in each period, (T, 1)."""
    posted = np.zeros((timeline.periods, 1))
    for cost in costs:
        position = np.array([timeline.months_at(cost.on)])
        posted += timeline.post(np.array([cost.amount]), position)[0]
    return posted
